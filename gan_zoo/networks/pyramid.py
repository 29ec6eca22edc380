"""The image sizes of networks that halve an image down to about 4×4."""


def check_sides(image_shape):
    """Raises ValueError for shapes without height and width, such as vectors.

    Args:
        image_shape: an image's shape, channels included.
    """
    if len(image_shape) != 3:
        raise ValueError(
            "Expected image_shape (height, width, channels), since the network has "
            f"convolutions; got {tuple(image_shape)}. {_advice(tuple(image_shape))}"
        )


def _advice(shape):
    if len(shape) == 2:
        return f"Grey images have one channel: {(*shape, 1)}."
    return (
        "For vectors pass networks of your own, such as "
        "gan_zoo.networks.gan.mlp(inputs, outputs)."
    )


def image_sizes(image_shape, smallest=4):
    """Returns sizes from coarse to fine, each half the next one, rounded up.

    Args:
        image_shape: (height, width, channels).
        smallest: smallest side of a level.

    Returns:
        List of (height, width), for example [(4, 4), (7, 7), (14, 14), (28, 28)].

    Raises:
        ValueError: for another number of axes, and when the image is too small to be
            halved once.
    """
    check_sides(image_shape)
    size = tuple(image_shape[:2])
    sizes = [size]
    while min(sizes[0]) >= 2 * smallest - 1:
        sizes.insert(0, tuple((side + 1) // 2 for side in sizes[0]))
    if len(sizes) == 1:
        raise ValueError(
            f"Expected images of at least {2 * smallest - 1} pixels a side, got "
            f"{size}. Pass networks of your own for smaller ones."
        )
    return sizes


def even_sizes(image_shape, smallest=4):
    """Returns sizes from coarse to fine, each exactly half the next one.

    Args:
        image_shape: (height, width, channels).
        smallest: smallest side of a level.

    Returns:
        List of (height, width), for example [(4, 4), (8, 8), (16, 16), (32, 32)], or
        [(7, 7), (14, 14), (28, 28)].

    Raises:
        ValueError: for another number of axes, when the shorter side cannot be halved
            down to less than 2 · `smallest`, or the image is too small to be halved
            once.
    """
    check_sides(image_shape)
    size = tuple(image_shape[:2])
    sizes = [size]
    while min(sizes[0]) >= 2 * smallest and all(side % 2 == 0 for side in sizes[0]):
        sizes.insert(0, tuple(side // 2 for side in sizes[0]))
    if len(sizes) == 1 or min(sizes[0]) >= 2 * smallest:
        raise ValueError(
            f"Expected image sides of at least {2 * smallest} that halve evenly down "
            f"to {smallest} to {2 * smallest - 1}, such as 28, 32, 48 or 64, got "
            f"{size}. Pad or resize the images, for example 30×30 to 32×32."
        )
    return sizes
