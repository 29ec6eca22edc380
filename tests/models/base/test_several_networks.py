import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import IMAGES, arrays_for, data_for
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.networks.gan import mlp

# Tiny batches and untrained networks are enough here.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Expected batches of about 1,000 images"),
    pytest.mark.filterwarnings("ignore:Expected a fitted autoencoder"),
]
BUILDERS = [system.tiny for system in SYSTEMS.values()]
EACH = pytest.mark.parametrize("build", BUILDERS, ids=SYSTEMS)


@pytest.fixture(scope="module", params=BUILDERS, ids=SYSTEMS)
def model(request):
    """Each system, built once for the tests that do not train it."""
    return request.param()


def points(ema=None, **kwargs):
    """A GAN of points; D has 12 + 20 + 5 numbers, G 16 + 20 + 10."""
    return gan_zoo.GAN(
        (2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4), ema=ema, **kwargs
    )


def test_what_needs_one_network_names_what_to_use_instead(model, tmp_path):
    network = next(iter(model.networks))
    methods = ("generate", "translate", "encode", "reconstruct")
    first = next(f"{name}()" for name in methods if hasattr(model, name))
    message = f"^{type(model).__name__} is several networks: use {re.escape(first)} or"
    for refused in (model, model.predict, model.predict_on_batch, model.predict_step):
        with pytest.raises(NotImplementedError, match=f"{message}.*{network}"):
            refused(IMAGES[:2])
    with pytest.raises(NotImplementedError, match=r"Write gan_zoo\.export\(model, "):
        model.export(tmp_path)
    with pytest.raises(NotImplementedError, match=f"a copy.*{network}.*int8"):
        model.quantize("int8")
    with pytest.raises(NotImplementedError, match=f"gives {model.tracked[0]}"):
        model.compute_loss(IMAGES[:2])
    for refused in (model.get_state_tree, lambda: model.set_state_tree({})):
        with pytest.raises(NotImplementedError, match="an optimizer per player"):
            refused()
    with pytest.raises(ValueError, match=r"ends in \.keras, got .*save_weights"):
        model.save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match=r"ends in \.keras, got .*gan_zoo\.export"):
        model.save(tmp_path / "model")
    for name in ("none.keras", "none.weights.h5", "none"):
        with pytest.raises(FileNotFoundError, match=r"does not exist\. The files"):
            model.load_weights(tmp_path / name)
    assert not list(tmp_path.iterdir())


# Keras warns of each layer that has nothing to quantize.
@pytest.mark.filterwarnings("ignore:Layer InputLayer does not have a `quantize`")
def test_the_way_to_quantize_works():
    gan = points(ema=0.9)
    network = gan.sampling_networks["generator"]
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    copy.quantize("int8")
    z = np.ones((4, 3), "float32")
    np.testing.assert_allclose(copy(z), network(z), atol=0.02)
    assert "int8" in {w.dtype for w in copy.weights}


def test_a_clone_is_the_same_model_with_new_weights(model):
    model.compile()
    for clone in (
        keras.models.clone_model(model),
        keras.models.model_from_json(model.to_json()),
    ):
        assert type(clone) is type(model)
        assert clone.compiled
        assert clone.count_params() == model.count_params()
        assert not {id(v) for v in clone.weights} & {id(v) for v in model.weights}
        clone.set_weights(model.get_weights())
        for a, b in zip(model.networks.values(), clone.networks.values(), strict=True):
            for kept, new in zip(a.weights, b.weights, strict=True):
                np.testing.assert_array_equal(kept, new)


@EACH
def test_one_batch_trains_as_fit_does(build):
    by_fit, by_batch = build(), build()
    by_batch.set_weights(by_fit.get_weights())
    data = data_for(by_fit, steps=1)
    for model in (by_fit, by_batch):
        model.compile(run_eagerly=True)
    wanted = by_fit.fit(data, verbose=0).history
    count = by_fit.batches_per_step
    parts = [[np.asarray(x) for x in keras.tree.flatten(batch)] for batch in data]
    # Row i of minibatch k stands at i * count + k.
    joined = [
        np.stack(part, axis=1).reshape(-1, *part[0].shape[1:])
        for part in zip(*parts, strict=True)
    ]
    assert len(parts) == count
    batch = keras.tree.pack_sequence_as(next(iter(data)), joined)
    logs = by_batch.train_on_batch(batch, return_dict=True)
    for name, (value,) in wanted.items():
        assert logs[name] == pytest.approx(value, abs=2e-5), name
    for a, b in zip(by_fit.get_weights(), by_batch.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def flat_features():
    image = keras.Input((None, None, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(image)
    return keras.Model(image, pooled, name="means")


@EACH
def test_one_batch_is_tested_as_by_evaluate(build):
    model = build()
    batch = arrays_for(model.test_batch, 8)
    if not model.own_metrics:
        with pytest.raises(ValueError, match="metrics to compile"):
            model.test_on_batch(batch)
    metric = gan_zoo.metrics.FrechetDistance(flat_features())
    model.compile(metrics=[metric], run_eagerly=True)
    wanted = model.evaluate(batch, batch_size=8, verbose=0, return_dict=True)
    model.test_on_batch(keras.tree.map_structure(lambda x: x[::-1], batch))
    values = model.test_on_batch(batch, return_dict=True)
    assert values == pytest.approx(wanted, rel=1e-5)
    assert "frechet_means" in values
    assert model.test_on_batch(batch) == pytest.approx(list(values.values()))


def test_compile_wants_an_optimizer_by_its_player_s_name():
    gan = points()
    for ways in ([("adam",), {}], [(), {"loss": "mse"}], [(), {"optimizer": "adam"}]):
        args, kwargs = ways
        with pytest.raises(TypeError, match=r"d_optimizer, g_optimizer by name; got"):
            gan.compile(*args, **kwargs)
    with pytest.raises(TypeError, match="The losses are the class's own"):
        gan.compile(loss="mse")


def test_compile_wants_metrics_in_a_list_and_a_count_of_steps():
    metric = gan_zoo.metrics.PeakSignalToNoise()
    for given in (metric, {"psnr": metric}, "psnr"):
        with pytest.raises(
            TypeError, match=r"Expected a list of metrics, got .*=\[\.\."
        ):
            points().compile(metrics=given)
    with pytest.raises(ValueError, match="steps_per_execution to be an integer"):
        points().compile(steps_per_execution=0)


def test_a_step_by_hand_needs_compile_and_is_that_of_fit():
    gan = points()
    x = tf.ones((4, 2))
    with pytest.raises(ValueError, match=r"Call compile\(\) first"):
        gan.train_step(x)
    gan.compile()
    logs = gan.train_step(x)
    assert set(logs) == set(gan.tracked)
    assert gan.trained_steps == 1


def test_networks_are_found_by_their_names_in_the_model():
    gan = SYSTEMS["CycleGAN"].tiny()
    for name, network in gan.networks.items():
        assert gan.get_layer(name) is network
    assert gan.get_layer("average_generator_a_to_b") is gan.average_generator_a_to_b
    plain = points()
    assert plain.get_layer("generator") is plain.generator
    assert plain.get_layer(plain.generator.name) is plain.generator
    assert plain.get_layer(index=0) is plain.layers[0]
    with pytest.raises(ValueError, match="No such layer: mapping"):
        plain.get_layer("mapping")


def summary_of(model, **kwargs):
    texts = []
    model.summary(print_fn=texts.append, **kwargs)
    return texts


def test_the_summary_shows_each_network_and_what_each_player_has(capsys):
    gan = points(ema=0.9)
    texts = summary_of(gan, line_length=70)
    assert texts[0] == "discriminator of GAN:"
    assert texts[2] == "generator of GAN:"
    assert max(len(line) for line in texts[1].splitlines()) == 70
    assert gan.discriminator.layers[1].name in texts[1]
    g = "Player g (generator): 46 parameters, 46 of them trainable"
    assert texts[4:] == [
        "Player d (discriminator): 37 parameters, 37 of them trainable",
        f"{g}; 46 more in averages",
        "Total with averages and counters: 131 parameters",
    ]
    gan.summary()
    assert "Player d (discriminator): 37 parameters" in capsys.readouterr().out


def test_the_summary_expands_networks_within_networks():
    z = keras.Input((3,))
    inner = mlp(3, 2, 4)
    gan = gan_zoo.GAN(
        (2,), 3, generator=keras.Model(z, inner(z)), discriminator=mlp(2, 1, 4)
    )
    short, long = (
        "".join(summary_of(gan, expand_nested=deep, line_length=100))
        for deep in (False, True)
    )
    assert short.count("└ ") == 0
    assert long.count("└ ") == len(inner.layers)


def test_every_summary_expands(model):
    texts = summary_of(model, expand_nested=True, show_trainable=True)
    assert len(texts) > 2 * len(model.networks)


def test_the_summary_names_what_is_frozen():
    model = SYSTEMS["GMMN of codes"].tiny()
    encoder, decoder = (model.networks[name] for name in ("encoder", "decoder"))
    count = encoder.count_params() + decoder.count_params()
    frozen = [text for text in summary_of(model) if text.startswith("Frozen ")]
    assert frozen == [f"Frozen (encoder, decoder): {count:,} parameters"]


def test_the_summary_counts_a_shared_layer_once():
    x, shared = keras.Input((2,)), keras.layers.Dense(2, use_bias=False)
    first = keras.Model(x, shared(x))
    second = keras.Model(x, keras.layers.Dense(1, use_bias=False)(shared(x)))
    model = AdversarialModel({"g": {"first": first, "second": second}}, ema=0.9)
    texts = summary_of(model)
    assert (
        "Player g (first, second): 6 parameters, 6 of them trainable; 6 more in"
        in (texts[-2])
    )
    assert texts[-1] == "Total with averages and counters: 14 parameters"


def test_the_summary_is_of_every_network(model):
    texts = summary_of(model)
    for name, network in model.networks.items():
        table = texts[texts.index(f"{name} of {type(model).__name__}:") + 1]
        assert f"{network.count_params():,}" in table
    assert [text.split(" (")[0] for text in texts if text.startswith("Player")] == [
        f"Player {player}" for player in model.players
    ]


# Weights of another model.
