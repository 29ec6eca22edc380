import numpy as np
import pytest
import tensorflow as tf
from testing import golden, rebuilt

from gan_zoo.layers import ModulatedConv2D


def recorded():
    with np.load(golden("stylegan2_ops.npz")) as archive:
        start = "modulated_conv2d/"
        keys = [k for k in archive.files if k.startswith(start)]
        return {k.removeprefix(start): archive[k] for k in keys}


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1))


def layer_of(arrays, size, **kwargs):
    """A layer whose affine function gives a style as it is."""
    layer = ModulatedConv2D(7, size, **kwargs)
    layer.build([(None, None, None, 5), (None, 5)])
    layer.kernel.assign(np.transpose(arrays[f"in/w{size}"], (2, 3, 1, 0)))
    # Of a layer without demodulation, W is divided by √(fan in).
    layer.affine.kernel.assign(np.eye(5) * 5**0.5 / layer.scale)
    layer.affine.bias.assign(np.zeros(5))
    return layer


@pytest.mark.parametrize(
    ("size", "demodulate", "up"),
    [(3, True, 1), (3, True, 2), (3, False, 1), (3, False, 2), (1, True, 1)],
)
def test_equals_the_authors(size, demodulate, up):
    arrays = recorded()
    layer = layer_of(
        arrays, size, demodulate=demodulate, resample="fir_up" if up == 2 else None
    )
    x = channels_last(arrays["in/x"])
    made = layer([tf.constant(x), tf.constant(arrays["in/styles"])])
    wanted = channels_last(arrays[f"out/w{size}_demod{int(demodulate)}_up{up}_down1"])
    np.testing.assert_allclose(made, wanted, atol=1e-6 * np.abs(wanted).max())


def test_gradients_equal_the_authors():
    arrays = recorded()
    layer = layer_of(arrays, 3, resample="fir_up")
    x = tf.constant(channels_last(arrays["in/x"]))
    styles = tf.constant(arrays["in/styles"])
    with tf.GradientTape() as tape:
        tape.watch([x, styles])
        total = tf.reduce_sum(layer([x, styles]) * channels_last(arrays["in/g"]))
    of_x, of_w, of_styles = tape.gradient(total, [x, layer.kernel.value, styles])
    pairs = (
        (of_x, channels_last(arrays["out/up2_grad_x"])),
        (of_w, np.transpose(arrays["out/up2_grad_w3"], (2, 3, 1, 0))),
        (of_styles, arrays["out/up2_grad_styles"]),
    )
    for one, two in pairs:
        np.testing.assert_allclose(one, two, atol=2e-6 * np.abs(two).max())


def test_demodulated_kernels_have_unit_output_deviation():
    layer = ModulatedConv2D(4)
    x = tf.random.stateless_normal((2, 66, 66, 6), (0, 1))
    w = tf.constant([[1.0, -3.0], [20.0, 5.0]])
    inner = layer([x, w])[:, 1:-1, 1:-1]
    deviations = np.std(inner, axis=(1, 2))
    np.testing.assert_allclose(deviations, 1.0, rtol=0.05)


def test_styles_are_one_at_first():
    layer = ModulatedConv2D(4, demodulate=False)
    x = tf.random.stateless_normal((2, 5, 5, 6), (0, 1))
    made = layer([x, tf.zeros((2, 3))])
    plain = tf.nn.conv2d(x, layer.kernel.value, 1, "SAME") / (9 * 6) ** 0.5
    np.testing.assert_allclose(made, plain, atol=1e-5)


def test_shapes_and_configuration():
    layer = rebuilt(ModulatedConv2D(4, demodulate=False, resample="fir_up"))
    assert layer.compute_output_shape([(None, 8, 6, 3), (None, 5)]) == (None, 16, 12, 4)
    assert not layer.demodulate
    with pytest.raises(ValueError, match="a 3×3 kernel for resampling"):
        ModulatedConv2D(4, 1, resample="fir_up")
