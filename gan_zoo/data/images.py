"""Decodes image files, or their bytes, to uint8 pixels of a given size.

The images are decoded by Pillow, on the host where tf.data runs. Pillow releases
Python's lock while it decodes and resizes.
"""

import contextlib
import io
import os
import stat

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

# Formats that Pillow recognises but does not decode by itself: scientific containers,
# videos, and documents that need another program.
_NO_PIXELS = frozenset(("BUFR", "EPS", "GRIB", "HDF5", "MPEG", "PDF", "WMF"))
_SIXTEEN_BITS = 65535
_WHITE_IS_ZERO = 0  # TIFF tag 262
_GREY = frozenset(("1", "L", "LA"))


def suffixes():
    """The suffixes of the image formats that the installed Pillow decodes.

    Returns:
        frozenset of str in lower case with the dot, such as ".jpg".
    """
    formats = Image.registered_extensions()  # loads all of Pillow's plug-ins
    # Pillow opens .mpo, several JPEG images in one file, as JPEG.
    decoded = ({*Image.OPEN, "MPO"}) - _NO_PIXELS
    return frozenset(s.lower() for s, name in formats.items() if name in decoded)


def read(item):
    """Decodes an image to 8 bits, upright, opaque, grey or colour.

    EXIF orientation is applied. Transparent images get a white background. Palettes,
    CMYK and similar modes become RGB. The first frame of an animation is used. Images
    with 16 bits per channel are scaled to 8 bits by their full range: 0 stays 0, and
    65535 becomes 255 (for 12-bit TIFF, 4095 does).

    Args:
        item: path of a file, or the bytes of one.

    Returns:
        PIL.Image.Image of mode "L" or "RGB".

    Raises:
        OSError: for incomplete images, and for paths that are not files, such as named
            pipes.
        ValueError: for pixels of unknown scale (32-bit integers, floats).
    """
    with _opened(item) as file, _identified(file) as image:
        deep = _is_deep(image)
        if image.mode in {"I", "F"} and not deep:
            raise ValueError(
                f"expected 8 or 16 bits per channel, got Pillow mode {image.mode!r}; "
                "convert the file to 8 bits"
            )
        grey = deep or image.mode in _GREY
        largest, inverted = _range(image) if deep else (None, False)
        image = ImageOps.exif_transpose(image)
        if deep:  # Pillow's own conversion clips at 255
            values = np.asarray(image).astype(np.uint32)
            values = (values * 255 + largest // 2) // largest
            values = np.minimum(values, 255).astype(np.uint8)
            image = Image.fromarray(255 - values if inverted else values)
        elif "A" in image.getbands() or "transparency" in image.info:
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image.convert("RGBA"))
        return image.convert("L" if grey else "RGB")


@contextlib.contextmanager
def _opened(item):
    if isinstance(item, bytes):
        yield io.BytesIO(item)
        return
    with open(item, "rb", opener=_non_blocking) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("expected a file, got a pipe, a socket or a device")
        yield file


def _non_blocking(path, flags):
    # Without this flag, opening a named pipe waits for its writer.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _identified(file):
    try:
        return Image.open(file)
    except UnidentifiedImageError:
        # Pillow's message has the address of the Python object.
        raise UnidentifiedImageError("cannot identify image file") from None


def _is_deep(image):
    """Whether an image is grey with more than 8 bits of a known range."""
    # Pillow opens some 16-bit formats as 32-bit integers: PGM, and PNG before version
    # 11. It scales the values of PGM to 65535 for any largest value in the file.
    deep_integers = image.mode == "I" and image.format in {"PNG", "PPM"}
    return image.mode.startswith("I;16") or deep_integers


def _range(image):
    """The largest pixel value, and whether it means black."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(ExifTags.Base.BitsPerSample, (16,))[0]
    largest = 2**bits - 1 if bits in {12, 16} else _SIXTEEN_BITS
    interpretation = tags.get(ExifTags.Base.PhotometricInterpretation)
    return largest, interpretation == _WHITE_IS_ZERO


def fit(image, size):
    """Resizes an image to cover `size`, antialiased, then crops its centre.

    The filter is bicubic, and its support grows with the reduction, as recommended by
    Parmar et al., "On Aliased Resizing and Surprising Subtleties in GAN Evaluation",
    2022 (arXiv:2104.11222). An image of the right size is not changed.

    Args:
        image: PIL.Image.Image.
        size: (height, width).

    Returns:
        PIL.Image.Image of that size.
    """
    height, width = size
    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)


def pixels(image, channels):
    """The pixels of an image as an array.

    Args:
        image: PIL.Image.Image of mode "L" or "RGB".
        channels: 1 (colour is reduced to luma) or 3 (grey is repeated).

    Returns:
        uint8 [H, W, channels].
    """
    array = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    return array.reshape(*array.shape[:2], channels)


def convert(images, size, channels):
    """Applies `fit` and `pixels` to an array of images.

    Args:
        images: uint8 [N, H, W, C], C = 1 or 3.
        size: (height, width).
        channels: 1 or 3.

    Returns:
        uint8 [N, height, width, channels].
    """
    if images.shape[1:] == (*size, channels):
        return images
    squeezed = images[..., 0] if images.shape[-1] == 1 else images
    converted = np.empty((len(images), *size, channels), np.uint8)
    for i, image in enumerate(squeezed):
        converted[i] = pixels(fit(Image.fromarray(image), size), channels)
    return converted


def head(data):
    """Size and mode of an encoded image without decoding its pixels.

    Args:
        data: the bytes of an image file.

    Returns:
        ((height, width) upright, whether it is grey).

    Raises:
        OSError: if the bytes are not an image.
    """
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        if image.getexif().get(ExifTags.Base.Orientation, 1) >= 5:  # lies on its side
            width, height = height, width
        return (height, width), image.mode in _GREY or _is_deep(image)
