import numpy as np
import pytest
from features.feature_doubles import Flat, as_images

from gan_zoo.metrics import (
    ClassifierTest,
    KernelTest,
    classifier_test,
    neighbour_accuracies,
)
from gan_zoo.objectives import kernels


def normal(draw, n, d=3, shift=0.0):
    return draw.normal(shift, size=(n, d)).astype("float32")


def pair(seed, n, shift=0.0):
    draw = np.random.default_rng(seed)
    return normal(draw, n), normal(draw, n, shift=shift)


def test_sets_that_lie_apart_by_hand():
    real, fake = pair(0, 20, shift=100.0)
    # All 10 held-out pairs right: 2⁻¹⁰ by chance.
    assert classifier_test(real, fake) == (1, pytest.approx(2**-10))
    assert neighbour_accuracies(real, fake) == (1, 1)


def test_neighbours_by_hand():
    """On a line: 0 and 1 are each other's, of two sides; the rest of their own."""
    real, fake = [[0.0], [2.9], [3.0]], [[1.0], [7.0], [8.0]]
    assert neighbour_accuracies(real, fake) == (2 / 3, 2 / 3)


def test_copies_and_collapse():
    real, _ = pair(0, 50)
    assert neighbour_accuracies(real, real) == (0, 0)
    collapsed = 1e-3 * normal(np.random.default_rng(1), 50)
    assert neighbour_accuracies(real, collapsed)[1] == 1
    assert classifier_test(real, collapsed)[1] < 0.05


def test_false_alarms_are_as_rare_as_stated():
    """Under the null P(p <= a) <= a; 600 tests, three standard errors."""
    p = np.array(
        [classifier_test(*pair(seed, 60), seed=seed)[1] for seed in range(600)]
    )
    for level in (0.05, 0.2, 0.5):
        allowed = level + 3 * np.sqrt(level * (1 - level) / 600)
        assert np.mean(p <= level) <= allowed
    # And not by never alarming: p is near uniform, up to the steps of a binomial.
    assert np.mean(p <= 0.5) > 0.3
    assert np.mean(p <= 0.2) > 0.08


def test_accuracies_are_a_half_under_the_null():
    values = [
        (classifier_test(*sides)[0], *neighbour_accuracies(*sides))
        for sides in (pair(seed, 100) for seed in range(60))
    ]
    np.testing.assert_allclose(np.mean(values, axis=0), 0.5, atol=0.03)


def test_power_grows_with_the_difference():
    accuracies, p_values = zip(
        *(classifier_test(*pair(0, 400, shift)) for shift in (0.0, 0.5, 1.0, 2.0)),
        strict=True,
    )
    assert list(accuracies) == sorted(accuracies)
    # The best accuracy is Φ(√3 shift / 2): 0.67, 0.81, 0.96.
    assert accuracies[2] == pytest.approx(0.81, abs=0.05)
    assert p_values[0] > 0.05
    assert max(p_values[1:]) < 1e-3


def test_unequal_sizes_take_as_many_of_each():
    draw = np.random.default_rng(0)
    real, fake = normal(draw, 300), normal(draw, 40)
    accuracy, p_value = classifier_test(real, fake)
    assert accuracy < 0.8  # "real" always would be right in 0.88 of all
    assert p_value > 0.01
    assert max(neighbour_accuracies(real, fake)) < 0.8


def test_one_repeated_image_is_told_apart():
    real = normal(np.random.default_rng(0), 60)
    same = np.zeros_like(real)
    assert classifier_test(real, same)[1] < 0.05
    assert neighbour_accuracies(real, same)[1] == 1


def test_wrong_input_is_named():
    x = np.zeros((3, 2), "float32")
    with pytest.raises(ValueError, match=r"at least 4 images .* got 3"):
        classifier_test(x, x)
    with pytest.raises(ValueError, match=r"\(3, 2\) and \(3, 1\)"):
        neighbour_accuracies(x, x[:, :1])
    nan = np.full((9, 2), np.nan)
    assert np.isnan([*classifier_test(nan, nan), *neighbour_accuracies(nan, nan)]).all()
    metric = KernelTest(Flat(2))
    metric.update_state(as_images(x[:1]), as_images(x))
    with pytest.raises(ValueError, match=r"at least 2 images .* got 1 and 3"):
        metric.result()


def measured(metric, real, fake, batch=16):
    for i in range(0, len(real), batch):
        metric.update_state(
            as_images(real[i : i + batch]), as_images(fake[i : i + batch])
        )
    return metric.result()


def test_kernel_test_is_the_kernels():
    real, fake = pair(0, 60, shift=1.0)
    result = measured(KernelTest(Flat(3), permutations=200), real, fake)
    mmd2, p_value = kernels.two_sample_test(fake, real, permutations=200)
    assert result["mmd2_flat"] == pytest.approx(mmd2, rel=1e-9)
    assert result["mmd_p_flat"] == pytest.approx(p_value, abs=0.02)
    assert p_value < 0.01
    same = measured(KernelTest(Flat(3), permutations=200), *pair(1, 60))
    assert same["mmd_p_flat"] > 0.05
    assert np.isnan(
        list(measured(KernelTest(Flat(3)), real, fake * np.nan).values())
    ).all()


def test_the_metrics_do_not_depend_on_order_or_batches():
    real, fake = pair(0, 60, shift=0.5)
    order = np.random.default_rng(1).permutation(60)
    for make in (KernelTest, ClassifierTest):
        first = measured(make(Flat(3)), real, fake)
        again = measured(make(Flat(3)), real[order], fake[order[::-1]], batch=7)
        assert first == pytest.approx(again, rel=1e-9)


def test_names_protocols_and_configs():
    metric = ClassifierTest(Flat(3))
    result = measured(metric, *pair(0, 20))
    assert tuple(result) == metric.result_names
    assert metric.result_names[:2] == ("classifier_accuracy_flat", "classifier_p_flat")
    assert "20 real, 20 fake; equally many images of each side" in metric.protocol()
    for metric in (ClassifierTest(max_images=9), KernelTest(permutations=7, name="x")):
        config = metric.get_config()
        assert type(metric).from_config(config).get_config() == config
    assert metric.result_names == ("x_mmd2", "x_mmd_p")
    assert metric.protocol().endswith("median distance, 7 permutations")
