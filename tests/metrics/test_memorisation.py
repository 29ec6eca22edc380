import keras
import numpy as np
import pytest
from features.feature_doubles import Flat, as_images, conv_network
from PIL import Image

from gan_zoo.metrics import (
    Memorisation,
    draw_neighbours,
    features_of,
    memorisation_test,
    training_distances,
)


def normal(seed, n, d=4):
    return np.random.default_rng(seed).normal(size=(n, d)).astype("float32")


def judge(fake, held_out, training):
    return memorisation_test(
        training_distances(fake, training), training_distances(held_out, training)
    )


def test_by_hand():
    nearer, p_value, copied = memorisation_test([0.0, 2.0], [1.0, 2.0, 3.0])
    # Of six pairs the fake is nearer in 3 + 1, equal in one.
    assert nearer == pytest.approx((3 + 1 + 0.5) / 6)
    assert 0 < p_value < 0.5
    assert copied == 0.5


def test_distances_by_hand():
    training = [[0.0, 0.0], [3.0, 4.0]]
    np.testing.assert_allclose(
        training_distances([[0.0, 1.0], [6.0, 8.0], [3.0, 4.0]], training), [1, 5, 0]
    )


def test_copies_are_at_zero_though_float32_rounds():
    training = normal(0, 50) + np.float32(10)
    nearly = training * np.float32(1 + 2e-7)
    assert np.all(training_distances(nearly, training) == 0)


def test_a_copied_training_set_is_flagged():
    training, held_out = normal(0, 300), normal(1, 200)
    nearer, p_value, copied = judge(training[:200], held_out, training)
    assert (nearer, copied) == (1, 1)
    assert p_value < 1e-30
    # Nearly copies: a tenth of the distance between neighbours.
    nearer, p_value, copied = judge(
        training[:200] + 0.03 * normal(2, 200), held_out, training
    )
    assert nearer > 0.95
    assert p_value < 1e-30
    assert copied > 0.3


def test_new_real_images_are_not_flagged_more_often_than_stated():
    """P(p <= a) <= a under the null; 300 tests, three standard errors."""
    values = np.array(
        [
            judge(normal(3 * s, 60), normal(3 * s + 1, 60), normal(3 * s + 2, 200))
            for s in range(300)
        ]
    )
    nearer, p, copied = values.T
    for level in (0.05, 0.5):
        assert np.mean(p <= level) <= level + 3 * np.sqrt(level * (1 - level) / 300)
    assert np.mean(p <= 0.5) > 0.4
    assert nearer.mean() == pytest.approx(0.5, abs=0.02)
    # The 0.01 quantile of 60 images is about the smallest: 1 in 61 lies below it.
    assert copied.mean() == pytest.approx(0.02, abs=0.01)


def test_a_few_copies_show_in_the_share():
    training, held_out, fake = normal(0, 500), normal(1, 500), normal(2, 500)
    fake[:50] = training[:50]
    assert judge(fake, held_out, training)[2] == pytest.approx(0.11, abs=0.02)
    assert judge(normal(2, 500), held_out, training)[2] < 0.03


def test_images_off_the_data_copy_nothing():
    nearer, p_value, copied = judge(normal(2, 100) + 9, normal(1, 100), normal(0, 200))
    assert nearer == 0
    assert p_value == pytest.approx(1)
    assert copied == 0


def test_wrong_input_is_named():
    training = normal(0, 50)
    with pytest.raises(ValueError, match="not trained on"):
        judge(normal(1, 20), training, training)
    with pytest.raises(ValueError, match=r"Expected a level .* got 1"):
        memorisation_test([1.0], [1.0], level=1)
    assert np.isnan(memorisation_test([np.nan], [1.0])).all()


def test_the_metric_is_the_functions_of_all_images():
    training, real, fake = normal(0, 90), normal(1, 40), normal(2, 40) * 0.5
    results = []
    for order, batch in (
        (np.arange(40), 16),
        (np.random.default_rng(1).permutation(40), 7),
    ):
        metric = Memorisation(as_images(training), Flat(4))
        for i in range(0, 40, batch):
            metric.update_state(
                as_images(real[order][i : i + batch]), as_images(fake[i : i + batch])
            )
        results.append(metric.result())
    assert results[0] == results[1]
    assert tuple(results[0]) == ("nearer_flat", "nearer_p_flat", "copied_flat")
    assert tuple(results[0].values()) == pytest.approx(judge(fake, real, training))
    assert metric.protocol().endswith("40 real, 40 fake; 90 training images")


def test_without_its_training_images_it_refuses_to_measure():
    images = np.zeros((9, 8, 8, 3), "float32")
    metric = Memorisation(images, conv_network(), max_images=7, name="m")
    again = Memorisation.from_config(metric.get_config())
    assert again.max_images == 7
    assert again.result_names == ("m_nearer", "m_nearer_p", "m_copied")
    with pytest.raises(ValueError, match="Make the metric again with training="):
        again.update_state(images, images)


def test_features_of_goes_through_all_images():
    images = as_images(normal(0, 7))
    np.testing.assert_array_equal(features_of(Flat(4), images, 3), normal(0, 7))


def test_draws_samples_beside_their_neighbours(tmp_path):
    draw = np.random.default_rng(0)
    training = draw.uniform(-1, 1, (20, 6, 6, 3)).astype("float32")
    samples = np.concatenate([training[4:5], training[9:10] * 0.5])
    flat = keras.Sequential([keras.Input((6, 6, 3)), keras.layers.Flatten()])
    path = tmp_path / "new" / "neighbours.png"
    distances = draw_neighbours(path, samples, training, flat, k=3)
    assert distances.shape == (2, 3)
    assert distances[0, 0] == 0
    assert distances[1, 0] == pytest.approx(np.linalg.norm(training[9] / 2), rel=1e-5)
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    # A line through the first row: a sample, which is a copy, and three neighbours.
    line = pixels[86]
    edges = np.flatnonzero(np.diff(np.any(line != 255, axis=1)))
    assert len(edges) == 8
    runs = [line[a + 5 : a + 80] for a in edges[::2]]
    differences = [np.abs(run - runs[0]).mean() for run in runs[1:]]
    assert differences[0] < 10 < min(differences[1:])
    with pytest.raises(ValueError, match=r"\(6, 6, 3\) and \(5, 6, 3\)"):
        draw_neighbours(path, samples, training[:, 1:], flat)


def test_training_images_that_change_are_looked_at_again():
    held_out, training = normal(1, 40), normal(0, 60)
    fakes = normal(2, 40)
    images = as_images(training)
    metric = Memorisation(images, Flat(4))

    def nearer(metric):
        metric.begin()
        metric.update_state(as_images(held_out), as_images(fakes))
        return float(metric.result()[metric.result_names[0]])

    before = nearer(metric)
    images[:40] = as_images(fakes)  # now the generator copies them
    assert nearer(metric) == nearer(Memorisation(images, Flat(4))) == 1.0
    assert before < 1.0
