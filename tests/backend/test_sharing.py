import keras
import numpy as np
import pytest
import tensorflow as tf
from features.feature_doubles import as_images

from gan_zoo import backend
from gan_zoo.features import mnist
from gan_zoo.metrics import ConfidentShare, FrechetDistance, KernelDistance


@keras.saving.register_keras_serializable(package="test_sharing")
class Counted(keras.layers.Layer):
    """The identity, counting how often it is called."""

    calls = 0

    def call(self, x):
        type(self).calls += 1
        return x


def counted_network(scale=1.0):
    images = keras.Input((1, 1, 3))
    x = keras.layers.Rescaling(scale)(Counted()(images))
    return keras.Model(images, keras.layers.Flatten()(x), name="counted")


def update_all(metrics, real, fake):
    with backend.one_pass():
        for metric in metrics:
            metric.update_state(real, fake)


def calls_of(function, *args):
    before = Counted.calls
    function(*args)
    return Counted.calls - before


def batch(seed):
    draw = np.random.default_rng(seed)
    return as_images(draw.normal(size=(8, 3)).astype("float32"))


def test_a_graph_passes_generated_images_once():
    network = counted_network()
    metrics = [FrechetDistance(network), KernelDistance(network, max_images=8)]
    update = tf.function(lambda real, fake: update_all(metrics, real, fake))
    # Each metric's real side is a branch of its own.
    assert calls_of(update, batch(0), batch(1)) == 3
    assert calls_of(update, batch(0), batch(1)) == 0


def test_without_a_graph_real_images_pass_once_as_well():
    network = counted_network()
    metrics = [FrechetDistance(network), KernelDistance(network, max_images=8)]
    assert calls_of(update_all, metrics, batch(0), batch(1)) == 2
    assert calls_of(update_all, metrics, batch(0), batch(1)) == 2  # nothing is kept
    for metric in metrics:
        assert calls_of(metric.update_state, batch(0), batch(1)) == 2


@pytest.mark.parametrize("wrap", [tf.function, lambda call: call])
def test_numbers_are_those_of_each_metric_alone(wrap):
    def make():
        return [
            FrechetDistance("mnist"),
            ConfidentShare(),
            FrechetDistance(counted_network(), name="one"),
            # Of one name and another network: these are not the same features.
            FrechetDistance(counted_network(2.0), name="other"),
        ]

    real, fake = (
        np.random.default_rng(seed).uniform(-1, 1, (12, 1, 1, 3)).astype("float32")
        for seed in (0, 1)
    )
    together, apart = make(), make()
    wrap(lambda: update_all(together, real, fake))()
    for metric in apart:
        metric.update_state(real, fake)
    values = [[float(metric.result()) for metric in side] for side in (together, apart)]
    np.testing.assert_allclose(*values, rtol=1e-6)
    assert values[0][3] == pytest.approx(4 * values[0][2], rel=1e-6)


def test_other_weights_under_a_published_name_are_not_shared(tmp_path):
    network, record = mnist.load()
    code = network.get_layer("mnist_dense")
    code.kernel.assign(2 * code.kernel)
    mnist.save(network, record, tmp_path / "other.npz")
    other = mnist.MnistFeatures(tmp_path / "other.npz")

    def make():
        return [FrechetDistance("mnist"), FrechetDistance(other)]

    real, fake = (
        np.random.default_rng(seed).uniform(-1, 1, (4, 28, 28, 1)).astype("float32")
        for seed in (0, 1)
    )
    together, apart = make(), make()
    update_all(together, real, fake)
    for metric in apart:
        metric.update_state(real, fake)
    values = [[float(metric.result()) for metric in side] for side in (together, apart)]
    np.testing.assert_allclose(*values, rtol=1e-6)
    assert values[0][0] != pytest.approx(values[0][1], rel=0.1)


def test_an_error_ends_the_sharing():
    network = counted_network()
    metric = FrechetDistance(network)
    with pytest.raises(ValueError, match="Expected a batch of images"):
        update_all([metric], batch(0), np.zeros(3, "float32"))
    assert calls_of(metric.update_state, batch(0), batch(0)) == 2
