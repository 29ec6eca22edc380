import re

import numpy as np
import pytest

import gan_zoo
from gan_zoo.checks import (
    as_tuple,
    check_bandwidths,
    check_choice,
    check_count,
    check_decay,
    check_seed,
    check_weight,
)


def test_counts_are_integers_from_a_least_one():
    check_count("n", 0, 0)
    check_count("n", np.int64(3))
    for value in (0, 2.5, "3", None, True):
        with pytest.raises(ValueError, match="n to be an integer of at least 1, got"):
            check_count("n", value)


def test_seeds_are_integers_of_64_bits():
    for seed in (0, -1, np.int32(3), 2**63 - 1, -(2**63)):
        check_seed(seed)
    for seed in ("a", None, 0.5, 2**63, 2**80, True):
        with pytest.raises(ValueError, match="seed to be an integer of at most 64"):
            check_seed(seed)


def test_weights_are_numbers_from_zero():
    check_weight("w", 0)
    check_weight("w", np.float32(0.5))
    for value in (-0.5, float("nan"), float("inf"), None, "10", (0.5, 1), 1j):
        message = f"w to be a finite number of at least 0, got {value!r}."
        with pytest.raises(ValueError, match=re.escape(message)):
            check_weight("w", value)


def test_decays_are_numbers_below_one():
    check_decay("ema", 0)
    check_decay("ema", 0.999)
    for value in (1, -0.1, "a", float("nan"), [0.9]):
        with pytest.raises(ValueError, match=r"^Expected ema in \[0, 1\), .* got "):
            check_decay("ema", value)


def test_bandwidths_become_floats_that_a_configuration_keeps():
    assert check_bandwidths(np.array([1, 2], "float32")) == (1.0, 2.0)
    assert {type(width) for width in check_bandwidths(np.float32([1, 2]))} == {float}
    for bandwidths in ((), np.zeros(0), (1.0, -1.0), (float("nan"),), 2.0, "12"):
        with pytest.raises(ValueError, match=r"bandwidths above 0, several .* got"):
            check_bandwidths(bandwidths)


def test_what_is_no_sequence_has_no_values():
    assert [as_tuple(v) for v in ([1, 2], 3, None)] == [(1, 2), (), ()]


def test_arguments_that_a_model_does_not_have_are_named():
    with pytest.raises(
        TypeError, match=r"^DCGAN has no argument latent=\. .* latent_dim"
    ):
        gan_zoo.DCGAN((28, 28, 1), latent=8)
    with pytest.raises(
        TypeError, match=r"^CycleGAN has .* Did you mean cycle_weight=\?"
    ):
        gan_zoo.CycleGAN((32, 32, 3), cycle_wight=1.0)

    class Own(gan_zoo.GAN):
        def __init__(self, *args, **options):
            self.chosen = options.pop("my_option")
            super().__init__(*args, **options)

    assert Own((2,), my_option=3).chosen == 3


def test_choices_are_named_where_a_value_is_none_of_them():
    check_choice("name", "a", {"a": 1, "b": 2})
    for wrong in ("c", ["a"], None):
        with pytest.raises(ValueError, match=r"name to be one of \('a', 'b'\), got"):
            check_choice("name", wrong, {"a": 1, "b": 2})
