"""How soon the samples of recipes/stylegan_lite.py are digits.

    python benchmarks/first_digits.py --seed=0
    python benchmarks/first_digits.py --seed=0 --checkout=../older_version

Trains the model of the recipe and prints the share of 1,000 samples, of averaged
weights, that the MNIST network classifies with a probability of at least 0.9. The
seconds are those of training alone, start-up and compilation included. Run it on a
machine that does nothing else.
"""

import pathlib
import runpy
import sys
import time

from absl import app, flags

SEED = flags.DEFINE_integer("seed", 0, "Seed of the weights, the noise and the data.")
STEPS = flags.DEFINE_integer("steps", 1000, "Training steps.")
EVERY = flags.DEFINE_integer("every", 100, "Steps from one measurement to the next.")
CHECKOUT = flags.DEFINE_string("checkout", None, "Another version to measure.")


def main(_):
    """Trains and prints a line for each measurement."""
    root = pathlib.Path(CHECKOUT.value or pathlib.Path(__file__).parents[1]).resolve()
    sys.path.insert(0, str(root))
    import keras
    import tensorflow as tf

    import gan_zoo

    keras.utils.set_random_seed(SEED.value)
    tf.config.experimental.enable_op_determinism()
    recipe = runpy.run_path(str(root / "recipes" / "stylegan_lite.py"))
    gan = recipe["build"]((32, 32, 1), "default")
    gan.seed = SEED.value
    recipe["compile_model"](gan, None, None, [], "default")
    share = gan_zoo.metrics.ConfidentShare()
    seconds = 0.0
    for done in range(0, STEPS.value, EVERY.value):
        # The recipe's data, from where the last measurement stopped.
        train, _ = gan_zoo.data.load(
            "mnist_sample", 32, 32, seed=SEED.value, start=done
        )
        start = time.perf_counter()
        gan.fit(train, steps_per_epoch=EVERY.value, verbose=0)
        seconds += time.perf_counter() - start
        samples = gan.generate(1000, seed=done + EVERY.value)
        share.reset_state()
        share.update_state(samples, samples)
        print(
            f"{done + EVERY.value} steps  {seconds:.0f} s  "
            f"{float(share.result()):.3f} classified with confidence",
            flush=True,
        )


if __name__ == "__main__":
    app.run(main)
