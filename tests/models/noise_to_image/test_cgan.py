import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both

import gan_zoo
from gan_zoo.networks import cgan


def tiny():
    return gan_zoo.CGAN(
        SHAPE,
        5,
        num_classes=3,
        generator=cgan.conditional_dcgan_generator(SHAPE, 5, 3, 4),
        discriminator=cgan.conditional_dcgan_discriminator(SHAPE, 3, 4),
    )


SYSTEMS = {
    "CGAN": System(
        tiny=tiny,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "uniform",
            "ema": None,
            "num_classes": 10,
        },
        optimizers=both(adam(2e-4, 0.5)),
    ),
}


def test_two_classes_of_points_are_told_apart():
    """Class 0 lies at -1, class 1 at +1: the asked-for class is the produced one."""
    keras.utils.set_random_seed(0)

    def network(first, last, name):
        x, labels = keras.Input((first,)), keras.Input((), dtype="int32")
        one_hot = keras.ops.one_hot(labels, 2, dtype="float32")
        h = keras.layers.Concatenate()([x, one_hot])
        h = keras.layers.Dense(32, "leaky_relu")(h)
        h = keras.layers.Dense(32, "leaky_relu")(h)
        return keras.Model([x, labels], keras.layers.Dense(last)(h), name=name)

    gan = gan_zoo.CGAN(
        (1,),
        2,
        num_classes=2,
        generator=network(2, 1, "generator"),
        discriminator=network(1, 1, "discriminator"),
    )
    gan.compile(
        d_optimizer=keras.optimizers.Adam(2e-3, 0.5),
        g_optimizer=keras.optimizers.Adam(1e-3, 0.5),
    )
    labels = np.arange(64 * 400) % 2
    points = (2.0 * labels - 1)[:, None] + np.random.default_rng(0).normal(
        0, 0.2, (64 * 400, 1)
    )
    gan.fit(points.astype("float32"), labels, batch_size=64, verbose=0)
    for label, side in ((0, -1), (1, 1)):
        made = gan.generate(500, labels=label)[:, 0]
        assert (np.sign(made) == side).mean() > 0.95


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("encoding", ["embedding", "one-hot"])
def test_labels_are_encoded_within_networks(shape, encoding):
    """What the refusal of one-hot inputs advises."""

    def network(units):
        inputs = [keras.Input((2,)), keras.Input(shape, dtype="int32")]
        layer = keras.layers.CategoryEncoding(3, output_mode="one_hot")
        if encoding == "embedding":
            layer = keras.layers.Embedding(3, 4)
        coded = keras.layers.Flatten()(layer(inputs[1]))
        both = keras.layers.Concatenate()([inputs[0], coded])
        return keras.Model(inputs, keras.layers.Dense(units)(both))

    gan = gan_zoo.CGAN(
        (2,), 2, num_classes=3, generator=network(2), discriminator=network(1)
    )
    gan.compile()
    logs = gan.train_step((tf.zeros((4, 2)), tf.constant([0, 1, 2, 2])))
    assert np.isfinite(float(logs["d_loss"]))
    assert gan.generate(3, labels=1).shape == (3, 2)


def test_the_default_networks_train_on_images_and_labels():
    gan = gan_zoo.CGAN()
    gan.compile()
    logs = gan.train_step((tf.zeros((4, 28, 28, 1)), tf.constant([0, 9, 5, 5])))
    assert np.isfinite(float(logs["d_loss"]))
