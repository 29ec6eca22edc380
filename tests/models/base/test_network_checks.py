import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from gan_zoo.models.base.checks import (
    check_bandwidths,
    check_count,
    check_count_of,
    check_decay,
    check_float,
    check_image_range,
    check_image_shape,
    check_logits,
    check_metrics,
    check_shape,
    check_weight,
    last_activation,
)

from gan_zoo.metrics import DensityCoverage, PeakSignalToNoise, PrecisionRecall


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_float_images_pass_as_arrays_and_as_specs(dtype):
    check_float(tf.TensorSpec((None, 4, 4, 1), dtype))
    if dtype != "bfloat16":
        check_float(np.zeros((2, 4, 4, 1), dtype))


def test_bytes_are_refused_with_the_fix():
    with pytest.raises(ValueError, match=r"got uint8.*127.5 - 1"):
        check_float(np.zeros((2, 4, 4, 1), "uint8"))


def test_a_single_image_and_another_shape_are_refused_with_the_fix():
    check_shape("GAN", np.zeros((2, 4, 4, 1)), (4, 4, 1))
    with pytest.raises(ValueError, match=r"single ones.*ds.batch"):
        check_shape("GAN", np.zeros((4, 4, 1)), (4, 4, 1))
    with pytest.raises(ValueError, match=r"Pass image_shape=\(4, 6, 1\)"):
        check_shape("GAN", np.zeros((2, 4, 6, 1)), (4, 4, 1))


def test_images_without_channels_get_them():
    """Such as those of keras.datasets.mnist."""
    for images in (np.zeros((2, 4, 4)), tf.TensorSpec((None, 4, 4))):
        with pytest.raises(ValueError, match=r"Write images\[\.\.\., None\]"):
            check_shape("GAN", images, (4, 4, 1))
    with pytest.raises(ValueError, match="single ones"):
        check_shape("GAN", np.zeros((2, 4, 4)), (4, 4, 3))


def test_counts_are_integers_from_a_least_one():
    check_count("n", 0, 0)
    check_count("n", np.int64(3))
    for value in (0, 2.5, "3", None):
        with pytest.raises(ValueError, match="n to be an integer of at least 1, got"):
            check_count("n", value)


def test_weights_are_numbers_from_zero():
    check_weight("w", 0)
    check_weight("w", np.float32(0.5))
    for value in (-0.5, float("nan"), float("inf"), None, "10", (0.5, 1), 1j):
        message = f"w to be a finite number of at least 0, got {value!r}."
        with pytest.raises(ValueError, match=re.escape(message)):
            check_weight("w", value)


def test_decays_are_numbers_below_one():
    check_decay("ema", 0)
    check_decay("ema", 0.999)
    for value in (1, -0.1, "a", float("nan"), [0.9]):
        with pytest.raises(ValueError, match=r"^Expected ema in \[0, 1\), .* got "):
            check_decay("ema", value)


@pytest.mark.parametrize("shape", [[28, 32, 1], np.array([28, 32, 1]), (2,)])
def test_shapes_of_images_become_tuples_of_ints(shape):
    checked = check_image_shape(shape)
    assert checked == tuple(shape)
    assert {type(checked), type(checked[0])} == {tuple, int}


@pytest.mark.parametrize(
    "shape", [28, None, (), "abc", (None, None, 1), ("28", 28, 1), (28, 0, 1), (2.5,)]
)
def test_other_shapes_of_images_are_refused(shape):
    with pytest.raises(ValueError, match=r"image_shape_b to be \(height.*\(d,\)") as e:
        check_image_shape(shape, "image_shape_b")
    assert f"got {shape!r}." in str(e.value)


def test_bandwidths_become_floats_that_a_configuration_keeps():
    assert check_bandwidths(np.array([1, 2], "float32")) == (1.0, 2.0)
    assert {type(width) for width in check_bandwidths(np.float32([1, 2]))} == {float}
    for bandwidths in ((), np.zeros(0), (1.0, -1.0), (float("nan"),), 2.0, "12"):
        with pytest.raises(ValueError, match=r"bandwidths above 0, several .* got"):
            check_bandwidths(bandwidths)


def test_two_numbers_of_one_name_are_refused_with_the_fix():
    accuracy = keras.metrics.Accuracy(name="accuracy")
    # Metrics of several numbers each, all different.
    check_metrics([accuracy], [PrecisionRecall("mnist"), DensityCoverage("mnist")])
    check_metrics((), [PeakSignalToNoise(), PeakSignalToNoise(name="psnr_whole")])
    with pytest.raises(ValueError, match=r"precision_mnist, recall_mnist twice.*name="):
        check_metrics((), [PrecisionRecall("mnist"), PrecisionRecall("mnist", 5)])
    with pytest.raises(ValueError, match="got accuracy twice"):
        check_metrics([accuracy], [PeakSignalToNoise(name="accuracy")])


def test_metrics_of_another_kind_are_refused():
    with pytest.raises(TypeError, match=r"metrics\.FrechetDistance.*got <Mean"):
        check_metrics((), [keras.metrics.Mean()])


def dense(units, activation=None):
    return keras.layers.Dense(units, activation)


def ending_in(last):
    x = keras.Input((4,))
    return keras.Model(x, last(dense(4)(x)))


def float32(x):
    return keras.layers.Activation("linear", dtype="float32")(x)


def nested(x):
    return ending_in(lambda y: keras.layers.Flatten()(dense(1, "hard_sigmoid")(y)))(x)


def sequential(x):
    return keras.Sequential([dense(4), dense(4, "tanh")])(x)[:, :1]


@pytest.mark.parametrize(
    ("last", "activation"),
    [
        (lambda x: dense(1, "sigmoid")(x), "sigmoid"),
        (lambda x: dense(3, tf.nn.softmax)(x), "softmax_v2"),
        (lambda x: float32(keras.layers.Activation("sigmoid")(x)), "sigmoid"),
        (lambda x: keras.layers.Softmax()(x), "softmax"),
        (lambda x: keras.ops.cast(keras.ops.sigmoid(x), "float16"), "sigmoid"),
        (lambda x: keras.layers.Reshape((2, 2))(keras.ops.tanh(x)), "tanh"),
        (nested, "hard_sigmoid"),
        (sequential, "tanh"),
        (lambda x: float32(dense(1)(x)), None),
        (lambda x: dense(1)(dense(4, "sigmoid")(x)), None),
        (lambda x: 9.0 * keras.ops.sigmoid(x), None),
        (lambda x: dense(1, "leaky_relu")(x), None),
    ],
)
def test_a_bounded_output_is_found_behind_casts_shapes_and_networks(last, activation):
    network = ending_in(last)
    assert last_activation(network) == activation
    if activation:
        with pytest.raises(ValueError, match=f"score ends in a {activation}; expected"):
            check_logits("discriminator's score", network)
    else:
        check_logits("discriminator's score", network)


def as_image(x):
    return keras.layers.Reshape((2, 2, 1))(x)


@pytest.mark.parametrize(
    "last",
    [
        lambda x: as_image(dense(4, "sigmoid")(x)),
        lambda x: float32(keras.ops.hard_sigmoid(as_image(x))),
        lambda x: keras.layers.Dense(3, "softmax")(as_image(x)),
    ],
)
def test_images_from_zero_to_one_are_refused_with_the_fix(last):
    with pytest.raises(ValueError, match=r"decoder ends in .*\[0, 1\]; .* in a tanh"):
        check_image_range("decoder", ending_in(last))


def test_images_of_another_range_and_vectors_pass():
    check_image_range("generator", ending_in(dense(4, "sigmoid")))
    check_image_range("generator", ending_in(lambda x: as_image(keras.ops.tanh(x))))
    check_image_range(
        "generator", ending_in(lambda x: 2.0 * as_image(keras.ops.sigmoid(x)) - 1.0)
    )
    check_image_range("generator", ending_in(as_image))


def test_each_output_is_looked_at_alone_also_of_a_network_within():
    point = keras.Input((4,))
    inner = keras.Model(point, [dense(1)(point), dense(3, "softmax")(point)])
    network = keras.Model(point, inner(point)[::-1])
    assert last_activation(network, 0) == "softmax"
    assert last_activation(network, 1) is None


def test_what_cannot_be_seen_through_is_let_through():
    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = dense(1, "sigmoid")

        def call(self, x):
            return self.last(x)

    check_logits("discriminator's score", ending_in(lambda x: Subclassed()(x)))


def test_another_count_of_outputs_is_refused_with_the_names_of_those_wanted():
    network = ending_in(lambda x: dense(1)(x))
    check_count_of("inputs", "generator", network, ["latents"])
    with pytest.raises(ValueError, match=r"outputs means, spreads, got 1.*\(1,\)"):
        check_count_of("outputs", "decoder", network, ["means", "spreads"])
