"""DCGAN on MNIST digits.

    python recipes/dcgan_mnist.py
    python recipes/dcgan_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the paper's widths on CelebA at 64×64 with batches of 128.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or one a quarter as wide."""
    if preset == "paper":
        return gan_zoo.DCGAN(image_shape)
    return gan_zoo.DCGAN(
        image_shape,
        generator=networks.dcgan.dcgan_generator(image_shape, width=32),
        discriminator=networks.dcgan.dcgan_discriminator(image_shape, width=32),
        ema=0.995,
    )


if __name__ == "__main__":
    runs.main(
        build,
        runs.Settings(dataset="mnist_sample", batch_size=32, epochs=100),
        paper=runs.Settings(
            dataset="celeb_a", image_size=64, batch_size=128, epochs=25, features=None
        ),
        title="DCGAN on MNIST",
    )
