import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.inputs import Attributes

KIND = Attributes(["smiling", "glasses", "hat"])


@pytest.mark.parametrize(
    ("given", "row"),
    [
        ([0, 1, 1], [0, 1, 1]),
        ([False, True, True], [0, 1, 1]),
        ("hat", [0, 0, 1]),
        (["hat", "smiling"], [1, 0, 1]),
        ({"glasses": 1, "hat": 0}, [0, 1, 0]),
        ({}, [0, 0, 0]),
        ([], [0, 0, 0]),
    ],
)
def test_names_and_numbers(given, row):
    np.testing.assert_array_equal(KIND.given("attributes", given, 2), [row, row])


def test_a_row_per_image():
    rows = np.array([[1, 0, 0], [0, 0, 1]])
    given = KIND.given("attributes", rows, 2)
    np.testing.assert_array_equal(given, rows)
    assert given.dtype == np.float32


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("beard", ValueError, "out of smiling, glasses, hat, got beard"),
        ({"beard": 1}, ValueError, "got beard"),
        ([0, 1], ValueError, r"attributes of shape \(3,\)"),
        ([0, 2, 1], ValueError, "to be 0 or 1, 3 per image, got 2"),
        ([-1, 1, 1], ValueError, "got -1"),
        ([0.5, 1, 1], ValueError, "got 0.5"),
        ([None, 1, 1], TypeError, "to be 0 and 1"),
    ],
)
def test_others_are_refused(given, error, message):
    with pytest.raises(error, match=message):
        KIND.given("attributes", given, 2)


def test_data_in_minus_one_and_one_get_the_fix():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\(x \+ 1\) / 2.*-1"):
        KIND.checked("attributes", tf.constant([[1, -1, 1]]))
    with pytest.raises(ValueError, match=r"\(n, 3\) for StarGAN, got \(n, 4\)"):
        KIND.check_spec("StarGAN", "attributes", tf.zeros((2, 4)))


def test_draws_are_fair_coins():
    with backend.draws((1, 0)):
        drawn = KIND.draw(4000).numpy()
    assert set(np.unique(drawn)) == {0.0, 1.0}
    np.testing.assert_allclose(drawn.mean(axis=0), 0.5, atol=0.04)  # 5 deviations


@pytest.mark.parametrize("names", [(), "hat", ["hat", "hat"], 3])
def test_names_there_must_be(names):
    with pytest.raises(ValueError, match="list of names of attributes, each one once"):
        Attributes(names)


def test_nothing_is_no_attributes():
    assert KIND.as_array("attributes", []).sum() == 0
    with pytest.raises(ValueError, match=r"got None\. Pass \[\] for no attributes"):
        KIND.as_array("attributes", None)
