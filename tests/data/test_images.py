import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from gan_zoo.data import images


def _bytes(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def _noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_keep_their_pixels(form):
    colour = _noise(5, 7, 3)
    read = images.read(_bytes(Image.fromarray(colour), form))
    np.testing.assert_array_equal(images.pixels(read, 3), colour)
    grey = _noise(5, 7)
    read = images.read(_bytes(Image.fromarray(grey), form))
    assert read.mode == "L"
    np.testing.assert_array_equal(images.pixels(read, 1)[..., 0], grey)


def test_paths_and_bytes_read_alike(tmp_path):
    Image.fromarray(_noise(5, 7, 3)).save(tmp_path / "a.png")
    from_path = np.asarray(images.read(tmp_path / "a.png"))
    from_bytes = np.asarray(images.read((tmp_path / "a.png").read_bytes()))
    np.testing.assert_array_equal(from_path, from_bytes)


def test_sixteen_bit_grey_is_scaled_not_clipped():
    deep = np.array([[0, 257, 300], [32768, 65278, 65535]], np.uint16)
    read = images.read(_bytes(Image.fromarray(deep), "PNG"))
    expected = np.rint(deep / 257).astype(np.uint8)
    np.testing.assert_array_equal(np.asarray(read), expected)
    assert read.mode == "L"


def _png(pixels, colour_type):
    """The bytes of a PNG of 16 bits per channel, which Pillow does not write."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


DEEP = np.array([[0, 257, 300], [32768, 65278, 65535]], np.uint16)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "PPM", "JPEG2000", "big-endian TIFF"])
def test_sixteen_bits_of_every_format_are_scaled_by_their_full_range(form):
    image = Image.fromarray(DEEP)
    if form == "big-endian TIFF":
        image, form = (
            Image.frombytes("I;16B", (3, 2), DEEP.astype(">u2").tobytes()),
            "TIFF",
        )
    data = _bytes(image, form)
    read = images.read(data)
    assert read.mode == "L"
    np.testing.assert_array_equal(np.asarray(read), np.rint(DEEP / 257))
    assert images.head(data) == ((2, 3), True)


@pytest.mark.parametrize(("colour_type", "channels"), [(2, 3), (6, 4)])
def test_sixteen_bits_of_colour_are_scaled_too(colour_type, channels):
    pixels = np.repeat(DEEP[..., None], channels, -1)
    if channels == 4:
        pixels[..., 3] = 65535
    read = np.asarray(images.read(_png(pixels, colour_type)))
    expected = np.repeat(DEEP[..., None] / 257, 3, -1)
    np.testing.assert_allclose(read, expected, atol=1)  # Pillow takes the high byte
    assert read.min() == 0
    assert read.max() == 255


def test_other_ranges_of_deep_images():
    values = np.array([0, 1000, 4095], ">u2")
    expected = [[0, 62, 255]]
    pgm = b"P5 3 1 4095\n" + values.tobytes()
    np.testing.assert_array_equal(np.asarray(images.read(pgm)), expected)
    white_is_zero = _bytes(Image.fromarray(DEEP), "TIFF", tiffinfo={262: 0})
    read = np.asarray(images.read(white_is_zero))
    np.testing.assert_array_equal(read, 255 - np.rint(DEEP / 257))
    floats = _bytes(Image.fromarray(np.zeros((2, 2), np.float32)), "TIFF")
    with pytest.raises(ValueError, match="expected 8 or 16 bits per channel, got"):
        images.read(floats)


def test_twelve_bits_are_scaled_by_4095():
    # Two values of 12 bits in three bytes: 0x000, 0xFFF.
    tags = [
        (256, 2),
        (257, 1),
        (258, 12),
        (259, 1),
        (262, 1),
        (273, 8),
        (278, 1),
        (279, 3),
    ]
    entries = b"".join(
        struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in tags
    )
    directory = struct.pack("<H", len(tags)) + entries + b"\0" * 4
    data = b"II*\0" + struct.pack("<I", 12) + b"\x00\x0f\xff\0" + directory
    np.testing.assert_array_equal(np.asarray(images.read(data)), [[0, 255]])


def test_the_suffixes_are_those_of_what_pillow_decodes():
    wanted = {
        ".jpg",
        ".jfif",
        ".jpe",
        ".avif",
        ".jp2",
        ".tga",
        ".mpo",
        ".webp",
        ".apng",
    }
    assert wanted <= images.suffixes()
    assert images.suffixes().isdisjoint({".h5", ".pdf", ".eps", ".mpg", ".wmf", ".txt"})


@pytest.mark.filterwarnings("ignore:.*image format is deprecated")
def test_every_suffix_that_pillow_writes_is_read(tmp_path):
    colour = Image.fromarray(_noise(32, 32, 3))
    written = 0
    for suffix in sorted(images.suffixes()):
        try:
            colour.save(tmp_path / f"a{suffix}")
        except (KeyError, OSError, ValueError):  # read only, or another mode
            continue
        written += 1
        read = images.read(tmp_path / f"a{suffix}")
        assert suffix == ".icns" or read.size == (32, 32)  # that holds several sizes
    assert written > 25


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_a_named_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(OSError, match="expected a file, got a pipe"):
        images.read(tmp_path / "pipe.png")


def test_transparency_is_laid_on_white():
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0, :, 0] = 200
    rgba[0, :, 3] = [0, 51, 255]  # 51 / 255 = 1/5
    read = np.asarray(images.read(_bytes(Image.fromarray(rgba), "PNG")))
    np.testing.assert_array_equal(
        read, [[[255, 255, 255], [244, 204, 204], [200, 0, 0]]]
    )
    grey = Image.fromarray(np.array([[[0, 0], [100, 255]]], np.uint8))
    read = images.read(_bytes(grey, "PNG"))
    assert read.mode == "L"
    np.testing.assert_array_equal(np.asarray(read), [[255, 100]])


def test_palettes_become_colour_with_and_without_transparency():
    palette = Image.fromarray(np.array([[0, 1, 2]], np.uint8)).convert("P")
    palette.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    read = np.asarray(images.read(_bytes(palette, "PNG")))
    np.testing.assert_array_equal(read, [[[255, 0, 0], [0, 255, 0], [0, 0, 255]]])
    read = np.asarray(images.read(_bytes(palette, "PNG", transparency=1)))
    np.testing.assert_array_equal(read, [[[255, 0, 0], [255, 255, 255], [0, 0, 255]]])


def test_cmyk_jpeg_becomes_rgb():
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))  # red
    read = images.read(_bytes(cmyk, "JPEG", quality=95))
    assert read.mode == "RGB"
    np.testing.assert_allclose(np.asarray(read)[4, 4], [255, 0, 0], atol=8)


def test_exif_orientation_is_applied():
    upright = np.zeros((16, 32, 3), np.uint8)
    upright[:8, :8] = 255  # bright upper left corner
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying; turn clockwise to see it upright
    lying = Image.fromarray(np.rot90(upright).copy())
    data = _bytes(lying, "JPEG", quality=95, exif=exif)
    read = np.asarray(images.read(data))
    assert read.shape == (16, 32, 3)
    np.testing.assert_allclose(read, upright, atol=30)
    assert images.head(data) == ((16, 32), False)


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (4, 4), c) for c in ("red", "lime")]
    data = _bytes(frames[0], "GIF", save_all=True, append_images=frames[1:])
    read = np.asarray(images.read(data))
    assert (read == [255, 0, 0]).all()


def test_one_bit_images_are_grey():
    bits = Image.fromarray(np.array([[True, False]]))
    read = images.read(_bytes(bits, "PNG"))
    assert read.mode == "L"
    np.testing.assert_array_equal(np.asarray(read), [[255, 0]])


def test_floats_are_refused():
    data = _bytes(Image.fromarray(np.ones((2, 2), np.float32)), "TIFF")
    with pytest.raises(ValueError, match="expected 8 or 16 bits"):
        images.read(data)


@pytest.mark.parametrize("cut", [0, 10, 300])
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_cut_files_are_refused(form, cut):
    data = _bytes(Image.fromarray(_noise(32, 32, 3)), form)
    with pytest.raises(OSError, match=r"identify|[Tt]runcated|broken"):
        images.read(data[:cut])


def test_fit_scales_the_shorter_side_and_crops_about_the_centre():
    stripes = np.zeros((20, 60), np.uint8)
    stripes[:, 20:40] = 255
    fitted = np.asarray(images.fit(Image.fromarray(stripes), (10, 10)))
    assert fitted.shape == (10, 10)
    assert (fitted[:, 1:-1] == 255).all()
    tall = np.asarray(images.fit(Image.fromarray(stripes.T.copy()), (20, 20)))
    np.testing.assert_array_equal(tall, 255)


def test_reduction_is_antialiased():
    checks = np.indices((64, 64)).sum(0) % 2 * np.uint8(255)
    fitted = np.asarray(images.fit(Image.fromarray(checks.astype(np.uint8)), (16, 16)))
    np.testing.assert_allclose(fitted[2:-2, 2:-2], 127.5, atol=6)


def test_convert_leaves_the_right_shape_alone_and_changes_channels():
    colour = _noise(2, 6, 4, 3)
    assert images.convert(colour, (6, 4), 3) is colour
    grey = images.convert(colour, (6, 4), 1)
    luma = colour @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(grey[..., 0], luma, atol=0.6)
    back = images.convert(grey, (6, 4), 3)
    np.testing.assert_array_equal(back, np.repeat(grey, 3, -1))
    assert images.convert(colour, (3, 5), 3).shape == (2, 3, 5, 3)


def test_head_agrees_with_read():
    for image in (Image.fromarray(_noise(5, 7, 3)), Image.fromarray(_noise(4, 9))):
        data = _bytes(image, "PNG")
        read = images.read(data)
        assert images.head(data) == ((read.height, read.width), read.mode == "L")
