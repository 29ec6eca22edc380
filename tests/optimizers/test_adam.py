import keras
import numpy as np
import pytest
import tensorflow as tf
from replicas import two_replicas

from gan_zoo.optimizers import Adam, Cosine

SETTINGS = [
    {},
    {"beta_1": 0.0, "beta_2": 0.9, "epsilon": 1e-3},
    {"clipnorm": 0.5, "weight_decay": 0.1},
    {"amsgrad": True},
]


def steps(optimizer, gradients):
    """A weight of ones after each of the gradients."""
    weight = keras.Variable(np.ones(gradients[0].shape, "float32"))
    optimizer.build([weight])
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient)], [weight])
    return weight, optimizer


@pytest.mark.parametrize("settings", SETTINGS)
def test_equals_keras_and_has_its_variables(settings):
    gradients = np.random.default_rng(0).normal(size=(10, 4, 3)).astype("float32")
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
    ours, optimizer = steps(Adam(schedule, **settings), gradients)
    keras_s, other = steps(keras.optimizers.Adam(schedule, **settings), gradients)
    # The kernel rounds 1 − 0.999 to 0.99999 · 0.001.
    pairs = zip([ours, *optimizer.variables], [keras_s, *other.variables], strict=True)
    for one, two in pairs:
        np.testing.assert_allclose(one, two, rtol=2e-5, atol=1e-7)


def test_replicas_and_loss_scaling_move_weights_as_one_device():
    gradients = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    alone, _ = steps(Adam(0.1), gradients)
    strategy = two_replicas()
    with strategy.scope():
        weight = keras.Variable(np.ones(2, "float32"))
        optimizer = keras.optimizers.LossScaleOptimizer(Adam(0.1))
        optimizer.build([weight])

    @tf.function
    def step(gradient):
        strategy.run(
            # The sum over replicas is the gradient; the scale is taken out again.
            lambda g: optimizer.apply([optimizer.scale_loss(g / 2.0)], [weight]),
            args=(gradient,),
        )

    for gradient in gradients:
        step(tf.constant(gradient))
    for copy in strategy.experimental_local_results(weight.value):
        np.testing.assert_allclose(copy, alone, rtol=1e-6)


def test_saves():
    optimizer = Adam(1e-3, beta_1=0.5, epsilon=1e-8)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(again, Adam)
    assert again.get_config() == optimizer.get_config()


def test_beta_2_may_follow_a_schedule():
    """PyTorch's way: v and the correction of step t both have the β2 of step t."""
    gradients = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    schedule = Cosine(0.9, 0.99, 4)
    weight, _ = steps(Adam(0.1, 0.0, schedule, epsilon=1e-8), gradients)
    wanted, square = np.ones(3), np.zeros(3)
    for step, gradient in enumerate(gradients.astype("float64")):
        beta = float(schedule(step))
        square += (1 - beta) * (gradient**2 - square)
        corrected = np.sqrt(1 - beta ** (step + 1))
        wanted -= 0.1 * corrected * gradient / (np.sqrt(square) + 1e-8)
    np.testing.assert_allclose(weight, wanted, rtol=2e-5)


def test_a_schedule_of_beta_2_is_saved():
    config = keras.saving.serialize_keras_object(Adam(beta_2=Cosine(0.9, 0.99, 4)))
    loaded = keras.saving.deserialize_keras_object(config)
    assert loaded.beta_2.get_config() == {"initial": 0.9, "final": 0.99, "steps": 4}


def test_a_schedule_of_beta_2_does_not_go_with_amsgrad():
    with pytest.raises(ValueError, match="a number as beta_2 with amsgrad=True"):
        Adam(beta_2=Cosine(0.9, 0.99, 4), amsgrad=True)
