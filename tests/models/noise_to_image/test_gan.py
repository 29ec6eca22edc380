import keras
import numpy as np
import pytest
import tensorflow as tf
from models.classifiers import test_semi_supervised
from models.noise_to_image import test_acgan, test_cgan, test_infogan
from models.system import SHAPE as IMAGE
from models.system import System, adam, both, data_for, small_networks
from small_networks import small_generator

import gan_zoo
from gan_zoo import augment
from gan_zoo.networks.gan import (
    maxout_discriminator,
    mlp,
    relu_generator,
)


def of_images(system=gan_zoo.GAN):
    return system(
        IMAGE,
        5,
        generator=relu_generator(IMAGE, 5, 16),
        discriminator=maxout_discriminator(IMAGE, 8, 2),
        ema=0.9,
    )


def of_augmented_images(augmentation):
    return gan_zoo.GAN(IMAGE, 5, **small_networks(), augment=augmentation)


def adaptive():
    groups = ("blits", "geometry", "color", "filter", "noise", "cutout")
    ada = augment.ADA(0.2, images=100, interval=1, p=0.5, operations=groups)
    return of_augmented_images(ada)


def differentiable():
    return of_augmented_images(augment.DiffAugment())


# Of a generator whose gradients are small at first.
FASTER_G = {"d": 1.0, "g": 2000.0}
SYSTEMS = {
    "GAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "normal",
            "ema": None,
        },
        optimizers=both(adam(2e-4, 0.5)),
        rate=FASTER_G,
    ),
    "GAN with ADA": System(tiny=adaptive),
    "GAN with DiffAugment": System(tiny=differentiable),
}


def tiny(**kwargs):
    """A GAN of points in the plane; the masks of its dropout are draws as well."""
    x = keras.Input((2,))
    h = gan_zoo.layers.Dropout(0.3)(keras.layers.Dense(8, "relu")(x))
    discriminator = keras.Model(x, keras.layers.Dense(1)(h))
    return gan_zoo.GAN(
        (2,), 3, generator=mlp(3, 2, 8), discriminator=discriminator, **kwargs
    )


def test_one_step_by_hand():
    gan = tiny(seed=3)
    gan.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.2)
    )
    twin = tiny(seed=3)
    twin.set_weights(gan.get_weights())
    x = tf.random.stateless_normal((8, 2), (0, 1))
    gan.train_step(x)

    def apply(loss_of, network, rate):
        with tf.GradientTape() as tape:
            loss = loss_of()
        gradients = tape.gradient(loss, [v.value for v in network.trainable_variables])
        for variable, gradient in zip(
            network.trainable_variables, gradients, strict=True
        ):
            variable.assign_sub(rate * gradient)

    with twin.draws("discriminator", 0):
        fake = twin.generator(twin.latents(8), training=True)
        apply(
            lambda: gan_zoo.losses.minimax_discriminator_loss(
                twin.discriminator(x, training=True),
                twin.discriminator(fake, training=True),
            ),
            twin.discriminator,
            0.1,
        )
    with twin.draws("generator"):
        z = twin.latents(8)
        apply(
            lambda: gan_zoo.losses.non_saturating_generator_loss(
                twin.discriminator(twin.generator(z, training=True), training=True)
            ),
            twin.generator,
            0.2,
        )
    for a, b in zip(gan.players.values(), twin.players.values(), strict=True):
        for u, v in zip(a[0].get_weights(), b[0].get_weights(), strict=True):
            np.testing.assert_allclose(u, v, atol=1e-6)
    assert int(gan.steps.value) == 1


def gaussian(x, mean, std):
    return np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * (2 * np.pi) ** 0.5)


def test_with_the_generator_fixed_d_becomes_p_data_over_the_sum():
    """Proposition 1 and the value at the optimum, 2 JSD - 2 log 2, within 1 %."""
    data_mean, model_mean = 1.0, -0.5
    generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    generator.set_weights([np.ones((1, 1)), np.array([model_mean])])
    generator.trainable = False
    gan = gan_zoo.GAN(
        (1,), 1, generator=generator, discriminator=mlp(1, 1, 32), prior="normal"
    )
    schedule = keras.optimizers.schedules.CosineDecay(5e-3, 1500)
    gan.compile(d_optimizer=keras.optimizers.Adam(schedule), jit_compile=False)
    keras.utils.set_random_seed(0)
    real = np.random.default_rng(0).normal(data_mean, 1, (1500 * 512, 1))
    gan.fit(real.astype("float32"), batch_size=512, verbose=0)

    x = np.linspace(-4, 4.5, 400)[:, None]
    p_data, p_model = gaussian(x, data_mean, 1), gaussian(x, model_mean, 1)
    wanted = p_data / (p_data + p_model)
    got = keras.ops.sigmoid(gan.discriminator(x.astype("float32"))).numpy()
    weight = (p_data + p_model) / (p_data + p_model).sum()
    assert float((np.abs(got - wanted) * weight).sum()) < 0.01

    wide = np.linspace(-9, 9, 20001)[:, None]
    dx = wide[1, 0] - wide[0, 0]
    p, q = gaussian(wide, data_mean, 1), gaussian(wide, model_mean, 1)
    jsd = 0.5 * dx * float((p * np.log(2 * p / (p + q))).sum()) + 0.5 * dx * float(
        (q * np.log(2 * q / (p + q))).sum()
    )
    score = gan.discriminator(wide.astype("float32")).numpy().astype("float64")
    value = -dx * float((p * np.logaddexp(0, -score)).sum()) - dx * float(
        (q * np.logaddexp(0, score)).sum()
    )
    assert value == pytest.approx(2 * jsd - 2 * np.log(2), rel=0.01)


def test_minimax_and_non_saturating_generators_share_the_fixed_point_direction():
    fake = tf.constant([[-20.0], [0.0], [3.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(fake)
        saturating = gan_zoo.MinimaxGAN((4, 4, 1)).generator_loss(fake)
        other = gan_zoo.GAN((4, 4, 1)).generator_loss(fake)
    a, b = (tape.gradient(loss, fake).numpy()[:, 0] for loss in (saturating, other))
    sigmoid = 1 / (1 + np.exp(-fake.numpy()[:, 0]))
    np.testing.assert_allclose(a, -sigmoid / 3, rtol=1e-5)  # vanishes at -20
    np.testing.assert_allclose(b, -(1 - sigmoid) / 3, rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prior": "cauchy"}, "prior"),
        ({"critic_steps": 0}, "critic_steps"),
        ({"latent_dim": 0}, "latent_dim to be an integer of at least 1, got 0"),
        ({"generator": mlp(100, 2)}, "makes images of shape"),
        ({"latent_dim": 5, "generator": small_generator()}, "takes latents"),
        ({"discriminator": mlp(2, 1)}, "takes images"),
        ({"prior": ["normal"]}, r"prior in .*, got \['normal'\]"),
        ({"ema": 1.0}, "ema"),
        ({"ema": "a"}, r"ema in \[0, 1\), .* got 'a'"),
        ({"seed": 0.5}, "seed"),
    ],
)
def test_wrong_arguments_say_what_was_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        gan_zoo.GAN(**arguments)


def test_a_discriminator_gives_one_score_per_image():
    scores = {"generator": mlp(3, 2), "discriminator": mlp(2, 2)}
    with pytest.raises(ValueError, match=r"one score per image, .* \('n', 2\)\."):
        gan_zoo.GAN((2,), 3, **scores)
    image = keras.Input((8, 8, 1))
    patches = keras.Model(image, keras.layers.Conv2D(1, 4, 4)(image))
    with pytest.raises(ValueError, match=r"\('n', 2, 2, 1\)\. End it in .*Dense\(1\)"):
        gan_zoo.DCGAN((8, 8, 1), discriminator=patches)
    whole = keras.Model(image, keras.layers.Conv2D(1, 8)(image))
    assert gan_zoo.DCGAN((8, 8, 1), discriminator=whole).discriminator is whole


def test_a_sigmoid_at_the_end_of_the_discriminator_is_refused():
    image = keras.Input((28, 28, 1))
    x = keras.layers.Dense(1, "sigmoid")(keras.layers.Flatten()(image))
    inner = keras.Model(image, x)
    for discriminator in (inner, keras.Sequential([image, inner])):
        with pytest.raises(ValueError, match="ends in a sigmoid"):
            gan_zoo.GAN(discriminator=discriminator)


OTHER_UPDATES = {
    "GAN": of_images,
    "CGAN": test_cgan.tiny,
    "ACGAN": test_acgan.tiny,
    "InfoGAN": test_infogan.tiny,
    "SemiSupervisedGAN": test_semi_supervised.of_images,
}


def without_batch_norm(model):
    """The model with a discriminator of the same heads that a penalty may take."""
    d = model.discriminator
    if not any(isinstance(x, keras.layers.BatchNormalization) for x in d.layers):
        return model
    x = keras.layers.Dense(8, "relu")(keras.layers.Flatten()(d.inputs[0]))
    heads = [keras.layers.Dense(output.shape[-1])(x) for output in d.outputs]
    network = keras.saving.serialize_keras_object(keras.Model(d.inputs, heads))
    return type(model).from_config(model.get_config() | {"discriminator": network})


@pytest.mark.parametrize("build", OTHER_UPDATES.values(), ids=OTHER_UPDATES)
def test_the_penalty_is_added_and_logged_whatever_d_tells_besides(build):
    plain = without_batch_norm(build())
    data = data_for(plain, steps=1).take(1)

    class Penalised(type(plain)):
        tracked = (*plain.tracked, "penalty")

        def penalty(self, score, real, fake):
            assert real.shape == fake.shape
            with self.draws("penalty"):  # so that the others are what they were
                assert score(real).shape == (4, 1)
                return 100.0 + tf.reduce_mean(score(fake))

    def after_a_step(system):
        gan = system.from_config(plain.get_config() | {"critic_steps": 1})
        gan.set_weights(plain.get_weights())
        sgd = {f"{p}_optimizer": keras.optimizers.SGD(0.1) for p in "dg"}
        gan.compile(**sgd, run_eagerly=True)
        history = gan.fit(data, verbose=0).history
        logs = {name: values[0] for name, values in history.items()}
        return logs, [v.numpy() for v in gan.variables_of("d")]

    (logs, weights), (other_logs, other_weights) = map(
        after_a_step, (type(plain), Penalised)
    )
    penalty = other_logs["penalty"]
    assert penalty > 50.0
    assert other_logs["d_loss"] == pytest.approx(logs["d_loss"] + penalty, rel=1e-6)
    both = zip(weights, other_weights, strict=True)
    assert any((a != b).any() for a, b in both)


def test_a_discriminator_of_several_outputs_is_refused_at_once():
    point = keras.Input((2,))
    outputs = [keras.layers.Dense(1)(point), keras.layers.Dense(3)(point)]
    discriminator = keras.Model(point, outputs)
    with pytest.raises(ValueError, match="one output, logits, got 2"):
        gan_zoo.GAN((2,), 3, generator=mlp(3, 2), discriminator=discriminator)


def test_each_critic_update_sees_a_fresh_batch_and_each_image_is_seen_once():
    seen = []

    class Watching(gan_zoo.GAN):
        def update_discriminator(self, real):
            seen.append(real.numpy()[:, 0])
            super().update_discriminator(real)

    gan = Watching(
        (2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4), critic_steps=3
    )
    gan.compile(run_eagerly=True)
    numbers = np.repeat(np.arange(24, dtype="float32")[:, None], 2, 1)
    short = tf.data.Dataset.from_tensor_slices(numbers[:23]).batch(4)
    gan.fit(short, verbose=0)
    # The sixth batch is short: one step of three.
    np.testing.assert_array_equal(np.stack(seen), np.arange(12).reshape(3, 4))
    seen.clear()
    whole = tf.data.Dataset.from_tensor_slices(numbers).batch(4, drop_remainder=True)
    gan.fit(whole, verbose=0)
    np.testing.assert_array_equal(np.stack(seen), np.arange(24).reshape(6, 4))
    assert int(gan.steps.value) == 3


def test_generate_is_repeatable_and_in_range():
    gan = gan_zoo.GAN((4, 4, 1), 5)
    images = gan.generate(7, seed=2)
    assert images.shape == (7, 4, 4, 1)
    assert images.dtype == np.float32
    assert np.abs(images).max() <= 1
    np.testing.assert_array_equal(images, gan.generate(7, seed=2))
    np.testing.assert_allclose(images, gan.generate(7, 2, batch_size=3), atol=1e-6)
    assert not np.isclose(images, gan.generate(7, seed=3)).all()
    assert gan.generate(0).shape == (0, 4, 4, 1)
    for arguments in ({"n": -1}, {"n": 2.5}, {"n": 1, "batch_size": 0}):
        with pytest.raises(ValueError, match="an integer of at least"):
            gan.generate(**arguments)
    with pytest.raises(TypeError, match="truncation"):
        gan.generate(1, truncation=0.5)
