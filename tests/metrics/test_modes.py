import keras
import numpy as np
import pytest
import scipy.stats

import gan_zoo
from gan_zoo import data
from gan_zoo.metrics import (
    ModeCoverage,
    StackedModes,
    covered_modes,
    kl_to_uniform,
    mode_counts,
    mode_coverage,
    stacked_digits,
)

CENTRES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
# Two at the first mode, one 2.9 and one 3.1 deviations from the second.
POINTS = np.array([[0.0, 0.1], [0.2, 0.0], [12.9, 0.0], [10.0, 3.1]], "float32")


def test_by_hand():
    assert mode_counts(POINTS, CENTRES, 1.0).tolist() == [2, 1, 0]
    assert mode_coverage(POINTS, CENTRES, 1.0) == (2, 0.75)
    assert mode_coverage(POINTS, CENTRES, 1.0, within=4.0) == (2, 1.0)
    # The fair share of 4 samples among 3 modes is 4/3.
    assert covered_modes([2, 1, 0], 4, share=0.7) == 2
    assert covered_modes([2, 1, 0], 4, share=0.8) == 1
    # p = (2/3, 1/3, 0): Σ p log 3p
    expected = 2 / 3 * np.log(2) + 1 / 3 * np.log(1)
    assert kl_to_uniform([2, 1, 0]) == pytest.approx(expected, rel=1e-12)


def test_divergence_of_one_mode_of_all_modes_and_of_none():
    assert kl_to_uniform([0, 7, 0, 0]) == pytest.approx(np.log(4))
    assert kl_to_uniform([3, 3, 3, 3]) == pytest.approx(0, abs=1e-15)
    assert np.isnan(kl_to_uniform([0, 0]))


def test_divergence_of_samples_of_the_uniform_distribution():
    """(k − 1) / 2n, as the docstring says: what the data itself scores."""
    draws = np.random.default_rng(0).integers(0, 1000, (20, 26_000))
    mean = np.mean([kl_to_uniform(np.bincount(d, minlength=1000)) for d in draws])
    assert mean == pytest.approx(999 / 52_000, rel=0.03)


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_the_data_covers_its_modes(name):
    centres, deviation = data.toy.modes(name)
    points = np.asarray(data.toy.sample(name, 2500))
    modes, quality = mode_coverage(points, centres, deviation, share=0.5)
    assert modes == len(centres)
    # Rayleigh: a Gaussian in the plane lies within 3 σ with 1 − exp(−9/2).
    assert quality == pytest.approx(scipy.stats.chi2.cdf(9, 2), abs=0.007)
    one = np.repeat(centres[:1], 100, axis=0)
    assert mode_coverage(one, centres, deviation) == (1, 1.0)


def test_the_metric_is_the_function_of_all_samples():
    metric = ModeCoverage(CENTRES, 1.0)
    for batch in (POINTS[:1], POINTS[1:]):
        metric.update_state(np.zeros((5, 2), "float32"), batch)
    modes, quality = mode_coverage(POINTS, CENTRES, 1.0)
    kl = kl_to_uniform([2, 1, 0])
    assert metric.result() == {
        "modes": modes,
        "modes_quality": quality,
        "modes_kl": pytest.approx(kl),
    }
    assert metric.result_names == ("modes", "modes_kl", "modes_quality")
    assert metric.protocol().startswith("modes: 4 fake; of 3 modes")
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    again.update_state(None, POINTS)
    assert again.result() == metric.result()
    with pytest.raises(ValueError, match="got 0"):
        ModeCoverage(CENTRES, 1.0).result()


def test_a_model_is_judged_by_it():
    gan = gan_zoo.GAN((2,), 2, generator=_identity(), discriminator=_scores())
    # Latents are the samples: N(0, 1) in the plane.
    gan.compile(metrics=[ModeCoverage([[0.0, 0.0], [50.0, 0.0]], 1.0)])
    _, test = data.load("toy:ring", 500)
    logs = gan.evaluate(test, steps=4, return_dict=True, verbose=0)
    assert logs["modes"] == 1
    assert logs["modes_kl"] == pytest.approx(np.log(2))
    assert logs["modes_quality"] == pytest.approx(scipy.stats.chi2.cdf(9, 2), abs=0.01)


def _identity():
    z = keras.Input((2,))
    return keras.Model(z, keras.layers.Activation("linear")(z))


def _scores():
    x = keras.Input((2,))
    return keras.Model(x, keras.layers.Dense(1)(x))


def test_real_stacks_are_read_as_their_labels():
    _, test = data.load("stacked_mnist_sample", 200, labels=True)
    images, labels = next(test.as_numpy_iterator())
    modes = stacked_digits(images)
    # 98 % of the digits and more are read right, 94 % of three at once.
    assert np.mean(modes == labels) > 0.94


def test_stacked_modes_counts_what_was_read():
    _, test = data.load("stacked_mnist_sample", 100, labels=True)
    images = next(test.as_numpy_iterator())[0]
    metric = StackedModes()
    for _ in range(2):
        for i in range(0, 100, 60):
            metric.update_state(None, images[i : i + 60])
    counts = np.bincount(stacked_digits(images), minlength=1000)
    result = metric.result()
    assert result["modes_mnist"] == np.count_nonzero(counts)
    assert result["modes_mnist_kl"] == pytest.approx(kl_to_uniform(counts))
    assert "200 fake; of 1000 modes, one is covered by one sample" in metric.protocol()
    # A collapsed generator: always the first image.
    metric.reset_state()
    metric.update_state(None, np.repeat(images[:1], 50, axis=0))
    assert metric.result() == {
        "modes_mnist": 1,
        "modes_mnist_kl": pytest.approx(np.log(1000)),
    }
    assert StackedModes.from_config(metric.get_config()).result_names[0] == metric.name


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"\(n, 2\).*\(4, 3\)"):
        mode_counts(np.zeros((4, 3)), CENTRES, 1.0)
    with pytest.raises(ValueError, match=r"\(n, h, w, 3\).*\(2, 28, 28, 1\)"):
        stacked_digits(np.zeros((2, 28, 28, 1)))
    with pytest.raises(ValueError, match=r"\[0, 1\], got 2"):
        StackedModes(share=2)
