"""SRResNet and SRGAN against hand-written updates, and images of any size."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam, both, data_for, rows_of, translated_images
from small_networks import convolution

import gan_zoo
from gan_zoo.layers import Dropout, PixelShuffle
from gan_zoo.networks.blocks import to_logit
from gan_zoo.networks.srgan import srresnet

LARGE = (8, 8, 1)


def enlarging(scale=2):
    """A convolution and a pixel shuffle, for images of any size."""
    image = keras.Input((None, None, 1))
    x = keras.layers.Conv2D(scale**2, 3, padding="same")(image)
    x = PixelShuffle(scale)(x) if scale > 1 else x
    return keras.Model(image, keras.layers.Activation("tanh", dtype="float32")(x))


def small_critic(shape=LARGE):
    image = keras.Input(shape)
    return keras.Model(image, to_logit(convolution(image)))


def features():
    """Two maps of another network, as VGG's would be."""
    image = keras.Input((None, None, 1))
    first = keras.layers.Conv2D(3, 3, padding="same", activation="relu")(image)
    return keras.Model(image, [first, keras.layers.Conv2D(2, 3)(first)])


def of_pixels():
    return gan_zoo.SRResNet(LARGE, 2, generator=enlarging(), ema=0.9)


def adversarial(**kwargs):
    return gan_zoo.SRGAN(
        LARGE, 2, generator=enlarging(), discriminator=small_critic(), **kwargs
    )


RATE = keras.optimizers.schedules.PiecewiseConstantDecay([100_000], [1e-4, 1e-5])
COMMON = {"image_shape": (96, 96, 3), "scale": 4, "ema": None}
SYSTEMS = {
    "SRResNet": System(
        tiny=of_pixels,
        settings=COMMON,
        optimizers={"g": adam(1e-4, 0.9, epsilon=1e-8)},
        made=translated_images,
        of_latents=False,
    ),
    "SRGAN": System(
        tiny=lambda: adversarial(ema=0.9),
        settings=COMMON | {"adversarial_weight": 1e-3},
        optimizers=both(adam(RATE, 0.9, epsilon=1e-8)),
        made=translated_images,
        of_latents=False,
    ),
    "SRGAN, features": System(
        tiny=lambda: adversarial(features=features(), adversarial_weight=0.1),
        made=translated_images,
        of_latents=False,
    ),
}


def pairs(n=4):
    rng = np.random.default_rng(0)
    sizes = ((n, 4, 4, 1), (n, 8, 8, 1))
    return [tf.constant(rng.uniform(-1, 1, size), tf.float32) for size in sizes]


def moved(network, gradients, rate):
    variables = network.trainable_variables
    return [v - rate * g for v, g in zip(variables, gradients, strict=True)]


def test_srresnet_takes_a_step_of_the_squared_error():
    model = of_pixels()
    model.compile(g_optimizer=keras.optimizers.SGD(0.1))
    small, real = pairs()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((real - model.generator(small)) ** 2)
    variables = [v.value for v in model.variables_of("g")]
    wanted = moved(model.generator, tape.gradient(loss, variables), 0.1)
    logs = model.train_step((small, real))
    for ours, theirs in zip(model.variables_of("g"), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(logs["content_loss"], loss, rtol=1e-6)


@pytest.mark.parametrize("by_features", [False, True])
def test_one_step_of_srgan_by_hand(by_features):
    maps = features() if by_features else None
    model = adversarial(features=maps, adversarial_weight=0.2)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1)
    )
    small, real = pairs()
    g, d = model.generator, model.discriminator
    before = maps.get_weights() if maps else []
    made = g(small)
    with tf.GradientTape() as tape:
        right, wrong = tf.sigmoid(d(real)), tf.sigmoid(d(made))
        d_loss = -tf.reduce_mean(tf.math.log(right))
        d_loss -= tf.reduce_mean(tf.math.log(1 - wrong))
    gradients = tape.gradient(d_loss, [v.value for v in d.trainable_variables])
    critic = keras.models.clone_model(d)
    critic.set_weights(moved(d, gradients, 0.1))
    with tf.GradientTape() as tape:
        made = g(small)
        g_loss = -tf.reduce_mean(tf.math.log(tf.sigmoid(critic(made))))
        if maps:
            content = sum(
                tf.reduce_mean((a - b) ** 2)
                for a, b in zip(maps(real), maps(made), strict=True)
            )
        else:
            content = tf.reduce_mean((real - made) ** 2)
        loss = content + 0.2 * g_loss
    gradients = tape.gradient(loss, [v.value for v in g.trainable_variables])
    wanted = moved(g, gradients, 0.1)
    logs = model.train_step((small, real))
    for ours, theirs in zip(g.trainable_variables, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    for ours, theirs in zip(d.get_weights(), critic.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    for name, value in (
        ("d_loss", d_loss),
        ("g_loss", g_loss),
        ("content_loss", content),
    ):
        np.testing.assert_allclose(logs[name], value, rtol=1e-5)
    for a, b in zip(before, maps.get_weights() if maps else [], strict=True):
        np.testing.assert_array_equal(a, b)


def test_images_of_any_size_are_enlarged_by_the_model_and_its_export(tmp_path):
    model = of_pixels()
    served = gan_zoo.serving.load(gan_zoo.export(model, tmp_path / "1", warmup=False))
    for height, width in ((4, 4), (5, 9)):
        images = np.random.default_rng(0).integers(
            0, 256, (2, height, width, 1), "uint8"
        )
        made = model.translate(images / np.float32(127.5) - 1)
        assert made.shape == (2, 2 * height, 2 * width, 1)
        wanted = np.clip(np.round((made + 1) * 127.5), 0, 255).astype("uint8")
        np.testing.assert_array_equal(served.translate(images), wanted)


def test_the_gan_goes_on_with_the_pretrained_generator(tmp_path):
    gan = adversarial()
    first = gan.pretraining
    assert first is gan.pretraining
    assert first.generator is gan.generator
    before = gan.generator.get_weights()
    first.compile(run_eagerly=True)
    first.fit(data_for(first, steps=2), verbose=0)
    assert (before[0] != gan.generator.get_weights()[0]).any()
    x = rows_of(gan.image_of("low"), 2)
    np.testing.assert_array_equal(gan.translate(x), first.translate(x))
    # It is no part of the saved model.
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert len(loaded.weights) == len(gan.weights)
    np.testing.assert_array_equal(loaded.translate(x), gan.translate(x))


def test_squared_error_learns_to_enlarge():
    """Better than repeating each pixel."""
    train, test = gan_zoo.data.load(
        "fluent_sample/flat", 16, degrade="bicubic:2", channels=1
    )
    shape = (32, 32, 1)
    model = gan_zoo.SRResNet(shape, 2, generator=srresnet(1, 2, width=16, blocks=1))
    model.compile(g_optimizer=keras.optimizers.Adam(3e-3))
    model.fit(train, epochs=8, verbose=0)
    small, large = next(iter(test))
    repeated = np.repeat(np.repeat(small, 2, axis=1), 2, axis=2)
    error = np.square(model.translate(small) - large).mean()
    assert error < 0.6 * np.square(repeated - large).mean()


def test_networks_with_dropout_draw_their_masks_in_the_step():
    image, large = keras.Input((None, None, 1)), keras.Input(LARGE)
    g = keras.Model(image, PixelShuffle(2)(Dropout(0.5)(enlarging_features(image))))
    d = keras.Model(large, to_logit(Dropout(0.5)(convolution(large))))
    for model in (
        gan_zoo.SRResNet(LARGE, 2, generator=g),
        gan_zoo.SRGAN(LARGE, 2, generator=g, discriminator=d),
    ):
        model.compile(run_eagerly=True)
        logs = model.fit(data_for(model, steps=1), verbose=0).history
        assert np.isfinite([*logs.values()]).all()


def enlarging_features(image):
    return keras.layers.Conv2D(4, 3, padding="same")(image)


def test_restoration_at_the_same_size():
    model = gan_zoo.SRResNet(LARGE, 1, generator=enlarging(1))
    assert model.batch_parts["images_low"].shape == LARGE
    model.compile(run_eagerly=True)
    logs = model.fit(data_for(model, steps=1), verbose=0).history
    assert np.isfinite(logs["content_loss"]).all()


def test_metrics_compare_with_the_true_images():
    model = of_pixels()
    metrics = [gan_zoo.metrics.PeakSignalToNoise()]
    model.compile(metrics=metrics, run_eagerly=True)
    small, large = pairs()
    (value,) = model.evaluate((small.numpy(), large.numpy()), verbose=0)
    made = model.translate(small.numpy())
    errors = np.square(made - large).mean((1, 2, 3))
    np.testing.assert_allclose(value, np.mean(10 * np.log10(4 / errors)), rtol=1e-5)


def test_a_config_round_trip():
    model = adversarial(features=features(), adversarial_weight=0.5, ema=0.9)
    copy = gan_zoo.SRGAN.from_config(model.get_config())
    assert copy.get_config()["adversarial_weight"] == 0.5
    assert (copy.scale, copy.large) == (2, LARGE)
    assert "features" in copy.networks


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="multiples of it; got scale=4"):
        gan_zoo.SRResNet((10, 12, 1))
    with pytest.raises(ValueError, match="scale 1, 2, 4 or 8"):
        gan_zoo.SRGAN((12, 12, 1), 3)
    fixed = keras.Input((4, 4, 1))
    with pytest.raises(ValueError, match="generator makes images"):
        gan_zoo.SRResNet(
            LARGE, 2, generator=keras.Model(fixed, keras.layers.Conv2D(1, 1)(fixed))
        )
    with pytest.raises(ValueError, match="adversarial_weight"):
        adversarial(adversarial_weight=-1)


def test_images_of_another_size_are_told_of_the_scale():
    model = of_pixels()
    model.compile()
    wrong = np.zeros((4, 2, 2, 1), "float32"), np.zeros((4, *LARGE), "float32")
    with pytest.raises(ValueError, match=r"whose image_shape / scale is \(2, 2, 1\)"):
        model.fit(wrong, verbose=0)
