import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo.objectives import losses

RELATIVISTIC = {
    "relativistic_paired": losses.relativistic_loss,
    "relativistic_average": losses.relativistic_average_loss,
    "relativistic_average_ls": lambda r, f: losses.relativistic_average_loss(
        r, f, losses.least_squares_margin_loss
    ),
    "relativistic_average_hinge": lambda r, f: losses.relativistic_average_loss(
        r, f, losses.hinge_margin_loss
    ),
}
DISCRIMINATOR = {
    "minimax": losses.minimax_discriminator_loss,
    "wasserstein": losses.wasserstein_critic_loss,
    "hinge": losses.hinge_discriminator_loss,
    "least_squares_half": lambda r, f: (
        losses.least_squares_loss(r, 1.0) + losses.least_squares_loss(f, 0.0)
    ),
} | RELATIVISTIC
GENERATOR = {
    "saturating": losses.minimax_generator_loss,
    "non_saturating": losses.non_saturating_generator_loss,
    "wasserstein": losses.wasserstein_generator_loss,
    "hinge": losses.wasserstein_generator_loss,
    "least_squares_half": lambda f: losses.least_squares_loss(f, 1.0),
}


CASES = pytest.mark.parametrize("case", ["plain", "extreme"])


def assert_equals_torch(case, recorded, loss_of, sides):
    """A loss and its gradient by the scores of each side, which it takes in order."""
    with np.load(golden("losses_torch.npz")) as file:
        scores = [tf.constant(file[f"{case}/in/{side}"]) for side in sides]
        key = f"{case}/out/{recorded}"
        wanted = [file[key], *(file[f"{key}/grad_{side}"] for side in sides)]
    with tf.GradientTape() as tape:
        tape.watch(scores)
        loss = loss_of(*scores)
    np.testing.assert_allclose(loss, wanted[0], rtol=1e-5)
    for gradient, theirs in zip(tape.gradient(loss, scores), wanted[1:], strict=True):
        np.testing.assert_allclose(gradient, theirs, rtol=1e-5, atol=1e-8)


@CASES
@pytest.mark.parametrize("name", DISCRIMINATOR)
def test_discriminator_losses_and_gradients_equal_torch(case, name):
    assert_equals_torch(case, f"D/{name}", DISCRIMINATOR[name], ("real", "fake"))


@CASES
@pytest.mark.parametrize("name", GENERATOR)
def test_generator_losses_and_gradients_equal_torch(case, name):
    assert_equals_torch(case, f"G/{name}", GENERATOR[name], ("fake",))


@CASES
@pytest.mark.parametrize("name", RELATIVISTIC)
def test_relativistic_generators_take_the_other_side(case, name):
    assert_equals_torch(case, f"G/{name}", RELATIVISTIC[name], ("fake", "real"))


def test_a_discriminator_that_cannot_tell_loses_two_log_two():
    scores = tf.zeros((3, 1))
    loss = losses.minimax_discriminator_loss(scores, scores)
    np.testing.assert_allclose(loss, 2 * np.log(2), rtol=1e-6)


def test_losses_by_hand():
    real, fake = tf.constant([[2.0], [4.0]]), tf.constant([[1.0], [-1.0]])
    assert float(losses.wasserstein_critic_loss(real, fake)) == -3.0
    assert float(losses.wasserstein_generator_loss(fake)) == 0.0
    assert float(losses.least_squares_loss(fake, 1.0)) == 1.0
    np.testing.assert_allclose(
        losses.non_saturating_generator_loss(fake),
        np.mean(-np.log(1 / (1 + np.exp([-1.0, 1.0])))),
        rtol=1e-6,
    )


def test_the_attributes_loss_is_the_sum_of_their_cross_entropies():
    logits = tf.constant([[2.0, -1.0], [0.0, 3.0]])
    attributes = tf.constant([[1.0, 1.0], [0.0, 0.0]])
    p = 1 / (1 + np.exp([-2.0, 1.0, 0.0, -3.0]))
    wanted = -np.log([p[0], p[1], 1 - p[2], 1 - p[3]]).sum() / 2
    loss = losses.attributes_loss(attributes, logits)
    np.testing.assert_allclose(loss, wanted, rtol=1e-6)


def test_the_class_loss_is_the_cross_entropy_of_the_softmax():
    logits = tf.constant([[0.0, np.log(3.0)], [0.0, 0.0]])  # p = 1/4, 3/4; 1/2, 1/2
    loss = losses.class_loss(tf.constant([1, 0]), logits)
    np.testing.assert_allclose(loss, -np.log([3 / 4, 1 / 2]).mean(), rtol=1e-6)
