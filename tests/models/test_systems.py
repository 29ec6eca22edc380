"""What docs/papers.md says of every system: it saves, spreads, exports, runs mixed."""

import json

import keras
import numpy as np
import pytest
import replicas
import tensorflow as tf
from models import systems
from models.systems import (
    IMAGES,
    NOISE_TO_IMAGE,
    SPREADS,
    SYSTEMS,
    conditions_of,
    data_for,
)
from testing import classes_of_systems

import gan_zoo
from gan_zoo.callbacks.checkpoint import RunCheckpoint, load_checkpoint

# Tiny batches and untrained networks are enough here.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Expected batches of about 1,000 images"),
    pytest.mark.filterwarnings("ignore:Expected a fitted autoencoder"),
]


def state(model):
    optimizers = [model.optimizer_of(player) for player in model.players]
    variables = model.weights + [v for o in optimizers for v in o.variables]
    return [v.numpy() for v in variables]


@pytest.mark.parametrize("build", SYSTEMS.values(), ids=SYSTEMS)
def test_saves(build, tmp_path):
    """From a file or a checkpoint a model goes on as if never stopped, bit for bit."""
    model, resumed = build(), build()
    data = data_for(model)
    model.compile()
    resumed.compile()
    writer = RunCheckpoint(tmp_path, steps_per_epoch=1)
    writer.set_model(model)
    model.fit(data, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    load_checkpoint(writer.save(), resumed)
    for each in (model, loaded, resumed):
        each.fit(data, verbose=0)
    for other in (loaded, resumed):
        for a, b in zip(state(model), state(other), strict=True):
            np.testing.assert_array_equal(a, b)


def made_by(model):
    if isinstance(model, gan_zoo.CycleGAN):
        return model.translate(IMAGES[:2].numpy())
    if isinstance(model, gan_zoo.Autoencoder):
        return model.reconstruct(IMAGES[:2].numpy())
    return model.generate(2)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("build", SYSTEMS.values(), ids=SYSTEMS)
def test_mixed(build, policy):
    """Trains without NaN, with float32 weights, and float32 images come out."""
    keras.mixed_precision.set_dtype_policy(policy)
    model = build()
    model.compile()
    before = {p: [v.numpy() for v in model.variables_of(p)] for p in model.players}
    for _ in range(6):  # a first loss scale of 2**15 and more is lowered on the way
        model.fit(data_for(model), verbose=0)
    assert all(np.isfinite(w).all() for w in model.get_weights())
    for player, values in before.items():
        assert int(model.optimizer_of(player).iterations.numpy()) > 0
        moved = zip(values, model.variables_of(player), strict=True)
        assert any((a != b.numpy()).any() for a, b in moved)
    images = made_by(model)
    assert images.dtype == np.float32
    assert np.isfinite(images).all()


@pytest.mark.parametrize("build", SYSTEMS.values(), ids=SYSTEMS)
def test_half_precision_heads(build):
    """Plain Keras layers under a mixed policy answer in half precision, as README's."""
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    model = build()
    config = json.dumps(model.get_config())
    config = config.replace('"name": "float32"', '"name": "mixed_bfloat16"')
    model = type(model).from_config(json.loads(config))
    networks = [net for nets in model.players.values() for net in nets]
    assert {x.dtype for net in networks for x in net.outputs} == {"bfloat16"}
    model.compile(run_eagerly=True)
    logs = model.fit(data_for(model, steps=1), verbose=0).history
    assert all(np.isfinite(values).all() for values in logs.values())
    assert made_by(model).dtype == np.float32


@pytest.mark.parametrize("build", SYSTEMS.values(), ids=SYSTEMS)
def test_runs_eagerly(build):
    """A step that is not compiled, as for debugging, gives the same weights."""
    model = build()
    data = data_for(model, steps=1)
    first = model.get_weights()

    def after_a_step(**how):
        model.set_weights(first)
        # Adam makes a whole step of what is rounding only.
        sgd = {f"{p}_optimizer": keras.optimizers.SGD(0.01) for p in model.players}
        model.compile(**sgd, **how)
        model.fit(data, verbose=0)
        return model.get_weights()

    eager, compiled = after_a_step(run_eagerly=True), after_a_step()
    assert any((a != b).any() for a, b in zip(first, eager, strict=True))
    for a, b in zip(eager, compiled, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("build", NOISE_TO_IMAGE.values(), ids=NOISE_TO_IMAGE)
def test_exports(build, tmp_path):
    """The SavedModel answers the Python model's numbers."""
    model = build()
    path = gan_zoo.export(model, tmp_path / "1", warmup=False)
    loaded = tf.saved_model.load(str(path))
    z = tf.random.stateless_normal((3, model.latent_dim), (0, 1))
    given = conditions_of(model, 3)
    served = loaded.serving_default(
        z=z,
        **{
            k: tf.constant(v, c.dtype)
            for (k, v), c in zip(given.items(), model.conditions.values(), strict=True)
        },
    )
    np.testing.assert_array_equal(
        served["images"], model.sample_in_batches(z.numpy(), **given)
    )


@pytest.mark.parametrize("name", SPREADS)
def test_spreads(name):
    """Two replicas end as one device does."""
    gap, moved = replicas.differences(systems.__file__, *SPREADS)[name]
    assert gap < 1e-5
    assert moved > 1e-3


def test_every_system_is_built_here():
    assert {type(build()) for build in SYSTEMS.values()} == set(classes_of_systems())


def test_every_system_spreads():
    assert set(SPREADS) > set(SYSTEMS)


def test_a_checkpoint_of_two_replicas_loads_on_one_device():
    assert replicas.reloads(systems.__file__, "StyleGAN") == 0.0
