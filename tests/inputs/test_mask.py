import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.inputs import Mask


def test_masks_with_and_without_channels():
    mask = np.zeros((4, 6), "uint8")
    mask[1:3, 2:] = 1
    for given in (mask, mask[..., None], np.stack([mask] * 3), mask > 0):
        rows = Mask((4, 6)).given("mask", given, 3)
        np.testing.assert_array_equal(rows, np.stack([mask[..., None]] * 3))
        assert rows.dtype == np.float32


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (np.zeros((4, 5)), ValueError, r"mask of shape \(4, 6, 1\)"),
        (np.full((4, 6), 255), ValueError, "0 .known. or 1 .to fill in., got 255"),
        (np.full((4, 6), "x"), TypeError, "0 and 1"),
    ],
)
def test_others_are_refused(mask, error, message):
    with pytest.raises(error, match=message):
        Mask((4, 6)).given("mask", mask, 3)
    if error is ValueError and mask.shape == (4, 6):
        with pytest.raises(tf.errors.InvalidArgumentError, match="x / 255"):
            Mask((4, 6)).checked("mask", tf.constant(mask[None, ..., None]))


def test_drawn_masks_are_rectangles_between_a_quarter_and_half_of_a_side():
    with backend.draws((1, 0)):
        masks = Mask((16, 24)).draw(300).numpy()
    assert masks.shape == (300, 16, 24, 1)
    for mask in masks[..., 0]:
        rows, columns = mask.any(axis=1), mask.any(axis=0)
        np.testing.assert_array_equal(mask, np.outer(rows, columns))
        for side, length in ((rows, 16), (columns, 24)):
            (inside,) = np.nonzero(side)
            assert len(inside) == inside[-1] - inside[0] + 1  # without a gap
            assert length / 4 - 1 <= len(inside) <= length / 2 + 1
    for axes in ((0, 2, 3), (0, 1, 3)):  # every row and column is in some
        assert masks.max(axis=axes).min() == 1
