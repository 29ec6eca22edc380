"""EBGAN on MNIST digits.

    python recipes/ebgan_mnist.py
    python recipes/ebgan_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the paper's networks on CelebA at 64×64.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or one of narrow layers and a margin for small images."""
    if preset == "paper":
        return gan_zoo.EBGAN(image_shape)
    return gan_zoo.EBGAN(
        image_shape,
        margin=10.0,
        generator=networks.dcgan.dcgan_generator(image_shape, width=32),
        discriminator=networks.ebgan.ebgan_autoencoder(image_shape, width=32),
        ema=0.995,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(dataset="mnist_sample", batch_size=64, epochs=40),
    paper=runs.Settings(
        dataset="celeb_a", image_size=64, batch_size=128, epochs=15, features=None
    ),
    title="EBGAN on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
