"""What evaluating during `fit` costs: its share of the time of a run.

    python benchmarks/evaluation.py --epochs=10

DCGAN on as many digits as MNIST has (the bundled sample, repeated), measured after
every epoch by 10,000 samples: Fréchet distance and confident share, as in every recipe.
Time is taken inside one run, so that a busy machine slows both parts alike.
"""

import time

import keras
import numpy as np
from absl import app, flags

import gan_zoo
from gan_zoo.networks import dcgan

EPOCHS = flags.DEFINE_integer("epochs", 10, "Epochs of the run.")
IMAGES = flags.DEFINE_integer("images", 60_000, "Training images.")
SAMPLES = flags.DEFINE_integer("samples", 10_000, "Samples and real images measured.")
WIDTH = flags.DEFINE_integer("width", 32, "Of the networks; the recipe's.")
BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Images per batch.")


class Clock(keras.callbacks.Callback):
    """Seconds spent in evaluations, and in all of `fit`."""

    judging = 0.0

    def on_train_begin(self, logs=None):
        """Start the clock."""
        self.begun = time.monotonic()

    def on_test_begin(self, logs=None):
        """Start the evaluation's."""
        self.test_begun = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        """Print the share so far."""
        # Not on_test_end: numbers are read after it.
        now = time.monotonic()
        self.judging += now - self.test_begun
        share = self.judging / (now - self.begun)
        print(f"epoch {epoch + 1}: {self.judging:.1f} s, {share:.1%}", flush=True)


def main(_):
    """Trains, and prints the share after each epoch."""
    train, test = gan_zoo.data.load("mnist_sample", BATCH_SIZE.value)
    images = np.concatenate(list(train.as_numpy_iterator()))
    images = np.resize(images, (IMAGES.value, *images.shape[1:]))
    real = np.concatenate(list(test.as_numpy_iterator()))
    real = np.resize(real, (SAMPLES.value, *real.shape[1:]))
    shape = (28, 28, 1)
    gan = gan_zoo.DCGAN(
        shape,
        generator=dcgan.dcgan_generator(shape, width=WIDTH.value),
        discriminator=dcgan.dcgan_discriminator(shape, width=WIDTH.value),
    )
    gan.compile(
        metrics=[
            gan_zoo.metrics.FrechetDistance("mnist"),
            gan_zoo.metrics.ConfidentShare(),
        ]
    )
    gan.fit(
        images,
        batch_size=BATCH_SIZE.value,
        epochs=EPOCHS.value,
        validation_data=real,
        verbose=0,
        callbacks=[Clock()],
    )


if __name__ == "__main__":
    app.run(main)
