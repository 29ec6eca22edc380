"""Times steps of image-to-image systems: the zoo's `fit` against plain PyTorch.

    python benchmarks/translators.py --model=cyclegan

As in `steps.py`, each competitor runs in a process of its own and waits while the other
works. They take turns of `--steps` steps; a round is a turn of each. Printed are the
median over the rounds, its ratio to ours, and the peak memory of the process, also that
after its imports. Same architecture, images, batch, order of updates and threads. The
benchmark stops if the competitors differ in their numbers of parameters.

`--torch_python` is the Python of an environment with torch, numpy and absl-py, where
that is another one. The machine has to be idle: PyTorch's threads wait for each other.
"""

import importlib
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
from absl import app, flags

# Size and batch. The size of SRGAN is that of the enlarged images.
DEFAULTS = {
    "cyclegan": (128, 1),
    "pix2pix": (256, 1),
    "stargan": (128, 4),
    "srgan": (96, 4),
}
# Each with a module that imports what it needs.
COMPETITORS = {
    "gan_zoo": "gan_zoo.models.image_to_image.cyclegan",
    "torch": "plain_torch_translators",
}
BATCHES = 20  # in memory; they are repeated

FLAGS = flags.FLAGS
MODEL = flags.DEFINE_enum("model", "cyclegan", list(DEFAULTS), "What to train.")
SIZE = flags.DEFINE_integer("size", None, "Side of images, at least 32.")
BATCH = flags.DEFINE_integer("batch", None, "Images per batch.")
WIDTH = flags.DEFINE_integer("width", 64, "Filters of the first convolution.")
STEPS = flags.DEFINE_integer("steps", 20, "Generator steps of a turn.")
ROUNDS = flags.DEFINE_integer("rounds", 5, "Turns of each competitor.")
TORCH_PYTHON = flags.DEFINE_string(
    "torch_python", sys.executable, "The Python that has torch."
)
WORKER = flags.DEFINE_string("worker", None, "Internal: the competitor to be.")


def size_and_batch():
    """Those of the flags, or the model's defaults."""
    size, batch = DEFAULTS[MODEL.value]
    return SIZE.value or size, BATCH.value or batch


def images_in_memory():
    """Arrays of as many rows: images, and their partners or attributes."""
    size, batch = size_and_batch()
    draw, rows = np.random.default_rng(0), BATCHES * batch

    def images(side):
        return draw.uniform(-1, 1, (rows, side, side, 3)).astype("float32")

    if MODEL.value == "stargan":
        return images(size), draw.integers(0, 2, (rows, 5)).astype("float32")
    return images(size // 4 if MODEL.value == "srgan" else size), images(size)


def peak_memory():
    """That of this process so far, in MB, as Linux states it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def worker(kind):
    """Says its parameters, then the seconds of a turn and its memory for each line."""
    importlib.import_module(COMPETITORS[kind])
    imported = peak_memory()
    turn, parameters = torch_turn() if kind == "torch" else zoo_turn()
    turn(5)  # compiles, allocates
    print(json.dumps([parameters, imported]), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        turn(STEPS.value)
        print(json.dumps([time.perf_counter() - start, peak_memory()]), flush=True)


def zoo_turn():
    """`fit` of the zoo's model, and the number of parameters of each player."""
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(images_in_memory()).repeat()
    # Leaving an endless stream waits for its tuner (see docs/architecture.md).
    options = tf.data.Options()
    options.autotune.enabled = False
    data = data.batch(size_and_batch()[1], drop_remainder=True).prefetch(4)
    data = data.with_options(options)
    model = zoo_model()
    model.compile()
    parameters = {
        player: sum(int(np.prod(v.shape)) for v in model.variables_of(player))
        for player in ("g", "d")
    }
    return lambda steps: model.fit(data, steps_per_epoch=steps, verbose=0), parameters


def zoo_model():
    """The zoo's model, of the paper's networks but for their width."""
    import gan_zoo
    from gan_zoo.networks import cyclegan, pix2pix, srgan, stargan
    from gan_zoo.networks.blocks import instance_norm

    size, width = size_and_batch()[0], WIDTH.value
    shape = (size, size, 3)
    if MODEL.value == "cyclegan":
        blocks = 9 if size >= 256 else 6
        networks = {
            f"generator_{way}": cyclegan.resnet_generator(
                shape, width=width, blocks=blocks
            )
            for way in ("a_to_b", "b_to_a")
        } | {
            f"discriminator_{domain}": pix2pix.patch_discriminator(shape, width, 3)
            for domain in ("a", "b")
        }
        return gan_zoo.CycleGAN(shape, **networks)
    if MODEL.value == "pix2pix":
        generator = pix2pix.unet_generator(shape, width=width)
        discriminator = pix2pix.patch_discriminator(
            (size, size, 6), width, 3, lambda: instance_norm(scale=True)
        )
        return gan_zoo.Pix2Pix(shape, generator=generator, discriminator=discriminator)
    if MODEL.value == "stargan":
        generator = stargan.stargan_generator(shape, 5, width=width)
        discriminator = stargan.stargan_discriminator(shape, 5, width)
        return gan_zoo.StarGAN(shape, generator=generator, discriminator=discriminator)
    generator = srgan.srresnet(width=width)
    discriminator = srgan.srgan_discriminator(shape, width)
    return gan_zoo.SRGAN(shape, generator=generator, discriminator=discriminator)


def torch_turn():
    """A plain loop over batches in memory, and the parameters of each player."""
    import plain_torch_translators
    import torch

    torch.set_num_threads(os.cpu_count())
    torch.set_num_interop_threads(1)
    torch.manual_seed(0)
    size, batch = size_and_batch()
    model = plain_torch_translators.MODELS[MODEL.value](size, WIDTH.value)
    # (n, h, w, c) -> (n, c, h, w); attributes stay.
    arrays = [
        torch.from_numpy(x).movedim(-1, 1).contiguous() for x in images_in_memory()
    ]
    batches = itertools.cycle(zip(*(x.split(batch) for x in arrays), strict=True))

    def turn(steps):
        for _ in range(steps):
            model.step(batches)

    return turn, model.parameters()


def main(_):
    """Starts the competitors, lets them take turns, prints medians and ratios."""
    if WORKER.value:
        worker(WORKER.value)
        return
    pythons = {"gan_zoo": sys.executable, "torch": TORCH_PYTHON.value}
    processes, parameters, imported = {}, {}, {}
    for kind in COMPETITORS:
        processes[kind] = subprocess.Popen(
            [pythons[kind], *sys.argv, f"--worker={kind}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        if not (line := processes[kind].stdout.readline()):
            sys.exit(f"{kind} did not start; is it installed?")
        parameters[kind], imported[kind] = json.loads(line)
    if parameters["gan_zoo"] != parameters["torch"]:
        sys.exit(f"The networks differ in their parameters: {parameters}.")
    seconds, peaks = {kind: [] for kind in COMPETITORS}, {}
    for number in range(ROUNDS.value):
        for kind, process in processes.items():
            process.stdin.write("turn\n")
            process.stdin.flush()
            turn, peaks[kind] = json.loads(process.stdout.readline())
            seconds[kind].append(turn / STEPS.value)
        print(f"round {number + 1} of {ROUNDS.value}", file=sys.stderr)
    for process in processes.values():
        process.stdin.close()
        process.wait()
    medians = {kind: statistics.median(values) for kind, values in seconds.items()}
    for kind, median in medians.items():
        ratio = median / medians["gan_zoo"]
        print(
            f"{kind:8s} {median:8.3f} s a step, {ratio:.2f} times ours, "
            f"at most {peaks[kind]:.0f} MB, {imported[kind]:.0f} after the imports"
        )
    size, batch = size_and_batch()
    settings = {"model": MODEL.value, "size": size, "batch": batch}
    settings |= {"width": WIDTH.value, "steps": STEPS.value}
    print(json.dumps({"settings": settings, "parameters": parameters["torch"]}))
    print(json.dumps({"seconds": seconds, "peak_mb": peaks, "imported_mb": imported}))


if __name__ == "__main__":
    app.run(main)
