import numpy as np
import tensorflow as tf
from testing import golden, rebuilt

from gan_zoo.layers import MinibatchStddev


def test_two_groups_by_hand():
    x = np.zeros((4, 1, 1, 2), "float32")
    x[:, 0, 0, 0] = [0, 2, 5, 5]  # groups of two: spreads 1 and 0
    y = MinibatchStddev(2)(x).numpy()
    np.testing.assert_array_equal(y[..., :2], x)
    np.testing.assert_allclose(y[:, 0, 0, 2], [0.5, 0.5, 0, 0], atol=1e-4)


def test_takes_an_odd_batch_as_one_group():
    x = tf.random.stateless_normal((6, 2, 2, 3), (0, 1))
    eager = MinibatchStddev(4)(x).numpy()
    np.testing.assert_allclose(
        eager[..., 3],
        np.full((6, 2, 2), np.sqrt(np.var(x, 0) + 1e-8).mean()),
        rtol=1e-5,
    )
    graph = tf.function(
        MinibatchStddev(4), input_signature=[tf.TensorSpec((None, 2, 2, 3))]
    )
    np.testing.assert_allclose(graph(x), eager, rtol=1e-6)
    np.testing.assert_allclose(graph(x[:4]), MinibatchStddev(4)(x[:4]), rtol=1e-6)


def test_equals_the_authors_up_to_the_order_of_samples():
    with np.load(golden("stylegan2_ops.npz")) as file:
        x = file["mbstd/in/x8"].transpose(0, 2, 3, 1)
        wanted = file["mbstd/out/n8_g4_f1"].transpose(0, 2, 3, 1)
    # Theirs groups i, i + n/g, i + 2 n/g ...; ours takes neighbours.
    n, g = len(x), 4
    order = np.arange(n).reshape(g, n // g).T.reshape(-1)
    got = MinibatchStddev(g)(x[order]).numpy()
    np.testing.assert_allclose(got, wanted[order], rtol=1e-5, atol=1e-6)


def test_config_round_trip():
    assert rebuilt(MinibatchStddev(2)).group_size == 2
