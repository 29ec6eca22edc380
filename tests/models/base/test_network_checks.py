import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.systems import SYSTEMS

import gan_zoo
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
    check_network("encoder", network, {}, None, {"points": Features((4,))})
    for taken, made, message in (
        (
            {"points": (4,)},
            {"a": (1,)},
            r"encoder to have the outputs a, got 2 .*\(3,\)",
        ),
        (
            {"x": (4,), "y": ()},
            None,
            r"encoder to have the inputs x, y, got 1 .*\(4,\)",
        ),
        ({"points": (5,)}, None, r"takes points of shape \(4,\)\. By .*\(5,\)"),
        ({"points": (4,)}, {"a": (1,), "b": (2,)}, r"encoder makes b of shape \(3,\)"),
        ({"points": (4,)}, {"a": (1,), "b": (None, 3)}, r"makes b of shape \(3,\)"),
    ):
        with pytest.raises(ValueError, match=message):
            check_network("encoder", network, taken, made)
    with pytest.raises(ValueError, match=r"encoder to take .* \(5,\), got .* \(4,\)"):
        check_network("encoder", network, {}, None, {"points": Features((5,))})


def test_networks_may_take_images_of_any_size():
    image = keras.Input((None, None, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(image)
    critic = keras.Model(image, dense(1)(pooled))
    gan = gan_zoo.GAN((8, 8, 1), 3, discriminator=critic)
    gan.compile(run_eagerly=True)
    gan.fit(np.zeros((4, 8, 8, 1), "float32"), verbose=0)
    assert gan.trained_steps == 1
    same = keras.Model(image, keras.layers.Conv2D(1, 3, padding="same")(image))
    wanted = {"images": (8, 8, 1)}
    check_network("translator", same, wanted, wanted)
    with pytest.raises(ValueError, match=r"takes images of .*it should be \(8, 8, 3\)"):
        check_network("translator", same, {"images": (8, 8, 3)})
    halved = keras.layers.Conv2D(1, 3, 2, "same")(image)
    halved = keras.Model(image, keras.layers.UpSampling2D()(halved))
    check_network("translator", halved, wanted, wanted)
    odd = {"images": (7, 8, 1)}
    with pytest.raises(ValueError, match=r"makes images of shape \(8, 8, 1\)\. By"):
        check_network("translator", halved, odd, odd)
    listed = keras.Model(image, [halved.output])
    check_network("translator", listed, wanted, wanted)
    check_network("translator", keras.Model(image, (same.output,)), wanted, wanted)
    with pytest.raises(ValueError, match=r"makes images of shape \(8, 8, 1\)\. By"):
        check_network("translator", listed, odd, odd)
    # Without open sides at its input, nobody knows what it makes.
    z = keras.Input((4,))
    some = keras.ops.reshape(dense(64)(z), (-1, 8, 8, 1))
    unknown = keras.layers.Lambda(lambda x: x, output_shape=(None, None, 1))(some)
    with pytest.raises(ValueError, match=r"makes images of shape \(None, None, 1\)"):
        check_network("generator", keras.Model(z, unknown), {"z": (4,)}, wanted)


def test_outputs_by_name_are_refused():
    z = keras.Input((4,))
    named = keras.Model(z, {"points": dense(1)(z)})
    with pytest.raises(ValueError, match="a tensor or a list, got a dict"):
        check_network("encoder", named, {"z": (4,)}, {"points": (1,)})
    z = keras.Input((4,), name="z")
    named = keras.Model({"z": z}, dense(1)(z))
    with pytest.raises(ValueError, match="Expected the inputs of the encoder as a te"):
        check_network("encoder", named, {"z": (4,)})


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


OF_PATCHES = ("Pix2Pix", "BicycleGAN", "CUT", "FaceCompletion", "MGAN", "StarGAN")
OF_PATCHES += ("MGAN, unpaired", "StarGAN, domains")

# What is right with these networks: the scores of a discriminator of patches have any
# shape, features may come second, and those that are compared may be any.
RIGHT = {
    *(
        (name, f"discriminator_{side}", other_output)
        for name in ("CycleGAN", "DiscoGAN", "DualGAN", "UNIT")
        for side in "ab"
    ),
    *((name, "discriminator", other_output) for name in OF_PATCHES),
    ("AttributeGAN", "discriminator", one_output_more),
    ("BicycleGAN", "discriminator_of_drawn", other_output),
    *(
        (f"SPADE{form}", critic, change)
        for form in ("", ", features")
        for critic in ("discriminator", "discriminator_of_halves", "features")
        for change in (other_output, one_output_more)
    ),
    ("CUT", "heads", other_output),
    ("SRGAN, features", "features", other_output),
    ("SRGAN, features", "features", one_output_more),
    ("ESRGAN, features", "features", other_output),
    ("ESRGAN, features", "features", one_output_more),
    ("ImprovedGAN, features matched", "discriminator", one_output_more),
}


# Networks whose output may be of any length, and the ones that must take it.
NEXT = {
    ("MMDGAN", "encoder"): "decoder",
    ("MGAN", "encoder"): "generator",
    ("MGAN", "features"): "discriminator",
}
CHANGES = (one_input_more, other_input, one_output_more, other_output)


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_system_takes_a_network_whose_outputs_have_names(system):
    model = SYSTEMS[system].tiny()
    for name in [name for name in model.networks if name in model.get_config()]:
        network = model.networks[name]
        named = dict(zip("abcdefgh", network.outputs, strict=False))
        config = model.get_config() | {name: keras.Model(network.inputs, named)}
        with pytest.raises(ValueError, match="got a dict"):
            type(model).from_config(config)


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_system_takes_a_network_of_other_inputs_or_outputs(system):
    model = SYSTEMS[system].tiny()
    own = [name for name in model.networks if name in model.get_config()]
    assert own
    for name, change in itertools.product(own, CHANGES):
        if (system, name, change) in RIGHT:
            continue
        blamed = name
        if change is other_output:
            blamed = NEXT.get((system.partition(",")[0], name), name)
        # Anew, since Keras empties what it reads.
        config = model.get_config() | {name: change(model.networks[name])}
        with pytest.raises(ValueError, match=blamed):
            type(model).from_config(config)


# Of every system whose networks must be of a kind.

FAMILIES = ["GAN", "MMDGAN", "GMMN", "VAE", "VAEGAN", "Autoencoder", "CycleGAN"]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_looks_at_the_shape_of_its_images(name):
    for shape in (28, (None, None, 1)):
        with pytest.raises(ValueError, match=r"^Expected image_shape to be \(h") as e:
            getattr(gan_zoo, name)(image_shape=shape)
        assert f"got {shape!r}." in str(e.value)


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("DCGAN", "generator"),
        ("ACGAN", "generator"),
        ("MMDGAN", "generator"),
        ("GMMN", "generator"),
        ("VAEGAN", "decoder"),
        ("CycleGAN", "generator_b_to_a"),
    ],
)
def test_a_sigmoid_at_the_end_of_a_generator_of_images_is_refused(name, network):
    model = SYSTEMS[name].tiny()
    plain = getattr(model, network)
    image = keras.layers.Activation("sigmoid")(plain.outputs[0])
    config = model.get_config()
    config[network] = keras.saving.serialize_keras_object(
        keras.Model(plain.inputs, image)
    )
    with pytest.raises(ValueError, match=f"The {network} ends in a sigmoid.*in a tanh"):
        type(model).from_config(config)


@pytest.mark.parametrize(
    ("name", "network", "place", "message"),
    [
        ("CGAN", "generator", 1, r"generator to take labels .* got .* \(3,\)\."),
        ("CGAN", "discriminator", 1, r"CategoryEncoding\(3, 'one_hot'\)"),
        ("ACGAN", "generator", 1, r"Embedding\(3, "),
        ("InfoGAN", "generator", 1, "generator to take labels as integers"),
        ("InfoGAN", "generator", 2, r"codes of shape \(2,\), got .* \(3,\)\."),
    ],
)
def test_networks_that_take_conditions_of_another_shape_are_refused(
    name, network, place, message
):
    model = SYSTEMS[name].tiny()
    told = getattr(model, network)
    inputs = [keras.Input(x.shape[1:]) for x in told.inputs]
    inputs[place] = keras.Input((3,))
    x = [keras.layers.Flatten()(x) for x in inputs if len(x.shape) > 1]
    shape = told.outputs[0].shape[1:]
    x = keras.layers.Dense(int(np.prod(shape)))(keras.layers.Concatenate()(x))
    other = keras.Model(inputs, keras.layers.Reshape(shape)(x))
    config = model.get_config()
    config[network] = keras.saving.serialize_keras_object(other)
    with pytest.raises(ValueError, match=message):
        type(model).from_config(config)


@pytest.mark.parametrize(
    ("name", "network", "place", "activation"),
    [
        ("GAN", "discriminator", 0, "sigmoid"),
        ("CGAN", "discriminator", 0, "sigmoid"),
        ("ACGAN", "discriminator", 0, "sigmoid"),
        ("ACGAN", "discriminator", 1, "softmax"),
        ("InfoGAN", "discriminator", 0, "sigmoid"),
        ("InfoGAN", "discriminator", 1, "softmax"),
        ("SemiSupervisedGAN", "discriminator", 0, "softmax"),
        ("VAEGAN", "discriminator", 0, "sigmoid"),
        ("VAE", "decoder", 0, "tanh"),
        ("Autoencoder", "decoder", 0, "sigmoid"),
    ],
)
def test_probabilities_in_the_place_of_logits_are_refused(
    name, network, place, activation
):
    model = SYSTEMS[name].tiny()
    plain = getattr(model, network)
    outputs = list(plain.outputs)
    outputs[place] = keras.layers.Activation(activation)(outputs[place])
    bounded = keras.Model(plain.inputs, outputs if outputs[1:] else outputs[0])
    config = model.get_config()
    config[network] = keras.saving.serialize_keras_object(bounded)
    with pytest.raises(ValueError, match=f"ends in a {activation}; expected logits"):
        type(model).from_config(config)


@pytest.mark.parametrize(
    ("name", "network", "inputs"),
    [
        ("CGAN", "generator", "latents, labels"),
        ("CGAN", "discriminator", "images, labels"),
        ("ProjectionGAN", "discriminator", "images, labels"),
        ("ProjectionGAN", "generator", "latents, labels"),
        ("ACGAN", "generator", "latents, labels"),
        ("InfoGAN", "generator", "latents, labels, codes"),
    ],
)
def test_networks_that_are_not_told_the_condition_are_refused(name, network, inputs):
    model = SYSTEMS[name].tiny()
    told = getattr(model, network)
    start = told.inputs[0]
    x = keras.layers.Dense(64)(keras.layers.Flatten()(start))
    shape = told.outputs[0].shape[1:]
    x = keras.layers.Dense(int(np.prod(shape)))(x)
    untold = keras.Model(start, keras.layers.Reshape(shape)(x))
    config = model.get_config()
    config[network] = keras.saving.serialize_keras_object(untold)
    with pytest.raises(
        ValueError, match=f"{network} to have the inputs {inputs}, got 1"
    ):
        type(model).from_config(config)
