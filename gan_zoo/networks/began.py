"""BEGAN's networks: a decoder for G, an encoder and a decoder for D."""

import keras

from gan_zoo.networks.blocks import crop, image_sizes


def began_decoder(image_shape, code_dim=64, width=128, name="generator"):
    """Maps a code to an image: two 3×3 convolutions with ELU per level, nearest ×2.

    The first level has 7 to 13 pixels per side. Odd sizes are cropped after upsampling.

    Args:
        image_shape: (height, width, channels).
        code_dim: length of the code.
        width: n, filters of each convolution.
        name: name of the network.

    Returns:
        Functional model (n, code_dim) → (n, *image_shape); the last layer is linear.

    Reference: Berthelot et al. 2017, 1703.10717, section 3.5 and figure 1.
    """
    sizes = image_sizes(image_shape, smallest=7)
    code = keras.Input((code_dim,))
    rows, columns = sizes[0]
    x = keras.layers.Dense(rows * columns * width)(code)
    x = keras.layers.Reshape((rows, columns, width))(x)
    for level, size in enumerate(sizes):
        if level:
            x = crop(keras.layers.UpSampling2D()(x), size)
        for _ in range(2):
            x = keras.layers.Conv2D(width, 3, padding="same", activation="elu")(x)
    image = keras.layers.Conv2D(
        image_shape[-1], 3, padding="same", dtype="float32", name="image"
    )(x)
    return keras.Model(code, image, name=name)


def began_encoder(image_shape, code_dim=64, width=128):
    """Maps an image to a code: two 3×3 convolutions with ELU per level, then stride 2.

    The number of filters grows linearly: n, 2n, 3n ...

    Args:
        image_shape: (height, width, channels).
        code_dim: length of the code.
        width: n.

    Returns:
        Functional model (n, *image_shape) → (n, code_dim).

    Reference: Berthelot et al. 2017, 1703.10717, section 3.5 and figure 1.
    """
    levels = len(image_sizes(image_shape, smallest=7))
    image = x = keras.Input(image_shape)
    x = keras.layers.Conv2D(width, 3, padding="same", activation="elu")(x)
    for level in range(1, levels + 1):
        filters = level * width
        for _ in range(2):
            x = keras.layers.Conv2D(filters, 3, padding="same", activation="elu")(x)
        if level < levels:
            x = keras.layers.Conv2D(
                filters + width, 3, 2, padding="same", activation="elu"
            )(x)
    code = keras.layers.Dense(code_dim)(keras.layers.Flatten()(x))
    return keras.Model(image, code, name="encoder")


def began_autoencoder(image_shape, code_dim=64, width=128):
    """The discriminator: `began_encoder`, then `began_decoder`.

    Args:
        image_shape: (height, width, channels).
        code_dim: length of the code.
        width: n.

    Returns:
        Functional model (n, *image_shape) → (n, *image_shape).
    """
    encoder = began_encoder(image_shape, code_dim, width)
    decoder = began_decoder(image_shape, code_dim, width, name="decoder")
    image = keras.Input(image_shape)
    return keras.Model(image, decoder(encoder(image)), name="discriminator")
