import keras
import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo.networks.gan import mlp, tutorial_discriminator, tutorial_generator


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


def test_regularizers_of_the_tutorial_pair_reach_the_loss():
    gan = gan_zoo.GAN(
        (28, 28, 1),
        generator=tutorial_generator(),
        discriminator=tutorial_discriminator(),
    )
    gan.compile()
    logs = gan.train_step(tf.zeros((4, 28, 28, 1)))
    squares = sum(float(loss) for loss in gan.discriminator.losses)
    assert squares > 0
    assert np.isfinite(float(logs["d_loss"]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prior": "cauchy"}, "prior"),
        ({"critic_steps": 0}, "critic_steps"),
        ({"generator": mlp(9, 2)}, "makes images of shape"),
        ({"latent_dim": 5, "generator": tutorial_generator()}, "takes latents"),
        ({"discriminator": mlp(2, 1)}, "takes images"),
        ({"ema": 1.0}, "ema"),
        ({"seed": 0.5}, "seed"),
    ],
)
def test_wrong_arguments_say_what_was_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        gan_zoo.GAN(**arguments)


def test_a_sigmoid_at_the_end_of_the_discriminator_is_refused():
    image = keras.Input((28, 28, 1))
    x = keras.layers.Dense(1, "sigmoid")(keras.layers.Flatten()(image))
    with pytest.raises(ValueError, match="logits"):
        gan_zoo.GAN(discriminator=keras.Model(image, x))
