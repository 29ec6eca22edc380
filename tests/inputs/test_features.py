import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.inputs import Features


def test_any_finite_numbers():
    kind = Features((2, 3))
    row = np.arange(6).reshape(2, 3) * 1000
    given = kind.given("features", row, 4)
    np.testing.assert_array_equal(given, np.stack([row] * 4))
    assert given.dtype == np.float32
    rows = tf.constant(np.stack([row, -row]))
    np.testing.assert_array_equal(kind.checked("features", rows), rows)


def test_others_are_refused():
    kind = Features((3,))
    with pytest.raises(ValueError, match="features to be finite, got nan"):
        kind.given("features", [1, np.nan, 2], 2)
    with pytest.raises(ValueError, match=r"of shape \(3,\)"):
        kind.given("features", [1, 2], 2)
    with pytest.raises(TypeError, match="numbers"):
        kind.given("features", ["a", "b", "c"], 2)
    with pytest.raises(ValueError, match=r"features of shape \(n, 3\)"):
        kind.check_spec("GAN", "features", tf.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"keras\.Input\(\(3,\), dtype='float32'\)"):
        kind.check_network("generator", (4,))


def test_they_cannot_be_drawn():
    assert not Features((3,)).can_draw
    with pytest.raises(NotImplementedError, match="Features cannot be drawn"):
        Features((3,)).draw(2)
