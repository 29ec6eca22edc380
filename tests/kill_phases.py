"""Runs a tiny training of two phases twice: in peace, and killed at their border.

    python kill_phases.py FOLDER

As kill_run.py, whose forks these are: an attempt kills itself with SIGKILL around the
rename by which the first phase's last checkpoint, or the border's, comes to be.
"""

import functools
import os
import pathlib
import signal
import sys

from kill_run import attempt, die, draw_images

import gan_zoo
from gan_zoo import runs
from gan_zoo.networks import gmmn

FIRST_EPOCHS, FIRST_STEPS = 2, 2
SETTINGS = runs.Settings(
    image_size=8, batch_size=50, epochs=2, steps_per_epoch=2, features=None
)


def build(image_shape, preset):
    """A small GMMN of an autoencoder's codes, with an average of its generator."""
    autoencoder = gan_zoo.Autoencoder(
        image_shape,
        4,
        encoder=gmmn.autoencoder_encoder(image_shape, 4, 8),
        decoder=gmmn.autoencoder_decoder(image_shape, 4, 8),
    )
    return gan_zoo.GMMN(
        image_shape,
        3,
        generator=gmmn.gmmn_code_generator(4, 3, [8]),
        autoencoder=autoencoder,
        ema=0.9,
    )


def phases(settings, preset):
    """First the autoencoder."""
    return [
        runs.Phase(
            "autoencoder",
            epochs=FIRST_EPOCHS,
            steps_per_epoch=FIRST_STEPS,
            model=lambda model: model.autoencoder,
        )
    ]


RECIPE = runs.Recipe(build, phases=phases)
LAST_OF_FIRST = f"autoencoder/checkpoints/step-{FIRST_EPOCHS * FIRST_STEPS:09d}"
# What the first phase left, saved before the second one's first step.
BORDER = "killed/checkpoints/step-000000000"


def kill_at(path, after):
    """Dies just before or just after a file or folder gets its name."""

    def patch():
        replace = os.replace  # which pathlib calls too

        def dying(source, target, **kwargs):
            reached = str(target).endswith(path)
            if reached and not after:
                die()
            replace(source, target, **kwargs)
            if reached:
                die()

        os.replace = dying

    return patch


# Every attempt starts where the one before it left the folder.
KILLS = [
    kill_at(LAST_OF_FIRST, after=False),
    kill_at(LAST_OF_FIRST, after=True),
    kill_at(BORDER, after=False),
    kill_at(BORDER, after=True),
]


def main(folder):
    """Trains in `peace` and in `killed`; every kill must happen."""
    draw_images(folder / "images")
    run = functools.partial(attempt, recipe=RECIPE, settings=SETTINGS)
    if run(folder / "peace", lambda: None) != 0:
        sys.exit("the run in peace failed")
    for number, patch in enumerate(KILLS):
        status = run(folder / "killed", patch)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"attempt {number} was not killed but ended with {status}")
    if run(folder / "killed", lambda: None) != 0:
        sys.exit("the last attempt failed")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
