import keras
import numpy as np
import pytest
import tensorflow as tf
from replicas import two_replicas

from gan_zoo import backend


def test_update_moves_its_own_variables_by_the_gradient_and_no_others():
    mine, other = keras.Variable([1.0, 2.0]), keras.Variable([3.0])
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build([mine])
    aux = backend.update(
        lambda: (tf.reduce_sum(mine.value**2) * other.value[0], "aux"),
        [mine],
        optimizer,
    )
    assert aux == "aux"
    np.testing.assert_allclose(mine.numpy(), [1 - 0.1 * 6, 2 - 0.1 * 12], rtol=1e-6)
    np.testing.assert_array_equal(other.numpy(), [3.0])


def test_a_loss_of_several_numbers_is_refused():
    """Its gradient would be that of the sum, and grow with the batch."""
    weight = keras.Variable([1.0])
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build([weight])
    with pytest.raises(ValueError, match=r"got shape \(4,\).*ops\.mean"):
        backend.update(lambda: (weight.value * tf.ones(4), None), [weight], optimizer)
    np.testing.assert_array_equal(weight.numpy(), [1.0])


@pytest.mark.parametrize("condition", [True, False])
def test_a_block_is_undone_in_variables_of_either_kind(condition):
    """Optimizers of TensorFlow Addons keep variables of TensorFlow."""
    weight, slot = keras.Variable([1.0]), tf.Variable([2.0])
    with backend.undone_unless(tf.constant(condition), [weight, slot]):
        weight.assign([5.0])
        slot.assign([6.0])
    wanted = [[5.0], [6.0]] if condition else [[1.0], [2.0]]
    np.testing.assert_array_equal([weight, slot], wanted)


def test_an_overflow_on_one_replica_skips_the_step_on_all():
    strategy = two_replicas()
    with strategy.scope():
        weight = keras.Variable([1.0, 2.0])
        optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))
        optimizer.build([weight])

    def step():
        large = tf.where(tf.equal(backend.replica_id(), 1), float("inf"), 1.0)
        backend.update(
            lambda: (tf.reduce_sum(weight.value) * large, ()), [weight], optimizer
        )

    tf.function(lambda: strategy.run(step), autograph=False)()
    np.testing.assert_array_equal(weight.value, [1.0, 2.0])


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
def test_an_update_in_some_steps_leaves_the_others_as_they_were(graph, scaled):
    """Adam counts the steps that are due, and only these; so does the loss scale."""
    used, unused = keras.Variable([1.0, 2.0]), keras.Variable([3.0])
    adam = keras.optimizers.Adam(0.1)
    optimizer = keras.optimizers.LossScaleOptimizer(adam) if scaled else adam
    optimizer.build([used, unused])

    def step(due):
        def objective():
            loss = tf.reduce_sum(used.value**2)
            return loss, {"loss": loss}

        wanted = [used, unused]
        return backend.update_when(due, objective, {"loss": -1.0}, wanted, optimizer)

    step = tf.function(step) if graph else step
    losses = [float(step(tf.constant(due))["loss"]) for due in (False, True, False)]
    np.testing.assert_allclose(losses, [-1.0, 5.0, -1.0])
    # The first step of Adam has the length of its rate.
    np.testing.assert_allclose(used.numpy(), [0.9, 1.9], atol=1e-6)
    np.testing.assert_array_equal(unused.numpy(), [3.0])
    assert int(adam.iterations) == 1
    if scaled:
        assert int(optimizer.step_counter) == 1


def test_an_update_in_some_steps_is_the_same_on_two_replicas():
    def weights(strategy):
        with strategy.scope():
            weight = keras.Variable([1.0])
            optimizer = keras.optimizers.Adam(0.1)
            optimizer.build([weight])
        count = strategy.num_replicas_in_sync
        rows = tf.reshape(tf.constant([1.0, 2.0, 3.0, 5.0]), (count, -1))

        @tf.function
        def step(due):
            def on_replica():
                mine = rows[backend.replica_id()]

                def objective():
                    return tf.reduce_mean((weight.value[0] * mine) ** 2), 0.0

                backend.update_when(due, objective, 0.0, [weight], optimizer)

            strategy.run(on_replica)

        for due in (True, False, True):
            step(tf.constant(due))
        return weight.numpy()

    one = weights(tf.distribute.get_strategy())
    np.testing.assert_allclose(weights(two_replicas()), one, rtol=1e-6)
