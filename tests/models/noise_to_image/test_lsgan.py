import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both, small_networks

import gan_zoo
from gan_zoo.networks.gan import mlp


def of_images():
    return gan_zoo.LSGAN(SHAPE, 5, targets=(-1, 1, 0), **small_networks())


SYSTEMS = {
    "LSGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "uniform",
            "ema": None,
            "targets": (0, 1, 1),
        },
        optimizers=both(adam(2e-4, 0.5)),
    ),
}


def tiny(**kwargs):
    return gan_zoo.LSGAN(
        (2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8), **kwargs
    )


def test_losses_by_hand():
    real, fake = tf.constant([[1.0], [3.0]]), tf.constant([[0.0], [-2.0]])
    gan = tiny()  # targets (0, 1, 1)
    assert float(gan.discriminator_loss(real, fake)) == 0.25 * (4 + 4)
    assert float(gan.generator_loss(fake)) == 0.25 * (1 + 9)
    pearson = tiny(targets=(-1, 1, 0))
    assert float(pearson.discriminator_loss(real, fake)) == 0.25 * (4 + 1 + 1)
    assert float(pearson.generator_loss(fake)) == 0.25 * 4


def test_far_away_fakes_on_the_right_side_are_still_moved():
    """Figure 1 of the paper: there the cross entropy has no gradient left."""
    score = tf.constant([[20.0]])
    slopes = []
    for gan in (
        tiny(),
        gan_zoo.GAN((2,), 3, generator=mlp(3, 2), discriminator=mlp(2, 1)),
    ):
        with tf.GradientTape() as tape:
            tape.watch(score)
            loss = gan.generator_loss(score)
        slopes.append(float(tape.gradient(loss, score)[0, 0]))
    assert slopes[0] == 19.0
    assert abs(slopes[1]) < 1e-8


def test_targets_are_kept_and_checked():
    gan = tiny(targets=(-1, 1, 0))
    assert gan_zoo.LSGAN.from_config(gan.get_config()).targets == (-1, 1, 0)
    with pytest.raises(ValueError, match="three targets"):
        tiny(targets=(1, 1, 0))
    for targets in (1.0, ("a", "b", "c"), (0, 1, float("nan"))):
        with pytest.raises(ValueError, match=r"three targets .* numbers") as error:
            tiny(targets=targets)
        assert f"got {targets!r}." in str(error.value)
