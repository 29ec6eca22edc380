import keras
import numpy as np
import pytest

from gan_zoo.optimizers import ConstantThenLinear, Cosine


@pytest.mark.parametrize(
    ("step", "rate"),
    [(0, 2e-4), (100, 2e-4), (101, 1.96e-4), (125, 1e-4), (150, 0), (10**6, 0)],
)
def test_constant_then_linear(step, rate):
    schedule = ConstantThenLinear(2e-4, constant_steps=100, linear_steps=50)
    assert float(schedule(step)) == pytest.approx(rate, rel=1e-6, abs=1e-12)


def test_what_the_optimizer_uses():
    weight = keras.Variable([0.0])
    optimizer = keras.optimizers.SGD(ConstantThenLinear(1.0, 2, 4))
    moved = []
    for _ in range(8):
        before = float(weight[0])
        optimizer.apply([np.ones(1, "float32")], [weight])
        moved.append(before - float(weight[0]))
    np.testing.assert_allclose(moved, [1, 1, 1, 0.75, 0.5, 0.25, 0, 0], atol=1e-6)


def test_steps_beyond_float32_count():
    schedule = ConstantThenLinear(1.0, constant_steps=2**24, linear_steps=4)
    assert float(schedule(np.int64(2**24 + 1))) == 0.75


def test_serialised_with_its_optimizer():
    optimizer = keras.optimizers.Adam(ConstantThenLinear(2e-4, 10, 20))
    config = keras.saving.serialize_keras_object(optimizer)
    schedule = keras.saving.deserialize_keras_object(config)._learning_rate
    assert isinstance(schedule, ConstantThenLinear)
    assert schedule.get_config() == {
        "learning_rate": 2e-4,
        "constant_steps": 10,
        "linear_steps": 20,
    }


def test_refuses_empty_slopes():
    with pytest.raises(ValueError, match="linear_steps of at least 1, got 5 and 0"):
        ConstantThenLinear(2e-4, 5, 0)


@pytest.mark.parametrize(("initial", "final"), [(2e-4, 5e-5), (0.9, 0.99), (0.0, 1.0)])
def test_half_a_cosine_up_or_down(initial, final):
    schedule = Cosine(initial, final, steps=8)
    shares = [float(schedule(step)) for step in (0, 2, 4, 6, 8, 100)]
    passed = [0, 0.5 - 0.5**1.5, 0.5, 0.5 + 0.5**1.5, 1, 1]
    wanted = initial + (final - initial) * np.array(passed)
    np.testing.assert_allclose(shares, wanted, rtol=1e-6, atol=1e-7)


def test_a_cosine_takes_a_step():
    with pytest.raises(ValueError, match="Expected steps to be an integer of at least"):
        Cosine(1.0, 0.0, 0)
