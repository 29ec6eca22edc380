"""MGAN against a hand-written update, and what it takes from the style."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both, data_for, translated_images

import gan_zoo
from gan_zoo.networks.mgan import mgan_decoder, mgan_discriminator


def fixed(filters, strides=2, shape=SHAPE):
    """A convolution with weights that depend on its filters alone."""
    image = keras.Input((None, None, shape[-1]))
    start = keras.initializers.RandomNormal(stddev=0.3, seed=filters)
    x = keras.layers.Conv2D(
        filters, 4, strides, "same", activation="relu", kernel_initializer=start
    )(image)
    return keras.Model(image, x)


def of_images(**kwargs):
    maps = keras.Input((4, 4, 3))
    x = keras.layers.LeakyReLU(negative_slope=0.2)(maps)
    scores = keras.layers.Conv2D(1, 3, padding="same", dtype="float32")(x)
    image = keras.layers.Conv2DTranspose(
        1, 4, 2, "same", activation="tanh", dtype="float32"
    )
    encoded = keras.Input((None, None, 5))
    return gan_zoo.MGAN(
        SHAPE,
        encoder=fixed(5),
        features=fixed(3),
        generator=keras.Model(encoded, image(encoded)),
        discriminator=keras.Model(maps, scores),
        **{"adversarial_weight": 0.5} | kwargs,
    )


SYSTEMS = {
    "MGAN": System(
        tiny=lambda: of_images(ema=0.9),
        settings={
            "image_shape": (128, 128, 3),
            "ema": None,
            "adversarial_weight": 0.01,
            "paired": True,
        },
        optimizers=both(adam(2e-4, 0.5, epsilon=1e-8)),
        made=translated_images,
        of_latents=False,
    ),
    "MGAN, unpaired": System(
        tiny=lambda: of_images(paired=False), made=translated_images, of_latents=False
    ),
}


def pairs(n=3):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, *SHAPE)), tf.float32) for _ in "ab"]


@pytest.mark.parametrize("paired", [True, False])
def test_one_step_by_hand(paired):
    model = of_images(paired=paired)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1)
    )
    a, b = pairs()
    g, d, psi, phi = (
        model.generator,
        model.discriminator,
        model.encoder,
        model.features,
    )
    before = [net.get_weights() for net in (psi, phi)]
    variables = [v.value for v in d.trainable_variables]
    made = g(psi(a))
    with tf.GradientTape() as tape:
        d_loss = tf.reduce_mean(tf.maximum(0.0, 1 - d(phi(b))))
        d_loss += tf.reduce_mean(tf.maximum(0.0, 1 + d(phi(made))))
    gradients = tape.gradient(d_loss, variables)
    critic = keras.models.clone_model(d)
    critic.set_weights([v - 0.1 * x for v, x in zip(variables, gradients, strict=True)])
    variables = [v.value for v in g.trainable_variables]
    with tf.GradientTape() as tape:
        made = g(psi(a))
        g_loss = tf.reduce_mean(tf.maximum(0.0, 1 - critic(phi(made))))
        content = tf.reduce_mean((psi(made) - psi(b if paired else a)) ** 2)
        loss = 0.5 * g_loss + content
    gradients = tape.gradient(loss, variables)
    wanted = [v - 0.1 * x for v, x in zip(variables, gradients, strict=True)]
    logs = model.train_step((a, b))
    for own, theirs in zip(g.trainable_variables, wanted, strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-4, atol=1e-6)
    for own, theirs in zip(d.get_weights(), critic.get_weights(), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-4, atol=1e-6)
    named = {"d_loss": d_loss, "g_loss": g_loss, "content_loss": content}
    for name, value in named.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5)
    for net, own in zip((psi, phi), before, strict=True):
        for x, y in zip(net.get_weights(), own, strict=True):
            np.testing.assert_array_equal(x, y)


def test_networks_fit_named_features():
    model = gan_zoo.MGAN((32, 32, 3), encoder="squeezenet2", features="squeezenet1")
    # The default networks: SqueezeNet's second map has a quarter of the image's sides.
    assert model.generator.inputs[0].shape[-1] == 128
    assert model.generator.compute_output_shape((1, 8, 8, 128)) == (1, 32, 32, 3)
    model.compile(run_eagerly=True)
    logs = model.fit(data_for(model, steps=1), verbose=0).history
    assert np.isfinite([*logs.values()]).all()
    # Images of any size.
    images = np.zeros((1, 40, 27, 3), "float32")
    assert model.translate(images).shape == images.shape


def test_patches_take_the_style_s_contrast():
    """Unpaired: grey steps become as strong as those of the style images."""
    keras.utils.set_random_seed(0)
    shape = (8, 8, 1)
    image = keras.Input((None, None, 1))
    own = keras.Model(image, keras.layers.Rescaling(1.0)(image))
    rng = np.random.default_rng(0)
    drawn = np.sign(rng.normal(size=(512, 4, 4, 1))).repeat(2, 1).repeat(2, 2)
    a, b = (scale * drawn[::step] for scale, step in ((0.3, 1), (0.9, -1)))
    maps = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(8, 3, activation="leaky_relu")(maps)
    critic = keras.Model(maps, keras.layers.Conv2D(1, 1)(x))
    decoder = keras.Model(image, keras.layers.Conv2D(1, 1, activation="tanh")(image))

    def strength(weight):
        model = gan_zoo.MGAN(
            shape,
            encoder=own,
            features=own,
            adversarial_weight=weight,
            paired=False,
            generator=keras.models.clone_model(decoder),
            discriminator=keras.models.clone_model(critic),
        )
        fast = {"learning_rate": 0.03, "beta_1": 0.5}
        model.compile(
            d_optimizer=keras.optimizers.Adam(**fast),
            g_optimizer=keras.optimizers.Adam(**fast),
        )
        model.fit(
            (a.astype("float32"), b.astype("float32")),
            batch_size=32,
            epochs=10,
            verbose=0,
        )
        return np.abs(model.translate(a[:50].astype("float32"))).mean()

    assert strength(0.0) == pytest.approx(0.3, abs=0.05)
    assert strength(1.0) > 0.6


def test_a_config_round_trip():
    config = of_images(paired=False, ema=0.5).get_config()
    again = gan_zoo.MGAN.from_config(config)
    assert again.unpaired
    assert again.adversarial_weight == 0.5


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"out of vgg12, .*got 'vgg99'"):
        gan_zoo.MGAN(SHAPE, encoder="vgg99")
    with pytest.raises(ValueError, match=r"generator takes maps .*\(4, 4, 5\)"):
        gan_zoo.MGAN.from_config(
            of_images().get_config() | {"generator": mgan_decoder(4, 1, 1, 2)}
        )
    with pytest.raises(ValueError, match=r"discriminator takes maps .*\(4, 4, 3\)"):
        gan_zoo.MGAN.from_config(
            of_images().get_config()
            | {"discriminator": mgan_discriminator((4, 4, 2), 2, 1)}
        )
    with pytest.raises(ValueError, match="got 'vgg'"):
        gan_zoo.MGAN((8, 8, 3), features="vgg")
    with pytest.raises(
        ValueError, match=r"height, width, 3\) for the maps 'squeezenet3'"
    ):
        gan_zoo.MGAN(SHAPE)
    with pytest.raises(ValueError, match=r"encoder cannot take .*\(4, 4, 3\)"):
        gan_zoo.MGAN((4, 4, 3))
    with pytest.raises(ValueError, match="adversarial_weight"):
        of_images(adversarial_weight=-1.0)
