import numpy as np
import pytest

from gan_zoo.data import toy

MIXTURES = [name for name in toy.NAMES if name != "swiss_roll"]


def _nearest(name, points):
    centres, _ = toy.modes(name)
    distances = np.linalg.norm(points[:, None] - centres, axis=-1)
    return distances.argmin(1), distances.min(1)


@pytest.mark.parametrize("name", toy.NAMES)
def test_a_sample_is_a_function_of_seed_and_number(name):
    whole = toy.sample(name, 40, seed=2).numpy()
    assert whole.dtype == np.float32
    assert whole.shape == (40, 1 if name.endswith("1d") else 2)
    np.testing.assert_array_equal(toy.sample(name, 13, seed=2, first=27), whole[27:])
    assert (toy.sample(name, 40, seed=3).numpy() != whole).any()


def test_the_centres():
    ring, deviation = toy.modes("ring")
    assert ring.shape == (8, 2)
    assert deviation == 0.02
    np.testing.assert_allclose(np.linalg.norm(ring, axis=1), 2)
    grid, deviation = toy.modes("grid")
    assert len(np.unique(grid, axis=0)) == 25
    assert deviation == 0.05
    assert set(grid.ravel()) == {-4, -2, 0, 2, 4}


@pytest.mark.parametrize("name", MIXTURES)
def test_mixtures_are_balanced_and_have_their_deviation(name):
    centres, deviation = toy.modes(name)
    points = toy.sample(name, 40_000).numpy()
    component, _ = _nearest(name, points)
    share = np.bincount(component, minlength=len(centres)) / len(points)
    np.testing.assert_allclose(share, 1 / len(centres), atol=0.01)
    offsets = points - centres[component]
    np.testing.assert_allclose(offsets.std(0), deviation, rtol=0.02)
    np.testing.assert_allclose(offsets.mean(0), 0, atol=deviation / 20)


def test_the_density_of_a_gaussian():
    expected = np.exp(-0.5 * 1.5**2) / (0.5 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(toy.density("gaussian1d", [[4.75]]), [expected])


@pytest.mark.parametrize("name", MIXTURES)
def test_densities_integrate_to_one_and_fit_the_samples(name):
    centres, deviation = toy.modes(name)
    axis = np.arange(-5.0, 7.0, deviation / 2)
    if centres.shape[1] == 1:
        integral = toy.density(name, axis[:, None]).sum() * (deviation / 2)
    else:  # the modes are far apart and alike, so one of them stands for all
        near = np.arange(-5, 5.001, 0.5) * deviation
        square = np.stack(np.meshgrid(near, near), -1).reshape(-1, 2) + centres[0]
        mass = toy.density(name, square).sum() * (deviation / 2) ** 2
        integral = mass * len(centres)
    assert integral == pytest.approx(1, abs=1e-4)

    # E[log p] = -log K - D/2 log(2πeσ²) for modes that do not overlap.
    dimension = centres.shape[1]
    entropy = np.log(len(centres))
    entropy += dimension / 2 * np.log(2 * np.pi * np.e * deviation**2)
    points = toy.sample(name, 20_000).numpy()
    assert -np.log(toy.density(name, points)).mean() == pytest.approx(entropy, abs=0.03)


def test_the_swiss_roll_follows_its_spiral():
    x, y = toy.sample("swiss_roll", 20_000).numpy().T * 7.5
    radius = np.hypot(x, y)
    assert 4 < radius.min() < 4.8
    assert 14 < radius.max() < 15.5
    # t is the radius up to blur, and tells the angle.
    angle = np.angle(np.exp(1j * (np.arctan2(y, x) - radius)))
    assert np.abs(angle).mean() < 0.25


def test_what_has_no_modes_says_so():
    with pytest.raises(ValueError, match="no closed-form density"):
        toy.density("swiss_roll", np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"points \[N, 2\] for 'ring', got \(3,\)"):
        toy.density("ring", np.zeros(3))
    with pytest.raises(ValueError, match="Expected one of ring, grid"):
        toy.sample("rang", 3)


def test_the_test_stream_has_all_samples_whatever_the_batches():
    whole, parts = (
        np.concatenate(list(toy.batches("ring", size)[1].as_numpy_iterator()))
        for size in (1000, 64)
    )
    assert len(parts) == toy.TEST
    np.testing.assert_array_equal(parts, whole)


def test_streams_are_fresh_each_epoch_resumable_and_apart_from_the_test_set():
    train, test = toy.batches("ring", 1000, seed=1)
    assert len(train) == 50
    assert len(test) == 10
    first = np.concatenate(list(train.as_numpy_iterator()))
    second = np.concatenate(list(train.as_numpy_iterator()))
    np.testing.assert_array_equal(first, toy.sample("ring", 50_000, seed=1))
    np.testing.assert_array_equal(second, toy.sample("ring", 50_000, 1, 50_000))
    endless, _ = toy.batches("ring", 1000, seed=1, start=49)
    late = np.concatenate(list(endless.take(2).as_numpy_iterator()))
    np.testing.assert_array_equal(late, np.concatenate([first[-1000:], second[:1000]]))
    tested = np.concatenate(list(test.as_numpy_iterator()))
    assert not np.isin(tested[:, 0], first[:, 0]).mean() > 0.05
