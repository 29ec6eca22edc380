import keras
import pytest
import tensorflow as tf

from gan_zoo.models.base.network_checks import (
    check_count_of,
    check_image_range,
    check_logits,
    last_activation,
)


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
