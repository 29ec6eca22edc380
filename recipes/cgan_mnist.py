"""CGAN on MNIST digits: the digit is asked for.

    python recipes/cgan_mnist.py
    python recipes/cgan_mnist.py --preset=paper

The default trains DCGAN's networks with a label; the paper preset the paper's fully
connected ones on the whole set.
"""

import gan_zoo
from gan_zoo import callbacks, data, experiment, metrics, networks


def build(image_shape, preset):
    """The paper's model, or a narrow convolutional pair."""
    if preset == "paper":
        return gan_zoo.CGAN(image_shape, num_classes=10)
    return gan_zoo.CGAN(
        image_shape,
        num_classes=10,
        generator=networks.cgan.conditional_dcgan_generator(image_shape, width=32),
        discriminator=networks.cgan.conditional_dcgan_discriminator(
            image_shape, width=32
        ),
        ema=0.995,
    )
