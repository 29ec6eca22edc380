"""The autoencoder that is the critic of MMD GAN, with the layers of DCGAN."""

import keras

from gan_zoo.networks.blocks import normal
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator


def mmd_gan_encoder(image_shape, code_dim, width=64, kernel_size=4):
    """DCGAN's discriminator, with a code in place of the logit.

    Args:
        image_shape: (height, width, channels).
        code_dim: length of a code.
        width: channels of the first level, doubled at each next one.
        kernel_size: kernel size of the convolutions.

    Returns:
        Functional model (n, *image_shape) → (n, code_dim), float32.

    Reference: Li et al. 2017, 1705.08584, the authors' code.
    """
    discriminator = dcgan_discriminator(image_shape, width, kernel_size)
    features = discriminator.layers[-1].input
    code = keras.layers.Dense(
        code_dim,
        use_bias=False,
        kernel_initializer=normal(0.02),
        dtype="float32",
        name="code",
    )(features)
    return keras.Model(discriminator.input, code, name="encoder")


def mmd_gan_decoder(image_shape, code_dim, width=64, kernel_size=4):
    """DCGAN's generator, with a code as its input.

    Args:
        image_shape: (height, width, channels).
        code_dim: length of a code.
        width: channels of the last hidden level.
        kernel_size: kernel size of the convolutions.

    Returns:
        Functional model (n, code_dim) → (n, *image_shape) in [-1, 1].

    Reference: Li et al. 2017, 1705.08584, the authors' code.
    """
    network = dcgan_generator(image_shape, code_dim, width, kernel_size)
    return keras.Model(network.input, network.output, name="decoder")
