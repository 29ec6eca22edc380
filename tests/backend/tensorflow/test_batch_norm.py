import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from replicas import largest, two_replicas

import gan_zoo
from gan_zoo import backend
from gan_zoo.layers import BatchNormalization
from gan_zoo.networks import dcgan


@pytest.mark.parametrize("shape", [(40, 3), (6, 5, 4, 3)])
def test_equals_the_formula(shape):
    x = np.random.default_rng(0).normal(5.0, 2.0, shape).astype("float32")
    scale, offset = np.float32([1.0, 2.0, -1.0]), np.float32([0.0, 1.0, 3.0])
    y, mean, variance = backend.batch_norm(tf.constant(x), scale, offset, 1e-3)
    rows = x.reshape(-1, 3).astype("float64")
    np.testing.assert_allclose(mean, rows.mean(0), rtol=1e-6)
    np.testing.assert_allclose(variance, rows.var(0), rtol=1e-5)
    wanted = (rows - rows.mean(0)) / np.sqrt(rows.var(0) + 1e-3) * scale + offset
    np.testing.assert_allclose(np.reshape(y, (-1, 3)), wanted, atol=2e-6)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_instance_norm_equals_the_formula(rows):
    x = np.random.default_rng(0).normal(5.0, 2.0, (rows, 5, 4, 2)).astype("float32")
    scale, offset = np.float32([2.0, -1.0]), np.float32([0.0, 1.0])
    y = backend.instance_norm(tf.constant(x), scale, offset, 1e-3)
    mean, variance = x.mean((1, 2), keepdims=True), x.var((1, 2), keepdims=True)
    wanted = (x - mean) / np.sqrt(variance + 1e-3) * scale + offset
    np.testing.assert_allclose(y, wanted, atol=2e-6)


def test_two_replicas_give_the_numbers_of_one_device():
    images = tf.random.stateless_normal((16, 14, 14, 64), (0, 0)) + 30.0
    slopes = tf.random.stateless_normal(images.shape, (0, 1))
    strategy = two_replicas()

    def normalised(layer, x, slopes):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
            total = tf.reduce_sum(y * slopes)
        return y, tape.gradient(total, x)

    def together(values):
        return np.concatenate(strategy.experimental_local_results(values))

    with strategy.scope():
        mirrored = BatchNormalization()
        mirrored.build(images.shape)
    alone = BatchNormalization()
    parts = [
        strategy.experimental_distribute_values_from_function(
            lambda c, x=x: x[8 * c.replica_id_in_sync_group :][:8]
        )
        for x in (images, slopes)
    ]
    y, gradient = strategy.run(normalised, args=(mirrored, *parts))
    wanted_y, wanted_gradient = normalised(alone, images, slopes)
    # Of the order of 1, from a mean of 30: Keras's layer is off by 1e-3.
    assert largest([together(y)], [wanted_y.numpy()]) < 1e-4
    assert largest([together(gradient)], [wanted_gradient.numpy()]) < 1e-4
    variances = ([layer.moving_variance.numpy()] for layer in (mirrored, alone))
    assert largest(*variances) < 1e-5


def without_kinks(network):
    """The network with a smooth activation in place of each (leaky) ReLU.

    With a kink, rounding alone puts some units on its other side: to scale the images
    by 1 + 2e-7 moves some layers of DCGAN by 2 % of a step.
    """
    kinked = keras.layers.ReLU, keras.layers.LeakyReLU

    def smooth(layer):
        if isinstance(layer, kinked):
            return keras.layers.Activation("silu")
        return type(layer).from_config(layer.get_config())

    return keras.models.clone_model(network, clone_function=smooth)


def test_two_replicas_move_weights_as_one_device():
    """At sizes that people train, and relative to what moved (Euclidean norms)."""

    def compiled(scope):
        keras.utils.set_random_seed(0)
        with scope:
            gan = gan_zoo.DCGAN(
                (28, 28, 1),
                generator=without_kinks(dcgan.dcgan_generator((28, 28, 1))),
                discriminator=without_kinks(dcgan.dcgan_discriminator((28, 28, 1))),
            )
        sgd = keras.optimizers.SGD
        gan.compile(d_optimizer=sgd(0.01), g_optimizer=sgd(0.01))
        return gan

    gan, both = compiled(contextlib.nullcontext()), compiled(two_replicas().scope())
    both.set_weights(gan.get_weights())
    before = gan.get_weights()
    digits = tf.random.stateless_uniform((16, 28, 28, 1), (0, 2), -1.0, 1.0)
    for model in (gan, both):
        data = tf.data.Dataset.from_tensors(digits)
        model.fit(data.map(lambda x: tf.ensure_shape(x, (16, 28, 28, 1))), verbose=0)
    triples = zip(before, gan.get_weights(), both.get_weights(), strict=True)
    errors = [
        float(np.linalg.norm(one - two) / np.linalg.norm(one - old))
        for old, one, two in triples
        if (one != old).any()
    ]
    assert max(errors) < 2e-4
