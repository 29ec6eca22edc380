"""What docs/papers.md says of every system: it saves, spreads, exports, runs mixed.

A few steps are run eagerly, since to trace a step takes longer than ten steps do. Those
that a user runs compiled are compared with them.
"""

import functools
import json

import keras
import numpy as np
import pytest
import replicas
import tensorflow as tf
from models.system import conditions_for, data_for, translated_images
from models.systems import SPREADS, SYSTEMS, with_sgd
from testing import classes_of_systems

import gan_zoo
from gan_zoo.callbacks.checkpoint import RunCheckpoint, load_checkpoint

# Tiny batches and untrained networks are enough here.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Expected batches of about 1,000 images"),
    pytest.mark.filterwarnings("ignore:Expected a fitted autoencoder"),
]
OF_LATENTS = {name: system for name, system in SYSTEMS.items() if system.of_latents}

TRANSLATORS = {n: s for n, s in SYSTEMS.items() if s.made is translated_images}


def state(model):
    optimizers = [model.optimizer_of(player) for player in model.players]
    variables = model.weights + [v for o in optimizers for v in o.variables]
    return [v.numpy() for v in variables]


@pytest.mark.parametrize("name", SYSTEMS)
def test_saves(name, tmp_path):
    """From a file or a checkpoint a model goes on as if never stopped, bit for bit."""
    model, resumed = SYSTEMS[name].tiny(), SYSTEMS[name].tiny()
    assert name.startswith(type(model).__name__)
    data = data_for(model, steps=2)
    model.compile(run_eagerly=True)
    resumed.compile(run_eagerly=True)
    writer = RunCheckpoint(tmp_path, steps_per_epoch=1)
    writer.set_model(model)
    model.fit(data, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    load_checkpoint(writer.save(), resumed)
    saved = state(model)
    for each in (model, loaded, resumed):
        each.fit(data, verbose=0)
    assert any((a != b).any() for a, b in zip(saved, state(model), strict=True))
    for other in (loaded, resumed):
        for a, b in zip(state(model), state(other), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_mixed(system, policy):
    """Trains without NaN, with float32 weights, and float32 images come out."""
    keras.mixed_precision.set_dtype_policy(policy)
    model = system.tiny()
    model.compile(run_eagerly=True)
    before = {p: [v.numpy() for v in model.variables_of(p)] for p in model.players}
    if policy == "mixed_float16":
        # Which a long training finds by itself, as the next test's does.
        for player in model.players:
            model.optimizer_of(player).dynamic_scale.assign(16.0)
    model.fit(data_for(model, steps=2), verbose=0)
    assert all(np.isfinite(w).all() for w in model.get_weights())
    assert all(v.dtype == "float32" for v in model.trainable_variables)
    for player, values in before.items():
        assert int(model.optimizer_of(player).iterations.numpy()) > 0
        moved = zip(values, model.variables_of(player), strict=True)
        assert any((a != b.numpy()).any() for a, b in moved)
    images = system.made(model)
    assert images.dtype == np.float32
    assert np.isfinite(images).all()


@pytest.mark.parametrize("name", ["VAEGAN", "WGANGP"])
def test_float16_finds_its_loss_scale(name):
    """A first scale of 2**15 and more is halved until the gradients are finite."""
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    model = SYSTEMS[name].tiny()
    model.compile()
    model.fit(data_for(model, steps=4), epochs=6, verbose=0)
    assert all(np.isfinite(w).all() for w in model.get_weights())
    for player in model.players:
        assert int(model.optimizer_of(player).iterations.numpy()) > 0


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_half_precision_heads(system):
    """Plain Keras layers under a mixed policy answer in half precision, as README's."""
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    model = system.tiny()
    config = json.dumps(model.get_config())
    config = config.replace('"name": "float32"', '"name": "mixed_bfloat16"')
    model = type(model).from_config(json.loads(config))
    networks = [net for nets in model.players.values() for net in nets]
    assert {x.dtype for net in networks for x in net.outputs} == {"bfloat16"}
    model.compile(run_eagerly=True)
    logs = model.fit(data_for(model, steps=1), verbose=0).history
    assert all(np.isfinite(values).all() for values in logs.values())
    assert system.made(model).dtype == np.float32


@pytest.mark.parametrize("name", SPREADS)
def test_runs_eagerly_and_spreads(name):
    """Compiled, eager and on two replicas a system gets the same weights."""
    eager, data = SPREADS[name](run_eagerly=True)
    first = eager.get_weights()
    compiled, _ = SPREADS[name]()
    compiled.set_weights(first)
    for each in (eager, compiled):  # a step that is not compiled, as for debugging
        each.fit(data.take(each.batches_per_step), verbose=0)
    step = zip(eager.get_weights(), compiled.get_weights(), strict=True)
    for a, b in step:
        np.testing.assert_allclose(a, b, atol=1e-5)
    assert replicas.largest(first, eager.get_weights()) > 0
    compiled.set_weights(first)
    replicas.difference(SPREADS[name], (compiled, data)).check()


def test_spreads_where_several_steps_are_run_at_a_time():
    at_a_time = functools.partial(with_sgd, SYSTEMS["GAN"], steps_per_execution=4)
    replicas.difference(at_a_time).check()


@pytest.mark.parametrize("system", OF_LATENTS.values(), ids=OF_LATENTS)
def test_exports(system, tmp_path):
    """The SavedModel answers the Python model's numbers."""
    model = system.tiny()
    path = gan_zoo.export(model, tmp_path / "1", warmup=False)
    loaded = tf.saved_model.load(str(path))
    z = tf.random.stateless_normal((3, model.latent_dim), (0, 1))
    given = conditions_for(model, 3)
    sent = {name: tf.constant(value) for name, value in given.items()}
    served = loaded.serving_default(z=z, **sent)
    # A graph for any number of rows, as the exported one: where the number is known,
    # TensorFlow orders the products of a StyleGAN2 otherwise, which rounds otherwise.
    fewer = {name: value[:2] for name, value in given.items()}
    model.sample_in_batches(z[:2].numpy(), **fewer)
    np.testing.assert_array_equal(
        served["images"], model.sample_in_batches(z.numpy(), **given)
    )


@pytest.mark.parametrize("system", TRANSLATORS.values(), ids=TRANSLATORS)
def test_translators_export(system, tmp_path):
    """The SavedModel's bytes are the Python model's images, in each direction."""
    model = system.tiny()
    served = gan_zoo.serving.load(gan_zoo.export(model, tmp_path / "1", warmup=False))
    for name, direction in model.directions.items():
        shape = (3, *model.domains[direction.source])
        sent = np.random.default_rng(0).integers(0, 256, shape).astype("uint8")
        rows = conditions_for(model, 3)
        for key, kind in model.conditions.items():
            if kind.sent_dtype == "uint8":  # an image, such as a guide
                rows[key] = np.round((rows[key] + 1) * 127.5).astype("uint8")
        given = {
            key: x.astype("float32") / 127.5 - 1 if x.dtype == np.uint8 else x
            for key, x in rows.items()
        }
        made = model.translate(sent.astype("float32") / 127.5 - 1, name, **given)
        wanted = np.clip(np.round((made + 1) * 127.5), 0, 255).astype("uint8")
        np.testing.assert_array_equal(served.translate(sent, name, **rows), wanted)
        assert np.ptp(wanted) > 0


def test_every_system_is_named_in_its_test_file():
    named = {name for name, system in SYSTEMS.items() if system.settings is not None}
    assert named == {cls.__name__ for cls in classes_of_systems()}


def test_a_checkpoint_of_two_replicas_loads_on_one_device(tmp_path):
    assert replicas.reloads(SPREADS["StyleGAN"], tmp_path) == 0.0
