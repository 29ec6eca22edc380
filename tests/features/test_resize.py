import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from testing import golden

from gan_zoo.features import resize

FILTERS = {
    "bicubic": (resize.clean_bicubic, Image.Resampling.BICUBIC),
    "bilinear": (resize.clean_bilinear, Image.Resampling.BILINEAR),
}


def levels(*shape):
    return np.random.default_rng(0).integers(0, 256, shape).astype("float32")


def by_pillow(image, size, resampling):
    channels = [
        Image.fromarray(channel).resize(size[::-1], resampling)
        for channel in np.ascontiguousarray(image.transpose(2, 0, 1))
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((32, 32), (299, 299)),
        ((512, 400), (299, 299)),
        ((301, 299), (299, 299)),
        ((7, 1000), (299, 299)),
        ((1, 2), (9, 5)),
        ((50, 60), (20, 90)),
    ],
)
def test_clean_is_pillows(name, given, wanted):
    function, resampling = FILTERS[name]
    images = levels(2, *given, 3)
    found = np.asarray(function(images, wanted))
    for image, got in zip(images, found, strict=True):
        np.testing.assert_allclose(
            got, by_pillow(image, wanted, resampling), rtol=0, atol=255e-6
        )


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("case", ["up32", "up_rect", "down"])
def test_clean_equals_clean_fid(name, case):
    with np.load(golden("clean_resize.npz")) as archive:
        image = archive[f"{case}/in/img"].astype("float32")
        wanted = {
            key.rpartition("/")[2]: archive[key]
            for key in archive.files
            if key.startswith(f"{case}/out/{name}/")
        }
    found = np.clip(FILTERS[name][0](image[None], (299, 299))[0], 0, 255)
    parts = {
        "tl24": found[:24, :24],
        "br24": found[-24:, -24:],
        "mid24": found[138:162, 138:162],
        "row100": found[100],
        "col57": found[:, 57],
        "mean_rgb": found.astype("float64").mean(axis=(0, 1)),
        "std_rgb": found.astype("float64").std(axis=(0, 1)),
    }
    assert len(wanted) >= 5
    for part, value in wanted.items():
        np.testing.assert_allclose(parts[part], value, rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((64, 64), (28, 28)),
        ((64, 64), (224, 224)),
        ((31, 45), (17, 64)),
        ((7, 5), (1, 13)),
        ((1, 3), (4, 2)),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_clean_bilinear_is_tensorflows_antialiased_one(given, wanted, channels):
    """Up to where TensorFlow reads: it places its samples in float32."""
    images = levels(3, *given, channels) / 127.5 - 1
    expected = tf.image.resize(images, wanted, "bilinear", antialias=True)
    found = resize.clean_bilinear(images, wanted)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)


def test_what_has_the_size_is_left_alone():
    images = levels(1, 6, 5, 3)
    np.testing.assert_array_equal(resize.clean_bicubic(images, (6, 5)), images)
    np.testing.assert_array_equal(resize.legacy_bilinear(images, (6, 5)), images)


def test_legacy_reads_output_pixel_i_at_i_times_the_scale():
    row = np.array([0.0, 8.0, 4.0], "float32").reshape(1, 1, 3, 1)
    # 3 -> 6: read at 0, .5, 1, 1.5, 2 and 2.5, where nothing follows.
    found = np.ravel(resize.legacy_bilinear(row, (1, 6)))
    np.testing.assert_array_equal(found, [0, 4, 8, 6, 4, 4])
    # 6 -> 2, aliased: pixels 0 and 3 as they are.
    row = levels(1, 1, 6, 1)
    found = np.ravel(resize.legacy_bilinear(row, (1, 2)))
    np.testing.assert_array_equal(found, row[0, 0, [0, 3], 0])


def test_clean_hides_what_legacy_aliases():
    """Stripes of one pixel are grey from afar, not black (Parmar et al., figure 2)."""
    stripes = np.zeros((1, 598, 598, 1), "float32")
    stripes[:, :, 1::2] = 255
    inner = np.s_[:, 5:-5, 5:-5]
    assert np.max(resize.legacy_bilinear(stripes, (299, 299))) == 0
    grey = resize.clean_bicubic(stripes, (299, 299))[inner]
    np.testing.assert_allclose(grey, 127.5, rtol=0.05)


def test_an_unknown_size_is_refused():
    with pytest.raises(ValueError, match="static height and width"):
        resize.clean_bicubic(keras.KerasTensor((2, None, 8, 3)), (4, 4))
