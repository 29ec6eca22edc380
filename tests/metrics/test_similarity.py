import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.metrics import (
    MultiScaleSimilarity,
    PeakSignalToNoise,
    StructuralSimilarity,
    ms_ssim,
    psnr,
    ssim,
)

# scikit-image 0.26.0 on NumPy 2.4.6, float64, on pair(40, 36):
# peak_signal_noise_ratio(x, y, data_range=2), structural_similarity(x + 1, y + 1,
# data_range=2, channel_axis=-1, gaussian_weights=True, sigma=1.5,
# use_sample_covariance=False); with luma the same functions with data_range=255 on
# color.rgb2ycbcr((x + 1) / 2)[4:-4, 4:-4, 0].
SKIMAGE = {
    (psnr, False): 26.85059394570688,
    (ssim, False): 0.9109617977185317,
    (psnr, True): 30.649801931070243,
    (ssim, True): 0.9601740493111782,
}


def pair(height, width):
    """A smooth image (h, w, 3) in [-1, 1], and the same darker and noisy."""
    shape = (height, width, 3)
    noise = np.random.default_rng(0).random(shape)
    rows, columns = np.arange(height)[:, None, None], np.arange(width)[:, None]
    x = np.sin(rows / 5 + columns / 9 + np.arange(3))
    return x, np.clip(0.9 * x + 0.2 * noise - 0.1, -1, 1)


def batch(height, width):
    """Three different pairs, (3, h, w, 3) each."""
    x, y = pair(height, width)
    return np.stack([x, y, x]).astype("float32"), np.stack([y, x, -x]).astype("float32")


@pytest.mark.parametrize(("function", "luma"), SKIMAGE)
def test_equals_scikit_image(function, luma):
    x, y = (image[None] for image in pair(40, 36))
    value = float(function(x, y, luma, 4 if luma else 0)[0])
    assert value == pytest.approx(SKIMAGE[function, luma], rel=2e-6)


def test_equals_tensorflow_image_by_image():
    x, y = batch(24, 30)
    np.testing.assert_allclose(psnr(x, y), tf.image.psnr(x, y, 2.0), rtol=1e-5)
    np.testing.assert_allclose(ssim(x, y), tf.image.ssim(x + 1, y + 1, 2.0), atol=5e-6)
    for height, width in ((177, 195), (176, 192)):  # odd sides, even ones
        x, y = batch(height, width)
        values, theirs = ms_ssim(x, y), tf.image.ssim_multiscale(x + 1, y + 1, 2.0)
        np.testing.assert_allclose(values, theirs, atol=1e-5)
    assert values[0] > 0.8
    assert values[2] == 0  # a negative has a negative structure


def test_psnr_by_hand():
    """A quarter of the pixels is off by 0.2: 10 log10(4 / (0.04 / 4))."""
    x = np.zeros((1, 2, 2, 1), "float32")
    y = x.copy()
    y[0, 0, 0] = 0.2
    assert float(psnr(x, y)[0]) == pytest.approx(10 * np.log10(400), rel=1e-6)
    assert np.isinf(psnr(x, x)[0])
    # White and black are 219 of 255 apart in luma.
    black, white = -np.ones((1, 1, 1, 3)), np.ones((1, 1, 1, 3))
    expected = 20 * np.log10(255 / 219)
    assert float(psnr(black, white, luma=True)[0]) == pytest.approx(expected, rel=1e-5)


def test_ssim_by_hand():
    """Flat images have no structure: (2ab + C₁) / (a² + b² + C₁), C₁ = 0.0004."""
    a, b = np.full((1, 11, 11, 1), -0.5), np.full((1, 11, 11, 1), -0.75)
    # Half and a quarter above black.
    expected = (2 * 0.125 + 4e-4) / (0.25 + 0.0625 + 4e-4)
    assert float(ssim(a, b)[0]) == pytest.approx(expected, rel=1e-4)
    x, _ = batch(20, 20)
    np.testing.assert_allclose(ssim(x, x), 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("metric", "function", "side"),
    [
        (PeakSignalToNoise, psnr, 20),
        (StructuralSimilarity, ssim, 20),
        (MultiScaleSimilarity, ms_ssim, 176),
    ],
)
def test_the_metric_is_the_mean_over_pairs(metric, function, side):
    x, y = batch(side, side)
    made = metric()
    update = tf.function(made.update_state)
    made.begin("reference")  # known real images must not be left out of a pair
    update(x, y)
    made.complete()
    made.begin("reference")
    for i in (0, 1, 2):
        update(x[i : i + 1], y[i : i + 1])
    expected = np.mean(function(x, y), dtype="float64")
    assert float(made.result()) == pytest.approx(expected, rel=1e-6)
    assert made.name == function.__name__
    assert made.protocol().endswith("mean over channels; mean over 3 pairs")


def test_luma_and_border_are_in_the_name_and_the_protocol():
    metric = PeakSignalToNoise(luma=True, border=4)
    assert metric.name == "psnr_y"
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    x, y = batch(20, 20)
    again.update_state(x, y)
    expected = np.mean(psnr(x, y, luma=True, border=4), dtype="float64")
    assert float(again.result()) == pytest.approx(expected, rel=1e-6)
    assert "luma of BT.601 (16 to 235), border of 4 left out" in again.protocol()


def test_wrong_input_is_named():
    x, y = batch(20, 20)
    with pytest.raises(ValueError, match=r"\(3, 20, 20, 3\) and \(3, 19, 20, 3\)"):
        psnr(x, y[:, 1:])
    with pytest.raises(ValueError, match=r"at least 11 within a border of 5"):
        ssim(x, y, border=5)
    with pytest.raises(ValueError, match=r"at least 176.*20 x 20"):
        ms_ssim(x, y)
    with pytest.raises(ValueError, match=r"RGB images .* got 1"):
        psnr(x[..., :1], y[..., :1], luma=True)
    with pytest.raises(ValueError, match="3 real and 2"):
        PeakSignalToNoise().update_state(x, y[:2])
    with pytest.raises(ValueError, match="got 0"):
        StructuralSimilarity().result()
