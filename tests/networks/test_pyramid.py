import pytest

from gan_zoo.networks.pyramid import check_sides, even_sizes, image_sizes


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((28, 28), [(4, 4), (7, 7), (14, 14), (28, 28)]),
        ((64, 64), [(4, 4), (8, 8), (16, 16), (32, 32), (64, 64)]),
        ((7, 9), [(4, 5), (7, 9)]),
        ((48, 80), [(6, 10), (12, 20), (24, 40), (48, 80)]),  # 3 would be too small
    ],
)
def test_halves_rounding_up_down_to_about_four(size, sizes):
    assert image_sizes((*size, 1)) == sizes


def test_another_smallest_size():
    assert image_sizes((16, 16, 3), smallest=8) == [(8, 8), (16, 16)]
    with pytest.raises(ValueError, match="at least 15 pixels"):
        image_sizes((14, 30, 3), smallest=8)


def test_too_small_for_one_halving():
    with pytest.raises(ValueError, match=r"at least 7 pixels a side, got \(6, 60\)"):
        image_sizes((6, 60, 1))


def test_vectors_and_images_without_channels_are_refused_with_the_fix():
    check_sides((28, 28, 1))
    for check in (check_sides, image_sizes, even_sizes):
        with pytest.raises(ValueError, match=r"width, channels\).*got \(784,\).*mlp"):
            check((784,))
        with pytest.raises(ValueError, match=r"got \(28, 32\).*\(28, 32, 1\)\.$"):
            check([28, 32])
