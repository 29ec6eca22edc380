import keras
import pytest
import tensorflow as tf
from models.systems import SYSTEMS

from gan_zoo.inputs import Features
from gan_zoo.models.base.network_checks import (
    check_image_range,
    check_logits,
    check_network,
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


def test_each_input_and_output_is_counted_and_its_shape_compared():
    network = ending_in(lambda x: [dense(1)(x), dense(3)(x)])
    check_network("encoder", network, {"points": (4,)}, {"a": (1,), "b": (3,)})
    check_network("encoder", network, {"points": (None,)}, {"a": None, "b": (None,)})
    check_network("encoder", network, {"points": Features((4,))})
    for taken, made, message in (
        ({"points": (4,)}, {"a": (1,)}, r"encoder with the outputs a, got 2 .*\(3,\)"),
        ({"x": (4,), "y": ()}, None, r"encoder with the inputs x, y, got 1 .*\(4,\)"),
        ({"points": (5,)}, None, r"encoder takes points of shape \(4,\); .*\(5,\)"),
        ({"points": (4,)}, {"a": (1,), "b": (2,)}, r"encoder makes b of shape \(3,\)"),
        ({"points": (4,)}, {"a": (1,), "b": (None, 3)}, r"makes b of shape \(3,\)"),
        ({"points": Features((5,))}, None, r"an encoder that|a encoder that takes"),
    ):
        with pytest.raises(ValueError, match=message):
            check_network("encoder", network, taken, made)


def test_networks_of_unknown_shapes_are_refused():
    with pytest.raises(ValueError, match=r"Start it with keras\.Input\(shape\)"):
        check_network("encoder", keras.Sequential([dense(1)]), {"points": (4,)})


# All networks of all systems.


def one_input_more(network):
    return keras.Model([*network.inputs, keras.Input((3,))], network.outputs)


def other_input(network):
    """Its first input is longer by one in the last axis."""
    first, *others = network.inputs
    longer = keras.Input((*first.shape[1:-1], first.shape[-1] + 1), dtype=first.dtype)
    outputs = network([longer[..., :-1], *others] if others else longer[..., :-1])
    return keras.Model([longer, *others], outputs)


def one_output_more(network):
    return keras.Model(network.inputs, [*network.outputs, network.outputs[-1]])


def other_output(network):
    """Its first output is twice as long in the last axis."""
    first, *others = network.outputs
    double = keras.layers.Concatenate()([first, first])
    return keras.Model(network.inputs, [double, *others])


# What is right with these networks: the scores of a discriminator of patches have any
# shape, codes any length, and features may come second.
RIGHT = {
    ("CycleGAN", "discriminator_a", other_output),
    ("CycleGAN", "discriminator_b", other_output),
    ("ImprovedGAN, features matched", "discriminator", one_output_more),
}


@pytest.mark.parametrize(
    "change", [one_input_more, other_input, one_output_more, other_output]
)
@pytest.mark.parametrize("system", SYSTEMS)
def test_no_system_takes_a_network_of_other_inputs_or_outputs(system, change):
    model = SYSTEMS[system]()
    own = [name for name in model.networks if name in model.get_config()]
    assert own
    for name in own:
        if (system, name, change) in RIGHT:
            continue
        config = model.get_config() | {name: change(model.networks[name])}
        # MMD GAN's decoder must take the encoder's codes, of whatever length.
        blamed = name
        if (system, name, change) == ("MMDGAN", "encoder", other_output):
            blamed = "decoder"
        with pytest.raises(ValueError, match=blamed):
            type(model).from_config(config)
