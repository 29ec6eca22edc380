import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, both, pytorch_rmsprop, small_networks

import gan_zoo
from gan_zoo.networks.gan import mlp


def of_images():
    # The first generator update comes at the second step.
    return gan_zoo.WGAN(
        SHAPE,
        5,
        critic_steps=2,
        warmup_generator_steps=2,
        warmup_critic_steps=4,
        **small_networks(),
    )


SYSTEMS = {
    "WGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 5,
            "prior": "normal",
            "ema": None,
            "clip": 0.01,
            "warmup_generator_steps": 25,
            "warmup_critic_steps": 100,
        },
        optimizers=both(pytorch_rmsprop(5e-5)),
        rate={"d": 0.02, "g": 200.0},  # of clipped weights
    ),
}


def tiny(**kwargs):
    return gan_zoo.WGAN(
        (2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8), **kwargs
    )


def batches(count, rows=8):
    x = tf.random.stateless_normal((rows * count, 2), (0, 1))
    return tf.data.Dataset.from_tensor_slices(x).batch(rows, drop_remainder=True)


def test_the_critic_s_loss_is_the_difference_of_its_means():
    gan, real, fake = tiny(), np.array([[2.0], [4.0]]), np.array([[-1.0], [0.0]])
    assert float(gan.discriminator_loss(real, fake)) == -3.5
    loss, logs = gan.discriminator_objective([real], [fake])
    assert float(loss) == -3.5
    assert {name: float(value) for name, value in logs.items()} == {"wasserstein": 3.5}


def test_all_critic_weights_lie_within_the_clip_after_a_step():
    gan = tiny(clip=0.02, warmup_generator_steps=0)
    gan.compile(d_optimizer=keras.optimizers.SGD(10.0))
    gan.fit(batches(5), verbose=0)
    weights = np.concatenate([w.ravel() for w in gan.discriminator.get_weights()])
    assert np.abs(weights).max() == np.float32(0.02)


def test_in_the_warm_up_the_generator_moves_at_every_fourth_step_only():
    """8 critic updates for each of the first 2 generator updates, then 2."""
    gan = tiny(critic_steps=2, warmup_generator_steps=2, warmup_critic_steps=8)
    gan.compile()
    before, moves = gan.generator.get_weights(), []
    for _ in range(11):
        gan.fit(batches(2), verbose=0)
        after = gan.generator.get_weights()
        moves.append(any((a != b).any() for a, b in zip(before, after, strict=True)))
        before = after
    # Steps 0 to 7 are the warm-up.
    assert moves == [step in (3, 7) or step > 7 for step in range(11)]
    assert int(gan.g_optimizer.iterations.numpy()) == 2 + 3
    assert int(gan.d_optimizer.iterations.numpy()) == 22


def test_the_estimate_tracks_the_distance_of_two_points():
    """Two point masses θ apart: a linear critic gives 4 c² |θ| (JSD: log 2)."""
    estimates = []
    for theta in (0.5, 1.0, 2.0, -2.0):
        generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        generator.set_weights([np.zeros((1, 1)), np.array([theta])])
        generator.trainable = False
        keras.utils.set_random_seed(0)
        gan = gan_zoo.WGAN(
            (1,),
            1,
            generator=generator,
            discriminator=mlp(1, 1, 4, depth=1, activation="linear"),
            clip=0.1,
            critic_steps=1,
            warmup_critic_steps=1,
        )
        gan.compile(d_optimizer=keras.optimizers.RMSprop(2e-3))
        data = tf.data.Dataset.from_tensors(tf.zeros((16, 1))).repeat(300)
        gan.fit(data, verbose=0)
        logs = gan.fit(data.take(20), verbose=0).history
        estimates.append(logs["wasserstein"][0])
    np.testing.assert_allclose(estimates, 0.04 * np.array([0.5, 1, 2, 2]), rtol=1e-3)


def test_the_estimate_falls_as_samples_approach_the_data():
    """The paper's claim: the log tells how far the samples are, all along the way."""
    keras.utils.set_random_seed(1)
    gan = gan_zoo.WGAN(
        (1,),
        2,
        generator=mlp(2, 1, 16, activation="leaky_relu"),
        discriminator=mlp(1, 1, 32, activation="leaky_relu"),
        clip=0.2,
        warmup_generator_steps=0,
    )
    gan.compile(
        d_optimizer=keras.optimizers.RMSprop(5e-3),
        g_optimizer=keras.optimizers.RMSprop(5e-4),
    )
    data = 2.0 + 0.5 * tf.random.stateless_normal((64 * 5 * 30, 1), (0, 1))
    train = tf.data.Dataset.from_tensor_slices(data).batch(64, drop_remainder=True)
    wanted = np.sort(data[:1000].numpy(), axis=0)
    estimates, distances = [], []
    for _ in range(12):
        logs = gan.fit(train, verbose=0).history
        estimates.append(logs["wasserstein"][0])
        # Of points on a line, the distance is that of the sorted ones.
        made = np.sort(gan.generate(1000, batch_size=1000), axis=0)
        distances.append(np.abs(made - wanted).mean())
    assert distances[-1] < 0.2 * distances[0]
    assert estimates[-1] < 0.2 * estimates[0]
    assert np.corrcoef(estimates, distances)[0, 1] > 0.9


def test_arguments_are_kept_and_checked():
    gan = tiny(clip=0.05, warmup_generator_steps=3, warmup_critic_steps=10)
    copy = gan_zoo.WGAN.from_config(gan.get_config())
    clipping = copy.clipping
    assert (clipping.clip, clipping.warmup_generator_steps) == (0.05, 3)
    assert clipping.warmup_critic_steps == 10
    with pytest.raises(ValueError, match="multiple of critic_steps=5, got 12"):
        tiny(warmup_critic_steps=12)
    with pytest.raises(ValueError, match="clip above 0"):
        tiny(clip=0)
