"""Memory of one process that trains one model after the other, as a notebook may.

    python benchmarks/memory.py --free=delete

Each model is a DCGAN of 28×28 images, trained for two steps. Printed is the resident
memory of the process after each model, in MB.
"""

import gc
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from absl import app, flags
from plain_keras import PlainDCGAN

import gan_zoo

FLAGS = flags.FLAGS
flags.DEFINE_enum(
    "free",
    "nothing",
    ["nothing", "delete", "clear"],
    "after each model: nothing, so that the next one takes its name; `del gan` and "
    "`gc.collect()`; or these and `keras.backend.clear_session()`",
)
flags.DEFINE_integer("models", 8, "how many", lower_bound=1)
flags.DEFINE_boolean("plain", False, "a model of plain Keras with the same networks")


def resident():
    """Resident memory of this process in MB, as Linux states it."""
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def trained(plain, images):
    """A new model after two steps."""
    gan = gan_zoo.DCGAN()
    if plain:
        gan = PlainDCGAN(gan.generator, gan.discriminator, gan.latent_dim)
    gan.compile()
    gan.fit(images, batch_size=len(images) // 2, verbose=0)
    return gan


def main(_):
    images = np.random.default_rng(0).uniform(-1, 1, (64, 28, 28, 1)).astype("float32")
    for number in range(FLAGS.models):
        gan = trained(FLAGS.plain, images)
        if FLAGS.free != "nothing":
            del gan
            gc.collect()
        if FLAGS.free == "clear":
            keras.backend.clear_session()
        print(f"model {number + 1}: {resident():.0f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(app.run(main))
