import keras
import numpy as np
import pytest

import gan_zoo
from gan_zoo.theory.players import gradient_of_shift, scores, shifted_noise


def test_shifted_noise_by_hand():
    z = np.array([[-1.0], [0.0], [2.0]], "float32")
    made = shifted_noise(3.0, 0.5)(z)
    np.testing.assert_allclose(made, [[2.5], [3.0], [4.0]])
    np.testing.assert_allclose(shifted_noise(3.0, 0.0)(z), [[3.0]] * 3)
    assert not shifted_noise(3.0).trainable_variables
    assert len(shifted_noise(3.0, trainable=True).trainable_variables) == 2


@pytest.mark.parametrize("slope", [2.0, -0.5])
def test_a_linear_critic_hands_its_slope_to_the_generator(slope):
    """L_G = −E f(G(z)) with f(x) = slope · x falls by the slope per unit of shift."""
    x = keras.Input((1,))
    critic = keras.Model(x, keras.layers.Dense(1)(x))
    critic.set_weights([np.array([[slope]]), np.array([1.0])])
    gan = gan_zoo.WGANGP((1,), 1, generator=shifted_noise(0.0), discriminator=critic)
    fake = np.linspace(-1, 3, 7, dtype="float32")[:, None]
    np.testing.assert_allclose(scores(gan, fake), slope * fake + 1, rtol=1e-6)
    assert gradient_of_shift(gan, fake) == pytest.approx(-slope)
