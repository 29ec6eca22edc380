import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam
from small_networks import convolution, normed_generator

import gan_zoo
from gan_zoo.networks.blocks import to_logit
from gan_zoo.networks.infogan import infogan_discriminator, infogan_generator

SHAPE = (8, 8, 1)


def tiny(**kwargs):
    return gan_zoo.InfoGAN(
        SHAPE,
        4,
        num_classes=3,
        num_codes=2,
        generator=infogan_generator(SHAPE, 4, 3, 2, 4, 16),
        discriminator=infogan_discriminator(SHAPE, 3, 2, 4, 16),
        **kwargs,
    )


def of_images():
    """D and Q share a convolution with batch norm."""
    image = keras.Input(SHAPE)
    x = convolution(image, batch_norm=True)
    heads = [to_logit(x), *(keras.layers.Dense(n, dtype="float32")(x) for n in (3, 2))]
    return gan_zoo.InfoGAN(
        SHAPE,
        4,
        num_classes=3,
        num_codes=2,
        generator=normed_generator(SHAPE, 4, 3, 2),
        discriminator=keras.Model(image, heads),
    )


SYSTEMS = {
    "InfoGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 62,
            "critic_steps": 1,
            "prior": "uniform",
            "ema": None,
            "num_classes": 10,
            "num_codes": 2,
            "class_weight": 1,
            "code_weight": 0.1,
        },
        optimizers={"d": adam(2e-4, 0.5), "g": adam(1e-3, 0.5)},
        rate=0.01,
        rows=16,
    ),
}


def test_the_information_term_by_hand():
    gan = tiny(class_weight=2.0, code_weight=0.5)
    labels = tf.constant([0, 2])
    logits = tf.constant([[1.0, 0.0, 0.0], [0.0, 0.0, 3.0]])
    codes, means = tf.constant([[1.0, 0.0], [0.5, -1.0]]), tf.zeros((2, 2))
    loss, logs = gan.information_loss(labels, codes, logits, means)
    cross = -np.log([np.e / (np.e + 2), np.exp(3) / (np.exp(3) + 2)]).mean()
    squares = 0.5 * (1.0 + 1.25) / 2
    np.testing.assert_allclose(float(logs["class_loss"]), cross, rtol=1e-6)
    np.testing.assert_allclose(float(logs["code_loss"]), squares, rtol=1e-6)
    np.testing.assert_allclose(float(loss), 2 * cross + 0.5 * squares, rtol=1e-6)
    np.testing.assert_array_equal(logs["code_accuracy"], [1.0, 1.0])


def test_codes_are_read_back_from_the_images():
    """Without the adversary: Q and G alone make the codes visible."""
    keras.utils.set_random_seed(0)
    gan = tiny(code_weight=2.0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(2e-3, 0.5),
        g_optimizer=keras.optimizers.Adam(2e-3, 0.5),
    )
    images = np.random.default_rng(0).uniform(-1, 1, (32 * 60, *SHAPE))
    logs = gan.fit(images.astype("float32"), batch_size=32, epochs=2, verbose=0).history
    assert logs["code_accuracy"][-1] > 0.9
    # 1/3 per code is what knowing nothing costs, halved.
    assert logs["code_loss"][-1] < 0.7 * logs["code_loss"][0]


def test_generate_takes_codes_for_all_or_one_row_each():
    gan = tiny()
    same = gan.generate(3, seed=1, labels=2, codes=[0.5, -0.5])
    rows = gan.generate(3, seed=1, labels=[2, 2, 2], codes=[[0.5, -0.5]] * 3)
    np.testing.assert_array_equal(same, rows)
    with pytest.raises(ValueError, match="codes of shape"):
        gan.generate(3, codes=[1.0])


def test_what_is_drawn_does_not_depend_on_what_is_given():
    gan, asked = tiny(), []
    sample = gan.sample_in_batches

    def watching(z, batch_size, **given):
        asked.append(given)
        return sample(z, batch_size, **given)

    gan.sample_in_batches = watching
    images = gan.generate(4, seed=1)
    drawn = asked[0]
    for name, value in drawn.items():
        np.testing.assert_array_equal(gan.generate(4, seed=1, **{name: value}), images)
    gan.generate(4, seed=1, labels=(drawn["labels"] + 1) % 3)
    np.testing.assert_array_equal(asked[-1]["codes"], drawn["codes"])
    gan.generate(4, seed=1, codes=[0.5, -0.5])
    np.testing.assert_array_equal(asked[-1]["labels"], drawn["labels"])


def test_a_discriminator_without_q_is_refused():
    image = keras.Input(SHAPE)
    one = keras.Model(image, keras.layers.Dense(1)(keras.layers.Flatten()(image)))
    with pytest.raises(ValueError, match="code means"):
        gan_zoo.InfoGAN(
            SHAPE,
            4,
            num_classes=3,
            generator=infogan_generator(SHAPE, 4, 3, 2, 4, 16),
            discriminator=one,
        )
