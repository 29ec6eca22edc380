"""DiscoGAN's networks, which see pixels in [0, 1]: no skips, no patches."""

import keras

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks.blocks import ImageSizeError, check_sides, even_halvings


def _settings():
    # The first weights of the authors' framework: uniform in ±1 / √fan_in. One object
    # per layer, since a Keras initializer always returns the same numbers.
    start = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")
    return {"use_bias": False, "kernel_initializer": start}


def _norm():
    return BatchNormalization(momentum=0.9, epsilon=1e-5)


def _encoded(image, width, levels):
    """Convolutions 4 × 4 that halve an image in [-1, 1], seen in [0, 1]."""
    x = keras.layers.Rescaling(0.5, 0.5)(image)
    for level in range(levels):
        filters = width * 2**level
        x = keras.layers.Conv2D(filters, 4, 2, "same", **_settings())(x)
        if level:
            x = _norm()(x)
        x = keras.layers.LeakyReLU(0.2)(x)
    return x


def _check(image_shape, levels):
    check_sides(image_shape)
    fewer = even_halvings(image_shape, levels)
    if fewer < levels:
        advice = ""
        if fewer:
            advice = (
                ", or build the networks by discogan_generator and "
                "discogan_discriminator of gan_zoo.networks.discogan with "
                f"levels={fewer} and pass them to the model as generator_a_to_b=, "
                "discriminator_a= and so on"
            )
        raise ImageSizeError(
            f"Expected sides that are multiples of 2^levels = {2**levels}, got "
            f"image_shape={tuple(image_shape)}. Crop or resize the images"
            f"{advice}."
        )


def discogan_generator(image_shape, channels=None, width=64, levels=4):
    """Convolutions 4 × 4 that halve an image, and transposed ones that double it again.

    Args:
        image_shape: (height, width, channels) of the images to translate; both sides
            multiples of 2^levels.
        channels: channels of the output images. The default is that of the input.
        width: filters of the first convolution, doubled at each next one.
        levels: number of convolutions that halve the image.

    Returns:
        Functional model of images in [-1, 1] (n, h, w, c) → (n, h, w, channels).

    Raises:
        ValueError: for other than images; ImageSizeError when a side is no multiple
            of 2^levels.

    Reference: Kim et al. 2017, 1703.05192, section 3.3, and the authors' code.
    """
    _check(image_shape, levels)
    image = keras.Input((None, None, image_shape[-1]))
    x = _encoded(image, width, levels)
    for level in reversed(range(levels - 1)):
        filters = width * 2**level
        x = keras.layers.Conv2DTranspose(filters, 4, 2, "same", **_settings())(x)
        x = keras.layers.ReLU()(_norm()(x))
    x = keras.layers.Conv2DTranspose(
        channels or image_shape[-1],
        4,
        2,
        "same",
        activation="sigmoid",
        dtype="float32",
        **_settings(),
    )(x)
    x = keras.layers.Rescaling(2.0, -1.0, dtype="float32")(x)
    return keras.Model(image, x, name="generator")


def discogan_discriminator(image_shape, width=64, levels=4):
    """Convolutions 4 × 4 that halve an image, and one over all that is left.

    Args:
        image_shape: (height, width, channels); both sides multiples of 2^levels.
        width: filters of the first convolution, doubled at each next one.
        levels: number of convolutions that halve the image.

    Returns:
        Functional model of images (n, h, w, c) → logits (n, 1), float32.

    Raises:
        ValueError, ImageSizeError: as `discogan_generator`.

    Reference: Kim et al. 2017, 1703.05192, section 3.3, and the authors' code.
    """
    _check(image_shape, levels)
    image = keras.Input(image_shape)
    # At 64 × 64, a convolution over 4 × 4 features.
    x = keras.layers.Flatten()(_encoded(image, width, levels))
    logit = keras.layers.Dense(1, dtype="float32", name="logit", **_settings())(x)
    return keras.Model(image, logit, name="discriminator")
