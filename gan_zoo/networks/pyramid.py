"""The sizes an image passes through on its way down to about 4×4."""


def check_sides(size):
    """Raises ValueError for what convolutions do not take, such as vectors.

    Args:
        size: an image's shape without the channels.
    """
    if len(size) != 2:
        raise ValueError(
            "Expected image_shape (height, width, channels), since the network has "
            f"convolutions; got sides {tuple(size)} and channels. For vectors pass "
            "networks of your own, such as gan_zoo.networks.gan.mlp(inputs, outputs)."
        )


def image_sizes(size, smallest=4):
    """Sizes from the coarsest level to the image, each half the next, rounded up.

    Args:
        size: (height, width) of the image.
        smallest: halving stops once a side would fall below this.

    Returns:
        List of (height, width), for example [(4, 4), (7, 7), (14, 14), (28, 28)].

    Raises:
        ValueError: for other than two sides, and when the image is too small to be
            halved once.
    """
    check_sides(size)
    sizes = [tuple(size)]
    while min(sizes[0]) >= 2 * smallest - 1:
        sizes.insert(0, tuple((side + 1) // 2 for side in sizes[0]))
    if len(sizes) == 1:
        raise ValueError(
            f"Expected images of at least {2 * smallest - 1} pixels a side, got "
            f"{tuple(size)}. Pass networks of your own for smaller ones."
        )
    return sizes


def even_sizes(size, smallest=4):
    """Sizes from the coarsest level to the image, each exactly half the next.

    Args:
        size: (height, width) of the image.
        smallest: halving stops once a side would fall below this.

    Returns:
        List of (height, width), for example [(4, 4), (8, 8), (16, 16), (32, 32)], or
        [(7, 7), (14, 14), (28, 28)].

    Raises:
        ValueError: for other than two sides, when the shorter side cannot be halved
            down to less than 2 · `smallest`, or the image is too small to be halved
            once.
    """
    check_sides(size)
    sizes = [tuple(size)]
    while min(sizes[0]) >= 2 * smallest and all(side % 2 == 0 for side in sizes[0]):
        sizes.insert(0, tuple(side // 2 for side in sizes[0]))
    if len(sizes) == 1 or min(sizes[0]) >= 2 * smallest:
        raise ValueError(
            f"Expected image sides of at least {2 * smallest} that halve evenly down "
            f"to {smallest} to {2 * smallest - 1}, such as 28, 32, 48 or 64, got "
            f"{tuple(size)}. Pad or resize the images, for example 30×30 to 32×32."
        )
    return sizes
