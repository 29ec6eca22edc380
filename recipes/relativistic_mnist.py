"""Relativistic average GAN on MNIST digits.

    python recipes/relativistic_mnist.py
    python recipes/relativistic_mnist.py --preset=paper --strategy=mirrored

The paper preset trains DCGAN's full widths on CelebA at 64×64.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or one a quarter as wide."""
    if preset == "paper":
        return gan_zoo.RelativisticAverageGAN(image_shape)
    return gan_zoo.RelativisticAverageGAN(
        image_shape,
        generator=networks.dcgan.dcgan_generator(image_shape, width=32),
        discriminator=networks.dcgan.dcgan_discriminator(image_shape, width=32),
        ema=0.995,
    )


if __name__ == "__main__":
    runs.main(
        build,
        runs.Settings(dataset="mnist_sample", batch_size=32, epochs=40),
        paper=runs.Settings(
            dataset="celeb_a",
            image_size=64,
            batch_size=64,
            epochs=25,
            features=None,
        ),
        title="Relativistic average GAN on MNIST",
    )
