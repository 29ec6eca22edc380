import numpy as np
from testing import golden

from gan_zoo.augment import wavelets


def test_filters_equal_the_authors():
    with np.load(golden("ada_augment_extract.npz")) as archive:
        low_pass, bands = archive["out/Hz_geom"], archive["out/Hz_fbank"]
    np.testing.assert_allclose(wavelets.LOW_PASS, low_pass, atol=1e-7)
    np.testing.assert_allclose(wavelets.band_filters(), bands, atol=1e-7)


def test_enlarging_and_reducing_is_nearly_the_identity():
    side, margin = 10, 2 * (10 - 1) - 6
    large = wavelets.enlarging(side)
    assert large.shape == (6 * side - 4, side)
    inner = large[margin : margin + 2 * (side + 6)]
    np.testing.assert_allclose(wavelets.reducing(side) @ inner, np.eye(side), atol=1e-5)
    np.testing.assert_allclose(large.sum(1)[12:-12], 1, atol=1e-5)


def test_the_bands_add_up_to_the_identity():
    total = wavelets.band_filters().sum(0)
    wanted = np.eye(43)[21]
    np.testing.assert_allclose(total, wanted, atol=1e-6)


def test_reflection_does_not_repeat_the_border():
    rows = wavelets.reflection(3, 2) @ np.array([1, 2, 3])
    np.testing.assert_array_equal(rows, [3, 2, 1, 2, 3, 2, 1])
