import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo.features.perceptual import PerceptualDistance


@pytest.fixture(scope="module")
def distance():
    return PerceptualDistance()


@pytest.fixture(scope="module")
def pairs():
    with np.load(golden("squeezenet_features.npz")) as archive:
        images = [archive[f"lpips_head/in/img{i}"] for i in (0, 1)]
        total = archive["lpips_head/out/lin_total"]
    return *((x / 127.5 - 1).astype("float32") for x in images), total


def test_equals_the_authors_formula(distance, pairs):
    first, second, total = pairs
    found = distance(first, second)
    assert found.shape == (2,)
    np.testing.assert_allclose(found, total, rtol=1e-4)


def test_is_a_distance_of_each_pair_alone(distance, pairs):
    first, second, total = pairs
    np.testing.assert_array_equal(distance(first, first), 0)
    np.testing.assert_allclose(distance(second, first), total, rtol=1e-4)
    np.testing.assert_allclose(distance(first[1:], second[1:]), total[1:], rtol=1e-4)


def test_the_more_noise_the_further(distance, pairs):
    first = pairs[0]
    noise = np.random.default_rng(0).normal(size=first.shape).astype("float32")
    near, far = (
        distance(first, np.clip(first + s * noise, -1, 1)) for s in (0.05, 0.5)
    )
    assert np.all(near.numpy() > 0)
    assert np.all(near < far)


def test_is_a_loss(distance, pairs):
    """Down its gradient two images come closer, as in a model's objective."""
    first, second, total = (tf.constant(x) for x in pairs)
    with tf.GradientTape() as tape:
        tape.watch(first)
        loss = tf.reduce_sum(distance(first, second))
    gradient = tape.gradient(loss, first)
    moved = first - 0.01 * gradient / tf.reduce_max(tf.abs(gradient))
    assert np.all(distance(moved, second) < total)


def test_grey_and_functions(distance, pairs):
    first, second, _ = pairs
    first, second = first[..., :1], second[..., :1]
    wanted = distance(np.repeat(first, 3, axis=-1), np.repeat(second, 3, axis=-1))
    np.testing.assert_allclose(distance(first, second), wanted, rtol=1e-6)
    np.testing.assert_allclose(tf.function(distance)(first, second), wanted, rtol=1e-4)


def test_shapes_that_differ_are_named(distance):
    with pytest.raises(ValueError, match=r"\(1, 32, 32, 3\) and \(1, 32, 40, 3\)"):
        distance(np.zeros((1, 32, 32, 3)), np.zeros((1, 32, 40, 3)))
    assert "not a published LPIPS" in distance.description
