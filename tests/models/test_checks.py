import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.metrics import DensityCoverage, PeakSignalToNoise, PrecisionRecall
from gan_zoo.models.checks import (
    check_bandwidths,
    check_count,
    check_count_of,
    check_float,
    check_logits,
    check_metrics,
    check_shape,
    check_weight,
    last_activation,
)


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
    for value in (-0.5, float("nan")):
        with pytest.raises(ValueError, match="w of at least 0, got"):
            check_weight("w", value)


def test_bandwidths_become_floats_that_a_configuration_keeps():
    assert check_bandwidths(np.array([1, 2], "float32")) == (1.0, 2.0)
    assert {type(width) for width in check_bandwidths(np.float32([1, 2]))} == {float}
    for bandwidths in ((), np.zeros(0), (1.0, -1.0), (float("nan"),)):
        with pytest.raises(ValueError, match="bandwidths above 0"):
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
