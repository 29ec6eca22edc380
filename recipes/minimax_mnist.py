"""The saturating GAN on MNIST digits: V(D, G) itself, descended by the generator.

    python recipes/minimax_mnist.py
    python recipes/minimax_mnist.py --preset=paper --strategy=mirrored

The networks and settings are those of gan_mnist.py, which differs in the generator's
objective alone. The paper preset takes the whole set.
"""

import gan_zoo
from gan_zoo import experiment


def build(image_shape, preset):
    """The paper's model, its samples from averaged weights."""
    return gan_zoo.MinimaxGAN(image_shape, ema=None if preset == "paper" else 0.995)


if __name__ == "__main__":
    experiment.main(
        build,
        experiment.Settings(dataset="mnist_sample", batch_size=100, epochs=100),
        paper=experiment.Settings(dataset="mnist", batch_size=100, epochs=500),
        title="Minimax GAN on MNIST",
    )
