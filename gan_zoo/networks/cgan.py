"""Conditional networks: those of CGAN, and those of DCGAN with a label."""

import keras
from keras import ops

from gan_zoo.layers import Dropout, Maxout
from gan_zoo.networks.blocks import from_unit_image, to_logit, to_unit_image, uniform
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator


def _one_hot(labels, num_classes):
    # (n,) -> (n, num_classes)
    return ops.one_hot(labels, num_classes, dtype="float32")


def cgan_generator(image_shape, latent_dim=100, num_classes=10):
    """The generator of the paper: z → 200, y → 1000, both → 1200 → image.

    The activations are ReLU, with dropout 0.5.

    The last layer is the paper's sigmoid, moved from [0, 1] to [-1, 1].

    Args:
        image_shape: shape of an image without the batch axis.
        latent_dim: length of z.
        num_classes: number of classes.

    Returns:
        Functional model [z (n, latent_dim), labels (n,)] → (n, *image_shape) in
        [-1, 1].

    Reference: Mirza & Osindero 2014, 1411.1784, section 4.1.
    """
    z = keras.Input((latent_dim,))
    labels = keras.Input((), dtype="int32")
    from_z = keras.layers.Dense(200, "relu", kernel_initializer=uniform(0.05))(z)
    from_y = keras.layers.Dense(1000, "relu", kernel_initializer=uniform(0.05))(
        _one_hot(labels, num_classes)
    )
    x = keras.layers.Concatenate()([Dropout(0.5)(from_z), Dropout(0.5)(from_y)])
    x = keras.layers.Dense(1200, "relu", kernel_initializer=uniform(0.05))(x)
    image = to_unit_image(Dropout(0.5)(x), image_shape, uniform(0.05))
    return keras.Model([z, labels], image, name="generator")


def cgan_discriminator(image_shape, num_classes=10):
    """The discriminator of the paper, with maxout layers and dropout 0.5.

    x → maxout 240×5 and y → maxout 50×5, both → maxout 240×4 → logit.

    The first layer sees pixels in [0, 1], as the paper's; see `maxout_discriminator`.

    Args:
        image_shape: shape of an image without the batch axis.
        num_classes: number of classes.

    Returns:
        Functional model [images (n, *image_shape), labels (n,)] → logits (n, 1).

    Reference: Mirza & Osindero 2014, 1411.1784, section 4.1.
    """
    image = keras.Input(image_shape)
    labels = keras.Input((), dtype="int32")
    from_x = Maxout(240, 5, uniform(0.005))(from_unit_image(image))
    from_y = Maxout(50, 5, uniform(0.005))(_one_hot(labels, num_classes))
    x = keras.layers.Concatenate()([Dropout(0.5)(from_x), Dropout(0.5)(from_y)])
    x = Dropout(0.5)(Maxout(240, 4, uniform(0.005))(x))
    return keras.Model([image, labels], to_logit(x, uniform(0.005)))


def conditional_dcgan_generator(
    image_shape, latent_dim=100, num_classes=10, width=128, kernel_size=5
):
    """DCGAN's generator for z with the one-hot label appended.

    Args:
        image_shape: (height, width, channels).
        latent_dim: length of z.
        num_classes: number of classes.
        width: as in `dcgan_generator`.
        kernel_size: kernel size of the convolutions.

    Returns:
        Functional model [z (n, latent_dim), labels (n,)] → (n, *image_shape) in
        [-1, 1].
    """
    z = keras.Input((latent_dim,))
    labels = keras.Input((), dtype="int32")
    x = keras.layers.Concatenate()([z, _one_hot(labels, num_classes)])
    network = dcgan_generator(image_shape, latent_dim + num_classes, width, kernel_size)
    return keras.Model([z, labels], network(x), name="generator")


def conditional_dcgan_discriminator(
    image_shape, num_classes=10, width=128, kernel_size=5
):
    """DCGAN's discriminator for an image with one plane of 0 or 1 per class.

    Args:
        image_shape: (height, width, channels).
        num_classes: number of classes.
        width: as in `dcgan_discriminator`.
        kernel_size: kernel size of the convolutions.

    Returns:
        Functional model [images (n, *image_shape), labels (n,)] → logits (n, 1).
    """
    *size, channels = image_shape
    image = keras.Input(image_shape)
    labels = keras.Input((), dtype="int32")
    planes = _one_hot(labels, num_classes)[:, None, None, :]
    # (n, 1, 1, num_classes) -> (n, h, w, num_classes)
    planes = keras.layers.UpSampling2D(tuple(size))(planes)
    x = keras.layers.Concatenate()([image, planes])
    network = dcgan_discriminator(
        (*size, channels + num_classes), width, kernel_size=kernel_size
    )
    return keras.Model([image, labels], network(x), name="discriminator")
