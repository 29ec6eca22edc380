"""What docs/coming_from_tfa_or_tfgan.md promises: names, examples, equal numbers."""

import importlib.util
import pkgutil
import re
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import ROOT, golden

from gan_zoo import callbacks, layers, metrics
from gan_zoo.models.base.networks import frozen_copies, move_averages, non_finite
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Lookahead

PAGE = (ROOT / "docs" / "coming_from_tfa_or_tfgan.md").read_text()
# To the numbers that the other projects' own code gave.
RELATIVE = 1e-5


def test_names_exist():
    named = set(re.findall(r"\b(?:gan_zoo|keras)(?:\.\w+)+", PAGE))
    assert len(named) > 60
    for name in named:
        pkgutil.resolve_name(name)


def words(name):
    """Of sliced_wasserstein_distance, TimeStopping or an index of names."""
    return {
        w.lower().rstrip("s") for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    }


def test_what_is_called_missing_is_missing():
    """No name of ours says in fewer words what a row names and calls not there."""
    ours = {*callbacks.__all__, *layers.__all__, *metrics.__all__, Lookahead.__name__}
    ours |= {"inception_score", "fid", "kid"}
    rows = re.findall(r"^\| (`.*?) \| not (?:yet|there)\b", PAGE, re.M)
    assert len(rows) > 5
    for row in rows:
        for theirs in re.findall(r"`(\w+)`", row):
            there = [name for name in ours if words(name) <= words(theirs)]
            assert not there, f"{theirs} is called missing: {there}"


EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.S)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs an example in a folder of its own; gives the names that it leaves."""
    monkeypatch.chdir(tmp_path)

    def run(block):
        if "tfa" in block and importlib.util.find_spec("tensorflow_addons") is None:
            pytest.skip("the extra tfa is not installed")
        names = {}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "(?s).*TensorFlow Addons", UserWarning)
            warnings.filterwarnings("ignore", "(?s).*Tensorflow Addons", UserWarning)
            exec(compile(block, "coming_from_tfa_or_tfgan.md", "exec"), names)
        assert list(tmp_path.glob("*.keras"))
        return names

    return run


@pytest.mark.parametrize("block", EXAMPLES)
def test_examples_run(block, run):
    run(re.sub(r"epochs=\d+", "epochs=1, steps_per_epoch=2, verbose=0", block))


@pytest.mark.slow
@pytest.mark.parametrize("block", EXAMPLES)
def test_examples_train_to_their_last_epoch(block, run):
    """Samples of what was trained are finite, and many are read as digits."""
    gan = run(block)["gan"]
    assert non_finite(gan.variables) is None
    metric = metrics.ConfidentShare()
    metric.update_state(None, gan.generate(1000, seed=0))
    assert metric.result() > 0.4


@pytest.fixture(scope="module")
def recorded():
    return np.load(golden("tfa.npz"))


def descend(optimizer, steps=12):
    """Values on the way down Σ scale · (value − target)², as they were recorded."""
    target, scale = np.full(3, 0.5, "float32"), np.array([1, 3, 0.2], "float32")
    weight = keras.Variable([1.0, -2.0, 3.0])
    optimizer.build([weight])
    for _ in range(steps):
        optimizer.apply([2 * scale * (weight.value - target)], [weight])
        yield weight.numpy().copy()


# TensorFlow Addons.


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        # Addons subtracts weight_decay · w, Keras learning_rate · weight_decay · w.
        ("adamw", keras.optimizers.AdamW(0.05, weight_decay=0.01 / 0.05)),
        ("sgdw", keras.optimizers.SGD(0.05, weight_decay=0.01 / 0.05)),
        ("lamb", keras.optimizers.Lamb(0.05, epsilon=1e-6)),
        ("lookahead", Lookahead(keras.optimizers.SGD(0.05), 5, 0.5)),
    ],
)
def test_optimizers_of_keras_take_addons_steps(recorded, name, optimizer):
    path = np.stack(list(descend(optimizer)))
    np.testing.assert_allclose(path, recorded[f"o_{name}"], rtol=RELATIVE)


@pytest.mark.parametrize(("groups", "name"), [(-1, "in"), (2, "gn")])
def test_group_normalization_is_addons_instance_and_group_normalization(
    recorded, groups, name
):
    layer = keras.layers.GroupNormalization(groups, epsilon=recorded[f"{name}_eps"])
    layer.build(recorded["xi"].shape)
    layer.set_weights([recorded["g"], recorded["be"]])
    np.testing.assert_allclose(
        layer(recorded["xi"]), recorded[f"{name}_y"], rtol=RELATIVE, atol=1e-6
    )


def test_maxout_holds_addons_maxout(recorded):
    """Addons' has no weights and strides over channels: exact with a 0-1 kernel."""
    x, wanted = recorded["xi"].reshape(-1, 4), recorded["maxout_y"].reshape(-1, 2)
    layer = layers.Maxout(units=2, pieces=2)
    layer.build(x.shape)
    order = [0, 2, 1, 3]  # unit u is the largest of channels u and u + 2
    layer.set_weights([np.eye(4)[:, order], np.zeros(4)])
    np.testing.assert_array_equal(layer(x), wanted)


def test_the_average_of_weights_is_addons_moving_average(recorded):
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(3)])
    network.layers[0].bias.assign([1.0, -2.0, 3.0])
    average = frozen_copies({"network": network})["network"]
    for value in recorded["ma_tr"]:
        network.layers[0].bias.assign(value)
        move_averages([average], [network], 0.9)
    np.testing.assert_allclose(
        average.layers[0].bias, recorded["ma_avg"], rtol=RELATIVE
    )


# TF-GAN.

DISCRIMINATOR = {
    "minimax_ls0": losses.minimax_discriminator_loss,
    "modified_ls0": losses.minimax_discriminator_loss,
    "wasserstein": losses.wasserstein_critic_loss,
    "wasserstein_hinge": losses.hinge_discriminator_loss,
    "least_squares": lambda r, f: (
        losses.least_squares_loss(r, 1.0) + losses.least_squares_loss(f, 0.0)
    ),
}
GENERATOR = {
    "modified": losses.non_saturating_generator_loss,
    "wasserstein": losses.wasserstein_generator_loss,
    "least_squares": lambda f: losses.least_squares_loss(f, 1.0),
    # TF-GAN negates the discriminator's whole loss, real logits set to 1.
    "minimax": lambda f: losses.minimax_generator_loss(f) - tf.math.softplus(-1.0),
}


@pytest.mark.parametrize("case", ["plain", "extreme"])
@pytest.mark.parametrize("name", DISCRIMINATOR)
def test_discriminator_losses_are_tf_gan_s(case, name):
    with np.load(golden("losses_tfgan.npz")) as file:
        scores = [tf.constant(file[f"{case}/in/{k}"]) for k in ("real", "fake")]
        key = f"{case}/out/D/{name}"
        wanted = [file[key], file[f"{key}/grad_real"], file[f"{key}/grad_fake"]]
    with tf.GradientTape() as tape:
        tape.watch(scores)
        loss = DISCRIMINATOR[name](*scores)
    for got, value in zip([loss, *tape.gradient(loss, scores)], wanted, strict=True):
        np.testing.assert_allclose(got, value, rtol=RELATIVE, atol=1e-8)


@pytest.mark.parametrize("case", ["plain", "extreme"])
@pytest.mark.parametrize("name", GENERATOR)
def test_generator_losses_are_tf_gan_s(case, name):
    with np.load(golden("losses_tfgan.npz")) as file:
        fake = tf.constant(file[f"{case}/in/fake"])
        key = f"{case}/out/G/{name}"
        wanted, gradient = file[key], file[f"{key}/grad_fake"]
    with tf.GradientTape() as tape:
        tape.watch(fake)
        loss = GENERATOR[name](fake)
    np.testing.assert_allclose(loss, wanted, rtol=RELATIVE)
    np.testing.assert_allclose(tape.gradient(loss, fake), gradient, RELATIVE, 1e-8)
