import numpy as np
import pytest

from gan_zoo import backend
from gan_zoo.models.noise_to_image.conditions import Codes, Labels


def test_drawn_labels_are_all_classes_equally():
    with backend.draws((3, 0)):
        labels = Labels(4).draw(8000).numpy()
    assert labels.dtype == np.int32
    shares = np.bincount(labels, minlength=4) / 8000
    np.testing.assert_allclose(shares, 0.25, atol=0.02)  # 4 standard deviations


def test_drawn_codes_are_uniform_on_both_sides_of_zero():
    with backend.draws((3, 0)):
        codes = Codes(2).draw(8000).numpy()
    assert codes.shape == (8000, 2)
    assert -1 <= codes.min() < -0.99
    assert 0.99 < codes.max() < 1
    np.testing.assert_allclose(codes.var(axis=0), 1 / 3, atol=0.02)


def test_one_label_stands_for_all():
    np.testing.assert_array_equal(Labels(3).given(2, 4), [2, 2, 2, 2])
    np.testing.assert_array_equal(Labels(3).given([0, 2], 2), [0, 2])
    np.testing.assert_array_equal(Labels(3).given(range(2), 2), [0, 1])


def test_one_row_of_codes_stands_for_all():
    np.testing.assert_array_equal(
        Codes(2).given([0.5, -2], 3), np.tile(np.float32([0.5, -2]), (3, 1))
    )


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (3, ValueError, "0 to 2, got 3"),
        (-1, ValueError, "0 to 2, got -1"),
        ([0, 1], ValueError, r"4 of them, got shape \(2,\)"),
        (1.0, TypeError, "integers, got float64"),
    ],
)
def test_wrong_labels_say_what_was_expected(labels, error, message):
    with pytest.raises(error, match=message):
        Labels(3).given(labels, 4)


def test_wrong_codes_say_what_was_expected():
    with pytest.raises(ValueError, match=r"\(2,\) or \(4, 2\), got \(3,\)"):
        Codes(2).given([1, 2, 3], 4)
    with pytest.raises(
        ValueError, match="number of codes to be an integer of at least 1, got 0"
    ):
        Codes(0)
    with pytest.raises(
        ValueError, match="num_classes to be an integer of at least 2, got 1"
    ):
        Labels(1)


def test_inputs_take_labels_as_a_number_each_and_codes_as_a_row():
    for shape in ((), (1,)):
        Labels(10).check_input("generator", shape)
    with pytest.raises(ValueError, match=r"critic that takes labels .* got .* \(10,\)"):
        Labels(10).check_input("critic", (10,))
    Codes(2).check_input("generator", (2,))
    with pytest.raises(ValueError, match=r"shape \(2,\), got .* \(\)\. .*Input\(\(2,"):
        Codes(2).check_input("generator", ())


def test_numpy_s_counts_become_plain_integers():
    """As latent_dim may be one; a configuration keeps plain ones only."""
    counts = Labels(np.int64(3)).num_classes, Codes(np.int32(2)).size
    assert counts == (3, 2)
    assert {type(count) for count in counts} == {int}
    for wrong in (np.float64(3), "3", np.int64(0)):
        with pytest.raises(ValueError, match="got"):
            Labels(wrong)
        with pytest.raises(ValueError, match="got"):
            Codes(wrong)
