import functools
import json

import keras
import numpy as np
import pytest
import replicas
import tensorflow as tf
from keras import ops

import gan_zoo
from gan_zoo.callbacks.checkpoint import RunCheckpoint, load_checkpoint
from gan_zoo.inputs import Features
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.models.base.networks import (
    forward,
    frozen_copies,
    move_averages,
    share_layers,
    shared_layers,
)
from gan_zoo.objectives.penalties import zero_centred_penalty


def test_outputs_are_float32_as_many_as_the_network_has():
    x = keras.Input((2,), dtype="float16")
    double = keras.layers.Rescaling(2.0, dtype="float16")(x)
    one, two = keras.Model(x, double), keras.Model(x, [double, x])
    half = tf.constant([[0.5, 3.0]], tf.float16)
    given = forward(one, half), *forward(two, half)
    assert [y.dtype for y in given] == [tf.float32] * 3
    for y, expected in zip(given, ([[1, 6]], [[1, 6]], [[0.5, 3]]), strict=True):
        np.testing.assert_array_equal(y, expected)


def normed():
    x = keras.Input((2,))
    return keras.Model(x, keras.layers.BatchNormalization()(keras.layers.Dense(2)(x)))


class Penalised(AdversarialModel):
    """A variant of one's own: a discriminator with R1, of a family of its own."""

    batch_parts = {"features": Features((2,))}

    def __init__(self, network):
        super().__init__({"d": {"discriminator": network}})

    def paper_optimizers(self):
        return {"d": keras.optimizers.SGD(0.1)}

    def train_step(self, data):
        [[x]] = self.minibatches(data)

        def objective():
            network = self.discriminator
            loss = zero_centred_penalty(lambda x: forward(network, x), x)
            return loss, {"d_loss": loss}

        self.update("d", objective)
        return self.finish_step()


@pytest.mark.parametrize("kind", [keras.layers, gan_zoo.layers])
def test_batch_norm_under_a_gradient_penalty_is_refused_in_the_first_step(kind):
    x = keras.Input((2,))
    norm = kind.BatchNormalization(center=False)
    network = keras.Model(x, keras.layers.Dense(1, use_bias=False)(norm(x)))
    model = Penalised(network)
    model.compile()
    before = model.get_weights()
    data = np.ones((8, 2), "float32")
    with pytest.raises(ValueError, match="contains batch norm"):
        model.fit(data, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    forward(network, data)  # any other call is free to have it
    norm.trainable = False  # moments that stay do not depend on the batch
    model = Penalised(network)
    model.compile()
    model.fit(data, verbose=0)


def copy_of(network):
    return frozen_copies({"network": network})["network"]


def test_a_copy_has_the_same_weights_and_no_optimizer_moves_it():
    network = normed()
    copy = copy_of(network)
    for kept, new in zip(copy.weights, network.weights, strict=True):
        assert kept is not new
        np.testing.assert_array_equal(kept, new)
    assert copy.trainable_variables == []
    assert len(network.trainable_variables) == 4


def test_what_an_optimizer_moves_is_averaged_and_statistics_are_copied():
    network = normed()
    copy = copy_of(network)
    for variable in network.weights:
        variable.assign(np.full(variable.shape, 1.0))
    for variable in copy.weights:
        variable.assign(np.full(variable.shape, 3.0))
    for wanted in (2.6, 2.28):  # 0.8 * 3 + 0.2 * 1, then 0.8 * 2.6 + 0.2 * 1
        move_averages([copy], [network], 0.8)
        for kept in copy.weights:
            value = 1.0 if "moving" in kept.path else wanted
            np.testing.assert_allclose(kept, np.full(kept.shape, value), rtol=1e-6)
    assert sum("moving" in v.path for v in copy.weights) == 2


# Two networks of one player that share a layer.


@keras.saving.register_keras_serializable("gan_zoo_tests")
class Pair(AdversarialModel):
    """Minimises E ‖first(x)‖² + E ‖second(x) − 1‖²."""

    tracked = ("loss",)

    def __init__(self, first, second, **kwargs):
        super().__init__({"g": {"first": first, "second": second}}, **kwargs)

    @property
    def batch_parts(self):
        return {"points": Features((2,))}

    def paper_optimizers(self):
        return {"g": keras.optimizers.SGD(0.1)}

    def loss_of(self, x):
        first, second = forward(self.first, x), forward(self.second, x)
        return ops.mean(ops.square(first)) + ops.mean(ops.square(second - 1.0))

    def train_step(self, data):
        ((x,),) = self.minibatches(data)

        def objective():
            loss = self.loss_of(x)
            return loss, {"loss": loss}

        self.update("g", objective)
        return self.finish_step()


def a_layer():
    return keras.layers.Dense(3, "tanh", name="shared")


def a_network():
    x = keras.Input((2,))
    layers = [keras.layers.Dense(4, "tanh", name="inner"), a_layer()]
    return keras.Sequential([x, *layers], name="shared")


def pair_that_shares(make, **kwargs):
    shared = make()

    def network(name):
        x = keras.Input((2,))
        y = keras.layers.Dense(1, name=f"{name}_head")(shared(x))
        return keras.Model(x, y, name=name)

    return Pair(network("first"), network("second"), **kwargs)


def compiled(make):
    """A compiled pair and its data."""
    model = pair_that_shares(make, ema=0.9)
    model.compile()
    points = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")
    return model, tf.data.Dataset.from_tensor_slices(points).batch(8, True)


def pair_in_each_other(**kwargs):
    """The first network is a layer of the second."""
    x = keras.Input((2,))
    first = keras.Sequential([x, keras.layers.Dense(3, "tanh")], name="first")
    y = keras.layers.Dense(1, name="head")(first(x))
    return first, keras.Model(x, y, name="second")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_network_stays_a_layer_of_another(order, tmp_path):
    networks = pair_in_each_other()
    model = Pair(*(networks[place] for place in order), ema=0.9)
    model.compile()
    points = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    model.train_step(points)
    for again in (by_config(model, None), by_file(model, tmp_path)):
        for prefix in ("", "average_"):
            pair = [getattr(again, f"{prefix}{name}") for name in ("first", "second")]
            inner, outer = (pair[place] for place in order)
            assert outer.get_layer("first") is inner
        for a, b in zip(values(model), values(again), strict=True):
            np.testing.assert_array_equal(a, b)
        assert len(again.variables_of("g")) == len(model.variables_of("g")) == 4


def test_sharing_that_a_file_would_lose_is_refused():
    x = keras.Input((2,))
    shared = a_layer()
    within = keras.Sequential([keras.Input((2,)), shared], name="within")
    first = keras.Model(x, keras.layers.Dense(1)(within(x)))
    second = keras.Model(x, keras.layers.Dense(1)(shared(x)))
    with pytest.raises(ValueError, match="which is within 'within' in one"):
        Pair(first, second)
    Pair(first, keras.Model(x, keras.layers.Dense(1)(within(x))))


SPREADS = {
    "a layer": functools.partial(compiled, a_layer),
    "a network": functools.partial(compiled, a_network),
}
SHARED = pytest.mark.parametrize("name", SPREADS)


def values(model):
    return [v.numpy() for v in model.weights]


def assert_shares(model, like):
    """Both networks, and both averages, hold one and the same shared weights."""
    for prefix in ("", "average_"):
        first = getattr(model, f"{prefix}first").get_layer("shared")
        second = getattr(model, f"{prefix}second").get_layer("shared")
        assert first is second
        assert first.weights
    count = len({id(v) for v in model.weights})
    assert count == len({id(v) for v in like.weights})
    assert len(model.variables_of("g")) == len(like.variables_of("g"))


@SHARED
def test_a_shared_weight_is_moved_once_per_step(name):
    model, data = SPREADS[name]()
    x = next(iter(data))
    variables = model.variables_of("g")
    assert len(variables) == (8 if name == "a network" else 6)
    with tf.GradientTape() as tape:
        loss = model.loss_of(x)
    gradients = tape.gradient(loss, [v.value for v in variables])
    wanted = [
        v.numpy() - 0.1 * g.numpy() for v, g in zip(variables, gradients, strict=True)
    ]
    logs = model.train_step(x)
    assert float(logs["loss"]) == pytest.approx(float(loss), rel=1e-6)
    for variable, value in zip(variables, wanted, strict=True):
        np.testing.assert_allclose(variable, value, atol=1e-6)


@SHARED
def test_the_average_of_a_shared_weight_moves_once_per_step(name):
    model, data = SPREADS[name]()
    assert_shares(model, model)
    kept = values(model.average_second)
    for decay, x in zip((1 / 10, 2 / 11, 3 / 12), data, strict=True):
        model.train_step(x)
        kept = [
            decay * old + (1 - decay) * new
            for old, new in zip(kept, values(model.second), strict=True)
        ]
    for average, wanted in zip(values(model.average_second), kept, strict=True):
        np.testing.assert_allclose(average, wanted, atol=1e-6)


def by_file(model, folder):
    model.save(folder / "pair.keras")
    return keras.models.load_model(folder / "pair.keras")


def by_config(model, _):
    again = Pair.from_config(model.get_config())
    again.compile()
    again.set_weights(model.get_weights())
    again.steps.assign(model.steps)
    return again


def by_checkpoint(model, folder):
    keeper = RunCheckpoint(folder, steps_per_epoch=1)
    keeper.set_model(model)
    again = Pair.from_config(model.get_config())
    again.compile()
    load_checkpoint(keeper.save(), again)
    return again


@SHARED
@pytest.mark.parametrize("way", [by_file, by_config, by_checkpoint])
def test_a_shared_weight_stays_one(name, way, tmp_path):
    model, data = SPREADS[name]()
    model.fit(data, verbose=0)
    again = way(model, tmp_path)
    assert_shares(again, model)
    for a, b in zip(values(model), values(again), strict=True):
        np.testing.assert_array_equal(a, b)
    for each in (model, again):
        each.fit(data, verbose=0)
    for a, b in zip(values(model), values(again), strict=True):
        np.testing.assert_array_equal(a, b)


@SHARED
def test_a_shared_weight_is_moved_alike_on_two_replicas(name):
    difference = replicas.difference(SPREADS[name])
    assert difference.gap < 1e-6
    assert difference.moved > 1e-3


def test_three_networks_share_again_what_they_shared():
    """Of which the second shares other layers with the first than with the third."""
    x = keras.Input((2,))
    one, two = keras.layers.Dense(2, name="one"), keras.layers.Dense(2, name="two")
    networks = {
        "a": keras.Model(x, one(x)),
        "b": keras.Model(x, two(one(x))),
        "c": keras.Model(x, one(two(x))),
    }
    shared = shared_layers(networks)
    apart = {name: type(n).from_config(n.get_config()) for name, n in networks.items()}
    assert shared_layers(apart) == []
    again = share_layers(apart, json.loads(json.dumps(shared)))
    assert shared_layers(again) == shared
    assert len({id(v) for n in again.values() for v in n.weights}) == 4
    for name, network in again.items():
        for a, b in zip(network.weights, networks[name].weights, strict=True):
            assert a.shape == b.shape
