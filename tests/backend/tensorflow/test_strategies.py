import pytest
import replicas
import tensorflow as tf

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


def test_steps_are_keras_s_own_without_a_strategy_and_compiled_under_one(alone):
    model = tiny()
    model.compile()
    assert backend.step_function(model, model.train_step) is None
    with alone.scope():
        mirrored = tiny()
        mirrored.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="run_eagerly=True does not go"):
        backend.step_function(mirrored, mirrored.train_step)


def test_optimizers_made_outside_the_scope_count_steps_once():
    iterations, steps = replicas.adam_made_outside()
    assert iterations == steps == 5
