"""One worker of a multi-worker run: `python worker.py FOLDER [STEP TO DIE AT]`.

TF_CONFIG names the workers. Trains a tiny GAN in FOLDER/run through the recipes' own
`runs.run` and leaves its weights in FOLDER/weights-N.npz.
"""

import json
import os
import pathlib
import signal
import sys

import keras
import numpy as np

import gan_zoo
from gan_zoo import runs
from gan_zoo.networks.gan import mlp, relu_generator


def settings(**changes):
    """Twelve steps of batches of eight digits shrunk to 8×8."""
    values = {
        "dataset": "mnist_sample",
        "image_size": 8,
        "batch_size": 8,
        "epochs": 3,
        "steps_per_epoch": 4,
        "features": None,
    }
    return runs.Settings(**values | changes)


def recipe(die_at=None):
    """A GAN on SGD, which shows a wrong scale of gradients; optionally with an end."""

    class Mortal(gan_zoo.GAN):
        def fit(self, *args, callbacks=(), **kwargs):
            callbacks = [
                *callbacks,
                keras.callbacks.LambdaCallback(on_train_batch_end=self.die),
            ]
            return super().fit(*args, callbacks=callbacks, **kwargs)

        def die(self, batch, logs):
            if int(self.steps.value.numpy()) == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def build(shape, preset):
        image = keras.Input(shape)
        x = keras.layers.Flatten()(image)
        scores = mlp(64, 1, 16)(x)
        model = Mortal(
            shape,
            4,
            generator=relu_generator(shape, 4, 16),
            discriminator=keras.Model(image, scores),
            ema=0.9,
        )
        built.append(model)
        return model

    built = []

    def compile_model(model, settings, steps_per_epoch, metrics, preset):
        model.compile(
            d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1)
        )

    return runs.Recipe(build, compile_model=compile_model), built


def main(folder, die_at=None):
    """Trains as the worker that TF_CONFIG says this is."""
    strategy = "multi_worker" if "TF_CONFIG" in os.environ else "none"
    which = json.loads(os.environ.get("TF_CONFIG", '{"task": {"index": 0}}'))
    made, built = recipe(die_at)
    code = runs.run(made, settings(strategy=strategy), folder / "run")
    weights = built[0].get_weights()
    np.savez(folder / f"weights-{which['task']['index']}.npz", *weights)
    sys.exit(code)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
