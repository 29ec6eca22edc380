"""Images of any size, for networks that halve images several times."""

from keras import ops

_LARGEST = 1024
# Pixels of a side that all networks of this package take.
FEW_PIXELS = 32


def multiple_of(shape_made, source, target):
    """The smallest power of 2 that the sides of images must be multiples of.

    Args:
        shape_made: function of the shape of a batch (n, h, w, c) to that of its
            translations; it may raise ValueError.
        source: (height, width, channels) of images that the networks take.
        target: the same of their translations.

    Raises:
        ValueError: if there is no such number up to 1024.
    """
    multiple = 1
    while multiple <= _LARGEST:
        # Odd, so that nothing can be halved once more; and larger than any padding.
        size = (7 * multiple, 5 * multiple)
        if _fits(shape_made, size, source, target):
            return multiple
        multiple *= 2
    raise ValueError(
        "Expected networks that translate images whose sides are multiples of "
        f"{_LARGEST}, got others. Build them for images of one size, with keras.Input("
        f"{tuple(source)})."
    )


def check_large_enough(images, shape_made, multiple):
    """Refuses images of fewer pixels than networks take.

    Args:
        images: (n, h, w, c).
        shape_made: as for `multiple_of`.
        multiple: what `multiple_of` returned; images are continued to it.

    Raises:
        ValueError: with the fewest pixels a side that the networks take.
    """
    *sides, channels = images.shape[1:]

    def fits(sides):
        longer = (-(-side // multiple) * multiple for side in sides)
        try:
            shape_made((1, *longer, channels))
        except ValueError:  # such as a reflection that is wider than the image
            return False
        return True

    if not fits(sides):
        enough = [n for n in range(1, FEW_PIXELS + 1) if fits((n, n))]
        least = f"at least {enough[0]} × {enough[0]}" if enough else "more"
        raise ValueError(
            f"Expected images of {least} pixels, got {sides[0]} × {sides[1]}. The "
            "networks take no smaller ones."
        )


def _fits(shape_made, size, source, target):
    wanted = [
        side * ours // theirs
        for side, ours, theirs in zip(size, target[:2], source[:2], strict=True)
    ]
    try:
        made = shape_made((1, *size, source[-1]))
    except ValueError:
        return False
    return list(made[1:3]) == wanted


def mirrored_to_multiple(images, multiple):
    """Images continued at the bottom and at the right by their mirror image.

    Args:
        images: (n, h, w, c).
        multiple: what both sides of the result are multiples of.

    Returns:
        (n, h', w', c), with h' and w' the smallest multiples of at least h and w.
    """
    for axis in (1, 2):
        side = images.shape[axis]
        if side is None:
            side = ops.shape(images)[axis]
        elif side % multiple == 0:
            continue
        longer = (side + multiple - 1) // multiple * multiple
        places = ops.arange(longer) % (2 * side)  # there and back again
        places = ops.where(places < side, places, 2 * side - 1 - places)
        images = ops.take(images, places, axis=axis)
    return images
