import numpy as np
import pytest

from gan_zoo.metrics import diversity, ms_ssim, pairwise_distances


def distance(x, y):
    """Difference of the first pixels: images are as good as numbers."""
    assert x.shape == y.shape
    return np.abs(x - y)[:, 0, 0, 0]


def images_of(*values):
    return np.array(values, "float32")[:, None, None, None] * np.ones((1, 2, 2, 1))


def test_all_pairs_by_hand():
    """0, 1 and 4 are 1, 4 and 3 apart."""
    for batch_size in (1, 2, 50):
        values = pairwise_distances(images_of(0, 1, 4), distance, batch_size=batch_size)
        assert values.tolist() == [1, 4, 3]


def test_random_pairs_are_different_and_reproducible():
    images = images_of(*2.0 ** np.arange(5))  # all ten distances differ
    every = pairwise_distances(images, distance)
    some = pairwise_distances(images, distance, pairs=6, seed=1)
    assert len(set(some)) == 6
    assert set(some) < set(every)
    np.testing.assert_array_equal(
        some, pairwise_distances(images, distance, 6, 1, batch_size=4)
    )
    assert set(some) != set(pairwise_distances(images, distance, 6, 2))
    # Every pair is as likely as any other: the mean over seeds is that of all.
    means = [pairwise_distances(images, distance, 3, s).mean() for s in range(300)]
    assert np.mean(means) == pytest.approx(every.mean(), rel=0.05)


def test_conditions_are_compared_within_themselves(capsys):
    """Two inputs far apart; outputs of one are `spread` apart."""

    def draw(condition, samples, seed):
        assert seed == 7 + condition["number"]
        return images_of(*(condition["at"] + condition["spread"] * np.arange(samples)))

    conditions = [
        {"number": 0, "at": 0.0, "spread": 0.0},
        {"number": 1, "at": 900.0, "spread": 1.0},
    ]
    result = diversity(draw, conditions, distance, samples=3, seed=7)
    # Collapsed: 0. Numbers 0, 1, 2: (1 + 2 + 1) / 3.
    assert result.per_condition == [0.0, pytest.approx(4 / 3)]
    assert result.mean == pytest.approx(2 / 3)
    assert result.protocol == (
        "diversity: mean distance over 3 pairs of 3 samples of each of 2 conditions, "
        "seed 7"
    )
    assert "2/2" in capsys.readouterr().out


def test_noise_is_more_diverse_than_one_image():
    """The distance may be any function; here 1 − MS-SSIM."""

    def apart(x, y):
        return 1 - ms_ssim(x, y)

    def draw(noisy, samples, seed):
        rng = np.random.default_rng(seed)
        image = rng.uniform(-1, 1, (176, 176, 1))
        noise = rng.uniform(-1, 1, (samples, 176, 176, 1))
        return (noise if noisy else image + 0 * noise).astype("float32")

    result = diversity(draw, [False, True], apart, samples=2, verbose=0)
    assert result.per_condition[0] == pytest.approx(0, abs=1e-6)
    assert result.per_condition[1] > 0.5


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"at most the 0 that 1 image\(s\) make"):
        pairwise_distances(images_of(1), distance)
    with pytest.raises(ValueError, match=r"at most the 3 that 3 image.*pairs=4"):
        pairwise_distances(images_of(0, 1, 2), distance, pairs=4)
    with pytest.raises(ValueError, match=r"\(3,\), got shape \(3, 2\)"):
        pairwise_distances(images_of(0, 1, 2), lambda x, y: np.zeros((3, 2)))
    with pytest.raises(ValueError, match="at least one condition"):
        diversity(None, [], distance)
