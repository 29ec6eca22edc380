"""SNGAN on MNIST digits.

    python recipes/sngan_mnist.py
    python recipes/sngan_mnist.py --preset=paper --strategy=mirrored

The default trains the paper's plain networks, narrow; the paper preset the residual
ones on CIFAR-10.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or a narrow one with one critic update per step."""
    if preset == "paper":
        return gan_zoo.SNGAN(image_shape)
    return gan_zoo.SNGAN(
        image_shape,
        critic_steps=1,
        generator=networks.sngan.sngan_conv_generator(image_shape, width=32),
        discriminator=networks.sngan.sngan_conv_discriminator(image_shape, width=32),
        ema=0.995,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(dataset="mnist_sample", batch_size=32, epochs=20),
    paper=runs.Settings(dataset="cifar10", batch_size=64, epochs=300, features=None),
    title="SNGAN on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
