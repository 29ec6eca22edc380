import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from models.base.test_adversarial import points, tiny

import gan_zoo
from gan_zoo.inputs import Features
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.networks.gan import mlp


def test_an_optimizer_belongs_to_one_player_of_one_model():
    first, second = tiny(), tiny()
    used = keras.optimizers.SGD(0.1)
    first.compile(d_optimizer=used)
    first.compile(d_optimizer=used)
    with pytest.raises(ValueError, match="moments of another model's variables"):
        second.compile(d_optimizer=used)


@pytest.mark.parametrize("value", ["adamm", 1e-4, keras.optimizers.Adam])
def test_what_is_no_optimizer_is_named(value):
    with pytest.raises(ValueError, match="Expected d_optimizer to be a Keras optimiz"):
        tiny().compile(d_optimizer=value)


def normed(units=2, name=None):
    """A network with weights that are trained and moments that are not."""
    x = keras.Input((2,))
    y = keras.layers.BatchNormalization()(keras.layers.Dense(units)(x))
    return keras.Model(x, y, name=name)


def rows(n=8, seed=0):
    return tf.random.stateless_normal((n, 2), (seed, 0))


def values(network):
    return [v.numpy() for v in network.weights]


def assert_equal(a, b):
    for left, right in zip(a, b, strict=True):
        np.testing.assert_array_equal(left, right)


def moved(before, network):
    return any((a != b).any() for a, b in zip(before, values(network), strict=True))


@keras.saving.register_keras_serializable("gan_zoo_tests")
class Matching(AdversarialModel):
    """Two players, each to match a fixed encoder's codes."""

    tracked = ("a_loss", "b_loss")

    def __init__(self, first, second, encoder, **kwargs):
        players = {"a": {"first": first}, "b": {"second": second}}
        super().__init__(players, frozen={"encoder": encoder}, **kwargs)

    @property
    def batch_parts(self):
        return {"points": Features((2,))}

    def paper_optimizers(self):
        return {player: keras.optimizers.SGD(0.1) for player in self.players}

    def decays(self):
        return {"a": 0.9, "b": self.ema}

    def train_step(self, data):
        ((x,),) = self.minibatches(data)
        for player, network in (("a", self.first), ("b", self.second)):

            def objective(player=player, network=network):
                # Through the encoder as well, so that it could be moved.
                codes = infer(self.encoder, forward(network, x))
                loss = ops.mean(ops.square(codes - infer(self.encoder, x)))
                return loss, {f"{player}_loss": loss}

            self.update(player, objective)
        return self.finish_step()


def matching(**kwargs):
    model = Matching(normed(), normed(), normed(3), **kwargs)
    model.encoder.layers[-1].moving_mean.assign([0.5, 0.0, -0.5])
    model.compile()
    return model


def data(seed=0):
    return tf.data.Dataset.from_tensor_slices(rows(24, seed)).batch(8, True)


def test_a_frozen_network_belongs_to_the_model_and_to_no_player():
    model = matching()
    assert list(model.networks) == ["first", "second", "encoder"]
    kept = {id(v) for v in model.encoder.weights}
    assert kept <= {id(v) for v in model.weights}
    for player in model.players:
        assert not kept & {id(v) for v in model.variables_of(player)}
        assert not kept & {id(v) for v in model.optimizer_of(player).variables}
    assert model.sampling_networks["encoder"] is model.encoder


def test_no_update_moves_a_frozen_network_nor_its_moments():
    model = matching()
    encoder, first, second = map(values, (model.encoder, model.first, model.second))
    model.fit(data(), epochs=2, verbose=0)
    assert_equal(values(model.encoder), encoder)
    assert moved(first, model.first)
    assert moved(second, model.second)


def test_a_frozen_network_is_left_as_trainable_as_it_was():
    """Its owner may train it again, such as the autoencoder of a GMMN."""
    encoder = normed()
    Matching(normed(), normed(), encoder)
    assert len(encoder.trainable_variables) == 4


def test_a_frozen_network_is_saved_with_the_model(tmp_path):
    model = matching(ema=0.5)
    model.fit(data(), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_equal(values(model.encoder), values(loaded.encoder))
    assert not {id(v) for v in loaded.encoder.weights} & {
        id(v) for v in loaded.variables_of("a")
    }
    for each in (model, loaded):
        each.fit(data(1), verbose=0)
    assert_equal(values(model.encoder), values(loaded.encoder))
    assert_equal(values(model), values(loaded))


def test_each_player_is_averaged_with_its_own_decay():
    model = matching(ema=0.5)
    names = {"first": 0.9, "second": 0.5}
    averages = {name: getattr(model, f"average_{name}") for name in names}
    for name, average in averages.items():
        assert model.sampling_networks[name] is average
    networks = {name: getattr(model, name) for name in names}
    wanted = {name: values(network) for name, network in networks.items()}
    for step, x in enumerate(data(), start=5):
        # Where the decay is less for the one and not for the other.
        model.steps.assign(step)
        model.train_step(x)
        for name, ema in names.items():
            decay = min(ema, (1 + step) / (10 + step))
            pairs = zip(wanted[name], networks[name].weights, strict=True)
            wanted[name] = [
                # Moments are averages already.
                decay * kept + (1 - decay) * v.numpy() if v.trainable else v.numpy()
                for kept, v in pairs
            ]
    for name, average in averages.items():
        for a, b in zip(values(average), wanted[name], strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
        assert not average.trainable_variables


def test_a_player_without_a_decay_has_no_average():
    model = matching()
    assert not hasattr(model, "average_second")
    assert model.sampling_networks["second"] is model.second
    assert model.sampling_networks["first"] is model.average_first
    model.fit(data(), verbose=0)


def test_averages_of_different_decays_are_saved(tmp_path):
    model = matching(ema=0.5)
    model.fit(data(), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.decays() == {"a": 0.9, "b": 0.5}
    for name in ("first", "second"):
        a, b = (getattr(m, f"average_{name}") for m in (model, loaded))
        assert_equal(values(a), values(b))


def test_a_model_without_the_paper_s_optimizers_says_so():
    class Bare(AdversarialModel):
        tracked = ()

    with pytest.raises(NotImplementedError, match="Bare must return the paper's"):
        Bare({"g": {"first": normed()}}).compile()


# Of systems.


def test_bare_compile_uses_the_paper_s_optimizers():
    gan = tiny()
    gan.compile()
    for player, paper in gan.paper_optimizers().items():
        config = gan.optimizer_of(player).get_config()
        assert {**config, "name": ""} == {**paper.get_config(), "name": ""}
    assert gan.optimizer is None
    assert gan.d_optimizer.built
    assert gan.g_optimizer.built


def test_compile_refuses_unknown_optimizers_and_metrics():
    gan = tiny()
    with pytest.raises(TypeError, match="d_optimizer, g_optimizer"):
        gan.compile(optimizer="adam")
    with pytest.raises(TypeError, match="FrechetDistance"):
        gan.compile(metrics=["accuracy"])
    psnr = gan_zoo.metrics.PeakSignalToNoise
    with pytest.raises(ValueError, match="got psnr twice"):
        gan.compile(metrics=[psnr(), psnr(border=0)])


def test_averages_that_keras_would_forget_are_refused():
    adam = keras.optimizers.Adam(1e-3, use_ema=True)
    with pytest.raises(ValueError, match=r"ema=0\.999"):
        tiny().compile(g_optimizer=adam)
    used = keras.optimizers.Adam(1e-3, use_ema=True, ema_overwrite_frequency=2)
    tiny().compile(g_optimizer=used)


def test_a_seed_of_numpy_is_saved_as_an_int():
    assert type(tiny(seed=np.int64(3)).get_config()["seed"]) is int
    with pytest.raises(ValueError, match=r"got 0\.5"):
        tiny(seed=0.5)


def test_each_player_has_an_optimizer_of_its_own():
    adam = keras.optimizers.Adam(1e-3)
    with pytest.raises(ValueError, match=r"one object for several.*g_optimizer="):
        tiny().compile(d_optimizer=adam, g_optimizer=adam)
    tiny().compile(d_optimizer="adam", g_optimizer="adam")


@pytest.mark.parametrize(
    ("more", "ways"),
    [
        ({}, r"a or b\."),
        ({"encode": None, "generate": None}, r"generate\(\) or encode\(\) or a or b"),
    ],
)
def test_predict_names_what_the_system_has(more, ways):
    system = type("System", (AdversarialModel,), more)
    networks = {name: mlp(2, 1, 4) for name in "ab"}
    model = system({"g": networks})
    with pytest.raises(NotImplementedError, match=f"several networks: use {ways}"):
        model.call(np.zeros((1, 2)))


def test_a_system_has_no_one_forward_pass():
    with pytest.raises(NotImplementedError, match=r"several networks.*generate"):
        tiny()(points(2))
