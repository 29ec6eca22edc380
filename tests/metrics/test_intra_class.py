import numpy as np
import pytest
from features.feature_doubles import Flat, as_images

from gan_zoo.metrics import frechet_distance, intra_class_frechet

MEANS = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])


def points(label, n, seed):
    noise = np.random.default_rng((seed, label)).normal(size=(n, 2))
    return (MEANS[label] + noise).astype("float32")


class Drawer:
    """Draws classes as Gaussians; `as_drawn` says which each class comes out as."""

    num_classes = 3

    def __init__(self, as_drawn=(0, 1, 2), spread=1.0):
        self.as_drawn = as_drawn
        self.spread = spread

    def generate(self, n, seed, labels):
        # Seeds differ by class, as the metric promises.
        x = points(self.as_drawn[labels], n, seed)
        return as_images(
            MEANS[self.as_drawn[labels]] * (1 - self.spread) + x * self.spread
        )


def data(n=200, batch=50, shuffled=0):
    labels = np.repeat(np.arange(3), n)
    x = np.concatenate([points(label, n, 99) for label in range(3)])
    order = np.random.default_rng(shuffled).permutation(3 * n)
    for i in range(0, 3 * n, batch):
        chosen = order[i : i + batch]
        yield as_images(x[chosen]), labels[chosen]


def judged(model, real=None, **settings):
    settings = {"per_class": 200, "verbose": 0} | settings
    return intra_class_frechet(model, real or data(), Flat(2), **settings)


def by_hand(a, b):
    def moments(x):
        return x.mean(axis=0, dtype="float64"), np.cov(x, rowvar=False)

    return frechet_distance(*moments(a), *moments(b))


def test_each_class_is_the_distance_of_its_own_images():
    result = judged(Drawer(), seed=7)
    assert list(result.per_class) == [0, 1, 2]
    for label, distance in result.per_class.items():
        expected = by_hand(points(label, 200, 99), points(label, 200, 7 + label))
        assert distance == pytest.approx(expected, rel=1e-5)
    assert result.mean == pytest.approx(np.mean(list(result.per_class.values())))
    assert "3 classes, 200 to 200 real and 200 fake images of each" in result.protocol
    assert "too large" not in result.protocol
    few = judged(Drawer(), per_class=2)
    assert "no more images than the 2 features" in few.protocol


def test_swapped_classes_show_although_all_images_together_are_the_same():
    """|μ₁ − μ₂|² = 50 between the two swapped classes."""
    right, swapped = judged(Drawer()), judged(Drawer((0, 2, 1)))
    assert right.mean < 0.1
    assert swapped.per_class[0] < 0.1
    assert swapped.per_class[1] == pytest.approx(50, rel=0.1)
    assert swapped.per_class[2] == pytest.approx(50, rel=0.1)


def test_one_image_for_each_class_shows():
    """Σ_fake = 0 leaves the trace of Σ_real, 2."""
    assert judged(Drawer(spread=0.0)).mean == pytest.approx(2, rel=0.15)


def test_batches_and_order_do_not_matter():
    first = judged(Drawer(), data(50, 50), per_class=50, batch_size=50)
    other = judged(Drawer(), data(50, 7, shuffled=1), per_class=50, batch_size=9)
    for label in range(3):
        assert first.per_class[label] == pytest.approx(other.per_class[label], rel=1e-9)


def test_some_classes_only(capsys):
    result = judged(Drawer(), data(50), classes=[2], verbose=1)
    assert list(result.per_class) == [2]
    assert "1/1" in capsys.readouterr().out


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"at least 2, got 1"):
        judged(Drawer(), per_class=1)
    with pytest.raises(ValueError, match=r"got \{0: 1, 1: 1, 2: 1\} by class"):
        judged(Drawer(), data(1))
