"""Runs one tiny training to its end twice: in peace, and killed again and again.

    python kill_run.py FOLDER

Each attempt is a fork, since importing TensorFlow costs more than the training; nothing
here touches a device before it forks. An attempt kills itself with SIGKILL, without
warning, at a training step or around a rename of a file, which is how every file of a
run folder comes to be.
"""

import dataclasses
import os
import pathlib
import signal
import sys

import numpy as np
from PIL import Image

import gan_zoo
from gan_zoo import runs
from gan_zoo.callbacks import RunCheckpoint
from gan_zoo.networks.dcgan import dcgan_generator

EPOCHS, STEPS = 4, 6


def build(image_shape, preset):
    """A small WGAN-GP with dropout in its critic and an average of its generator."""
    import keras

    image = keras.Input(image_shape)
    x = keras.layers.Flatten()(image)
    x = gan_zoo.layers.Dropout(0.3)(keras.layers.Dense(16, "relu")(x))
    return gan_zoo.WGANGP(
        image_shape,
        4,
        generator=dcgan_generator(image_shape, 4, width=4),
        discriminator=keras.Model(image, keras.layers.Dense(1)(x)),
        critic_steps=2,
        ema=0.9,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Without compiling the step, which would take longer than an attempt's steps."""
    model.compile(metrics=metrics, run_eagerly=True)


RECIPE = runs.Recipe(build, compile_model=compile_model)
SETTINGS = runs.Settings(
    image_size=8,
    batch_size=8,
    epochs=EPOCHS,
    steps_per_epoch=STEPS,
    features=None,
    checkpoint_seconds=0.0,
)


def die():
    """Ends this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at_step(step):
    """Dies when the step is done, before anything is saved of it."""

    def patch():
        save = RunCheckpoint.on_train_batch_end

        def dying(self, batch, logs=None):
            if int(self.model.steps.value) == step:
                die()
            save(self, batch, logs)

        RunCheckpoint.on_train_batch_end = dying

    return patch


def kill_at_rename(count, after):
    """Dies just before or just after the count-th rename of the attempt."""

    def patch():
        replace, seen = os.replace, []  # which pathlib calls too

        def dying(source, target, **kwargs):
            seen.append(target)
            if len(seen) == count and not after:
                die()
            replace(source, target, **kwargs)
            if len(seen) == count:
                die()

        os.replace = dying

    return patch


# Every attempt starts where the one before it left the folder.
KILLS = [
    kill_at_rename(1, after=False),  # settings.json
    kill_at_step(1),
    kill_at_step(3),
    kill_at_rename(2, after=False),  # a checkpoint, written but not yet named
    kill_at_rename(2, after=True),
    kill_at_rename(3, after=False),
    kill_at_rename(3, after=True),
    kill_at_step(6),  # the last step of an epoch
    *(kill_at_rename(count, after) for count in (2, 3, 4) for after in (False, True)),
    kill_at_step(13),
    *(kill_at_rename(count, after) for count in (2, 5) for after in (False, True)),
    kill_at_step(18),
    kill_at_rename(4, after=False),
    kill_at_step(21),
]


def draw_images(folder):
    """As many as an epoch takes, and already of the right size, which is soon read."""
    folder.mkdir()
    levels = np.random.default_rng(0).integers(0, 256, (100, 8, 8), "uint8")
    for number, image in enumerate(levels):
        Image.fromarray(image).save(folder / f"{number:03}.png")


def attempt(folder, patch, recipe=RECIPE, settings=SETTINGS):
    """One fork: its exit status as os.waitpid gives it."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    patch()
    images = f"folder:{folder.parent / 'images'}"
    settings = dataclasses.replace(settings, dataset=images)
    os._exit(runs.run(recipe, settings, folder, export=False))


def main(folder):
    """Trains in `peace` and in `killed`; prints how many attempts were killed."""
    draw_images(folder / "images")
    if attempt(folder / "peace", lambda: None) != 0:
        sys.exit("the run in peace failed")
    killed = 0
    for patch in KILLS:
        status = attempt(folder / "killed", patch)
        killed += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not os.WIFSIGNALED(status) and status != 0:
            sys.exit(f"an attempt failed with status {status}")
    if attempt(folder / "killed", lambda: None) != 0:
        sys.exit("the last attempt failed")
    print(f"killed {killed}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
