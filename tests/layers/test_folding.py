import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo.layers import (
    EqualizedConv2D,
    FIRDownsample,
    ResampledConv2D,
    SpectralConv2D,
)
from gan_zoo.layers.folding import fold_pooling, fold_upsampling, resampled_conv

X = tf.random.stateless_normal((2, 6, 8, 3), (0, 1))
KERNEL = tf.random.stateless_normal((3, 3, 3, 4), (0, 2))


def separate(x, kernel, resample):
    if resample == "up":
        x = tf.repeat(tf.repeat(x, 2, 1), 2, 2)
    y = tf.nn.conv2d(x, kernel, 1, "SAME")
    return tf.nn.avg_pool2d(y, 2, 2, "VALID") if resample == "down" else y


@pytest.mark.parametrize("resample", [None, "up", "down"])
def test_fused_equals_separate_with_its_gradients(resample):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([X, KERNEL])
        y = resampled_conv(X, KERNEL, resample)
        wanted = separate(X, KERNEL, resample)
        fused, apart = tf.reduce_sum(tf.sin(y)), tf.reduce_sum(tf.sin(wanted))
    np.testing.assert_allclose(y, wanted, atol=5e-6)
    for source in (X, KERNEL):
        np.testing.assert_allclose(
            tape.gradient(fused, source), tape.gradient(apart, source), atol=1e-4
        )


def test_folded_kernels_by_hand():
    # A kernel of ones: along an axis, (1, 1, 1) doubled is (1, 2, 2, 1) and pooled is
    # (1, 2, 2, 1) / 2.
    line = np.array([1, 2, 2, 1])
    kernel = tf.ones((3, 3, 2, 5))
    up, down = fold_upsampling(kernel), fold_pooling(kernel)
    assert up.shape == (4, 4, 5, 2)
    assert down.shape == (4, 4, 2, 5)
    np.testing.assert_array_equal(up[..., 4, 1], np.outer(line, line))
    np.testing.assert_array_equal(down[..., 1, 4], np.outer(line, line) / 4)


@pytest.mark.parametrize("resample", [None, "up", "down", "fir_up", "fir_down"])
@pytest.mark.parametrize("kind", [EqualizedConv2D, ResampledConv2D, SpectralConv2D])
def test_layers_know_their_output_shape(kind, resample):
    layer = kind(5, resample=resample)
    assert layer.compute_output_shape(X.shape) == tuple(layer(X).shape)
    width = {None: 8, "up": 16, "down": 4}[resample and resample.removeprefix("fir_")]
    assert layer.compute_output_shape((None, None, 8, 3)) == (None, None, width, 5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel_size": 5}, "3×3 kernel for resampling, got kernel_size=5"),
        (
            {"kernel_size": (3, 1)},
            r"3×3 kernel for resampling, got kernel_size=\(3, 1\)",
        ),
        ({"strides": 2}, r"strides=\(1, 1\) with .*, got \(2, 2\)"),
        ({"groups": 3}, "groups=1 with .*, got 3"),
        ({"padding": "valid"}, "padding='same' with .*, got 'valid'"),
    ],
)
def test_what_cannot_be_folded(arguments, message):
    with pytest.raises(ValueError, match=message):
        ResampledConv2D(3, resample="up", **arguments)
    ResampledConv2D(3, **arguments)


def test_unknown_resampling():
    with pytest.raises(ValueError, match=r"one of .*'fir_up'.*, got 'half'"):
        ResampledConv2D(3, resample="half")


def of_stylegan2(*keys):
    with np.load(golden("stylegan2_ops.npz")) as archive:
        return [archive[key] for key in keys]


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1))


@pytest.mark.parametrize(
    ("resample", "case"),
    [("fir_up", "up2_down1_flip0"), ("fir_down", "up1_down2_flip1")],
)
def test_filtered_resampling_equals_the_authors_of_stylegan2(resample, case):
    x, w, y = of_stylegan2(
        "conv2d_resample/in/x", "conv2d_resample/in/w", f"conv2d_resample/out/{case}"
    )
    kernel = np.transpose(w, (2, 3, 1, 0))
    made = resampled_conv(channels_last(x), tf.constant(kernel), resample)
    wanted = channels_last(y)
    np.testing.assert_allclose(made, wanted, atol=1e-6 * np.abs(wanted).max())


def test_a_kernel_of_one_pixel_is_applied_after_halving():
    kernel = KERNEL[:1, :1]
    made = resampled_conv(X, kernel, "fir_down")
    np.testing.assert_allclose(
        made, FIRDownsample()(tf.nn.conv2d(X, kernel, 1, "SAME")), atol=2e-6
    )
    assert EqualizedConv2D(4, 1, resample="fir_down")(X).shape == (2, 3, 4, 4)
