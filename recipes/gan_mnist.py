"""The original GAN on MNIST digits: the paper's perceptrons.

    python recipes/gan_mnist.py
    python recipes/gan_mnist.py --preset=paper --strategy=mirrored

The paper preset takes the whole set. The saturating game of the paper's theory is
minimax_mnist.py.
"""

import gan_zoo
from gan_zoo import experiment


def build(image_shape, preset):
    """The paper's model, its samples from averaged weights."""
    return gan_zoo.GAN(image_shape, ema=None if preset == "paper" else 0.995)


if __name__ == "__main__":
    experiment.main(
        build,
        experiment.Settings(dataset="mnist_sample", batch_size=100, epochs=100),
        paper=experiment.Settings(dataset="mnist", batch_size=100, epochs=500),
        title="GAN on MNIST",
    )
