"""Times training steps: the zoo's `fit` against plain Keras and plain PyTorch.

    python benchmarks/steps.py --model=dcgan

Each competitor runs in a process of its own and waits while another works. They take
turns of `--steps` steps; a round is a turn of each; the medians over the rounds and
their ratios are printed. Same architecture, batch, order of updates and threads.
"""

import json
import statistics
import subprocess
import sys
import time

from absl import app, flags

FLAGS = flags.FLAGS
MODEL = flags.DEFINE_enum("model", "dcgan", ["dcgan", "wgan_gp"], "What to train.")
WIDTH = flags.DEFINE_integer("width", 64, "Channels of the outermost level.")
BATCH = flags.DEFINE_integer("batch", 64, "Images per batch.")
STEPS = flags.DEFINE_integer("steps", 100, "Generator steps of a turn.")
ROUNDS = flags.DEFINE_integer("rounds", 5, "Turns of each competitor.")
WORKER = flags.DEFINE_string("worker", None, "Internal: the competitor to be.")

COMPETITORS = ("gan_zoo", "keras", "torch")


def worker(kind):
    """Answers each line of input with the seconds of one turn."""
    turn = torch_turn() if kind == "torch" else keras_turn(kind)
    turn(5)  # compiles, allocates
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        turn(STEPS.value)
        print(time.perf_counter() - start, flush=True)


def keras_turn(kind):
    """`fit` of the zoo's model or of the plain one, on images in memory."""
    import numpy as np
    import tensorflow as tf
    from plain_keras import PlainDCGAN, PlainWGANGP

    import gan_zoo
    from gan_zoo.networks import dcgan, wgan_gp

    shape = (28, 28, 1)
    images = np.random.default_rng(0).uniform(-1, 1, (4096, *shape)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices(images).repeat()
    # Leaving an endless stream waits for its tuner (see docs/architecture.md).
    options = tf.data.Options()
    options.autotune.enabled = False
    data = data.batch(BATCH.value, drop_remainder=True).prefetch(4)
    data = data.with_options(options)
    if MODEL.value == "dcgan":
        networks = (
            dcgan.dcgan_generator(shape, 100, WIDTH.value),
            dcgan.dcgan_discriminator(shape, WIDTH.value),
        )
        ours, plain, latent_dim = gan_zoo.DCGAN, PlainDCGAN, 100
    else:
        networks = (
            wgan_gp.wgan_gp_generator(shape, 128, WIDTH.value),
            wgan_gp.wgan_gp_critic(shape, WIDTH.value),
        )
        ours, plain, latent_dim = gan_zoo.WGANGP, PlainWGANGP, 128
    if kind == "gan_zoo":
        model = ours(
            shape, latent_dim, generator=networks[0], discriminator=networks[1]
        )
        model.compile()
    else:
        model = plain(*networks, latent_dim)
        model.compile()
    return lambda steps: model.fit(data, steps_per_epoch=steps, verbose=0)


def torch_turn():
    """A plain loop over batches in memory."""
    import plain_torch
    import torch

    torch.manual_seed(0)
    model = {"dcgan": plain_torch.DCGAN, "wgan_gp": plain_torch.WGANGP}[MODEL.value]
    model = model(WIDTH.value)
    images = torch.rand(4096, 1, 28, 28) * 2 - 1

    def turn(steps):
        for step in range(steps):
            start = step * BATCH.value % (4096 - BATCH.value)
            model.step(images[start : start + BATCH.value])

    return turn


def main(_):
    """Starts the competitors, lets them take turns, prints medians and ratios."""
    if WORKER.value:
        worker(WORKER.value)
        return
    processes = {}
    for kind in COMPETITORS:
        processes[kind] = subprocess.Popen(
            [sys.executable, *sys.argv, f"--worker={kind}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        if processes[kind].stdout.readline().strip() != "ready":
            sys.exit(f"{kind} did not start; is it installed?")
    seconds = {kind: [] for kind in COMPETITORS}
    for number in range(ROUNDS.value):
        for kind, process in processes.items():
            process.stdin.write("turn\n")
            process.stdin.flush()
            seconds[kind].append(float(process.stdout.readline()) / STEPS.value)
        print(f"round {number + 1} of {ROUNDS.value}", file=sys.stderr)
    for process in processes.values():
        process.stdin.close()
        process.wait()
    medians = {kind: statistics.median(values) for kind, values in seconds.items()}
    for kind, median in medians.items():
        ratio = median / medians["gan_zoo"]
        print(f"{kind:8s} {1000 * median:8.1f} ms a step, {ratio:.2f} times ours")
    print(json.dumps({"settings": FLAGS.flag_values_dict()["model"], "ms": seconds}))


if __name__ == "__main__":
    app.run(main)
