import subprocess
import sys
import types
import weakref

import keras
import pytest
import tensorflow as tf
from replicas import two_replicas
from tensorflow.python.framework.ops import gradient_registry

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.gan import mlp


@pytest.fixture(scope="module")
def alone():
    return tf.distribute.MirroredStrategy(["CPU:0"])


def tiny():
    return gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4))


def test_parameter_servers_and_unknown_strategies_are_refused():
    with pytest.raises(NotImplementedError, match="multi_worker"):
        backend.make_strategy("parameter_server")
    with pytest.raises(ValueError, match="mirrored"):
        backend.make_strategy("many")
    assert backend.make_strategy("none") is tf.distribute.get_strategy()


MIRRORED = """
import sys, tensorflow as tf
from gan_zoo import backend
(cpu,) = tf.config.list_physical_devices("CPU")
devices = [tf.config.LogicalDeviceConfiguration()] * 3
tf.config.set_logical_device_configuration(cpu, devices)
strategy = backend.make_strategy("mirrored")
print(strategy.num_replicas_in_sync, backend.is_chief(strategy))
print(*sorted(device[-5:] for device in strategy.extended.worker_devices))
"""


def test_mirrored_takes_all_logical_devices():
    """In a process of its own: strategies of a process take each other's keys."""
    done = subprocess.run(
        [sys.executable, "-c", MIRRORED], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == ["3 True", "CPU:0 CPU:1 CPU:2"]


@pytest.mark.parametrize("gpus", [0, 2])
def test_mirrored_takes_all_gpus_rather_than_processors(gpus, monkeypatch):
    there = {"CPU": ["CPU:0"], "GPU": [f"GPU:{i}" for i in range(gpus)]}

    def listed(kind):
        return [types.SimpleNamespace(name=name) for name in there[kind]]

    monkeypatch.setattr(tf.config, "list_logical_devices", listed)
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", tuple)
    taken = backend.make_strategy("mirrored")
    assert taken == (("GPU:0", "GPU:1") if gpus else ("CPU:0",))


def test_a_model_remembers_the_strategy_it_was_built_under(alone):
    with alone.scope():
        mirrored = tiny()
    assert backend.is_distributed(mirrored)
    assert not backend.is_distributed(tiny())
    assert backend.replicas_of(mirrored) == 1
    assert not backend.is_multi_worker(mirrored)
    assert backend.is_chief(alone)
    with backend.scope(mirrored):
        assert tf.distribute.get_strategy() is alone


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("strategy", [tf.distribute.get_strategy, two_replicas])
def test_nothing_is_counted_where_the_data_has_ended(strategy):
    """Of data of unknown length the end is found by asking for one batch too many."""
    with strategy().scope():
        model = tiny()
    model.compile()
    points = tf.random.stateless_normal((12, 2), (0, 1))
    data = tf.data.Dataset.from_tensor_slices(points).filter(lambda x: True).batch(4)
    model.fit(data, epochs=2, verbose=0)
    assert model.trained_steps == 6
    assert int(model.d_optimizer.iterations.numpy()) == 6


def test_steps_are_not_run_eagerly_under_a_strategy(alone):
    with alone.scope():
        mirrored = tiny()
        mirrored.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="run_eagerly=True does not go"):
        backend.step_function(mirrored, mirrored.train_step)


def test_optimizers_made_outside_the_scope_count_steps_once():
    with two_replicas().scope():
        model = tiny()
    model.compile(d_optimizer=keras.optimizers.Adam(1e-3), g_optimizer="adam")
    data = tf.data.Dataset.from_tensor_slices(tf.ones((40, 2)))
    model.fit(data.batch(8, drop_remainder=True), verbose=0)
    assert int(model.d_optimizer.iterations.value.numpy()) == 5
    assert model.trained_steps == 5


def test_a_model_and_its_graphs_are_freed_and_own_gradients_stay_known():
    @tf.custom_gradient
    def doubled(x):
        return x, lambda gradient: 2.0 * gradient

    class Doubled(keras.layers.Layer):
        def call(self, x):
            return doubled(x)

    x = keras.Input((2,))
    critic = keras.Model(x, keras.layers.Dense(1)(Doubled()(x)))
    model = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 4), discriminator=critic)
    model.compile()
    known = set(gradient_registry.list())
    model.fit(tf.zeros((8, 2)), batch_size=4, verbose=0)
    new = set(gradient_registry.list()) - known
    # Three calls of the critic; the two optimizers' sums over replicas are gone.
    assert len(new) == 3
    freed = weakref.ref(model)
    del model, critic
    keras.utils.clear_session()
    assert freed() is None
