import keras
import numpy as np
import pytest
import tensorflow as tf
from replicas import two_replicas

from gan_zoo import backend


def test_what_a_label_is_stands_in_the_error():
    got = tf.constant([1, 7])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"^Too large: \[7\]$"):
        backend.require(tf.constant(False), "Too large:", got, got=got[1:])
    checked = tf.function(
        lambda x: backend.require(tf.reduce_all(x < 5), "Too large:", x, got=x[x >= 5])
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Too large:\] \[7\]"):
        checked(got)
    np.testing.assert_array_equal(checked(got[:1]), [1])


def test_input_gradient_is_per_row_and_differentiable():
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    gradient = backend.input_gradient(lambda v: tf.reduce_sum(v**3, 1), x)
    np.testing.assert_allclose(gradient, 3 * x**2)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(
            backend.input_gradient(lambda v: tf.reduce_sum(v**3, 1), x)
        )
    np.testing.assert_allclose(tape.gradient(total, x), 6 * x)


@pytest.mark.parametrize(("slope", "error"), [(1e-4, 1e-3), (1e-6, 0.03), (2e-8, 1)])
def test_smallest_input_gradients_under_float16(slope, error):
    """Far below those of a slope of 1, which are about 1 over the image's side."""
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    x = keras.Input((28,))
    hidden = keras.layers.Dense(4, kernel_initializer=keras.initializers.Constant(0.25))
    score = keras.layers.Dense(
        1, kernel_initializer=keras.initializers.Constant(slope), dtype="float32"
    )
    critic = keras.Model(x, score(hidden(x)))
    gradient = backend.input_gradient(critic, tf.ones((2, 28)))
    assert gradient.dtype == tf.float32
    if error == 1:
        np.testing.assert_array_equal(gradient, tf.zeros((2, 28)))
    else:
        np.testing.assert_allclose(gradient, tf.fill((2, 28), slope), rtol=error)


def test_a_draw_outside_a_scope_says_what_to_do():
    with pytest.raises(RuntimeError, match=r"backend\.draws"):
        backend.normal((1,))


def test_draws_follow_their_distribution():
    with backend.draws((0, 0)):
        normal, uniform = backend.normal((20000,)), backend.uniform((20000,), -1, 3)
    np.testing.assert_allclose(np.mean(normal), 0, atol=0.03)
    np.testing.assert_allclose(np.std(normal), 1, atol=0.03)
    assert np.min(uniform) >= -1
    assert np.max(uniform) < 3
    np.testing.assert_allclose(np.mean(uniform), 1, atol=0.05)


def test_fold_in_takes_large_words():
    seed = backend.fold_in((2**40, 2**32 - 1), 2**33)
    assert seed.shape == (2,)
    assert seed.dtype == tf.int64


def test_one_device_keeps_all_rows_and_assigns_at_once():
    x = tf.reshape(tf.range(6.0), (3, 2))
    np.testing.assert_array_equal(backend.own_rows(backend.gather(x)), x)
    assert backend.replicas() == 1
    a, b = keras.Variable([1.0]), keras.Variable([2.0])
    backend.assign_all([a, b], [b + 1, a + 1])
    np.testing.assert_array_equal([a, b], [[3.0], [2.0]])


def test_a_compiled_function_is_traced_once_for_batches_of_any_size():
    traced = []

    def double(x):
        traced.append(x.shape)
        return 2 * x

    compiled = backend.function(double)
    for rows in (1, 2, 3, 4):
        np.testing.assert_array_equal(
            compiled(tf.ones((rows, 2))), np.full((rows, 2), 2)
        )
    assert len(traced) == 2  # the second time for any number of rows


def test_replicas_draw_different_rows_of_the_global_noise():
    def draw(rows):
        with backend.draws((7, 0)):
            return backend.normal((rows, 2))

    strategy = two_replicas()
    first, second = strategy.experimental_local_results(strategy.run(draw, (3,)))
    assert not np.isclose(first, second).any()
    np.testing.assert_array_equal(np.concatenate([first, second]), draw(6))


def test_an_error_within_a_graph_says_its_message_alone():
    @tf.function(autograph=False)
    def checked(x):
        return backend.require(x[0] > 0, "Expected x in [0, 1]. Got:", x, x[0])

    x = tf.constant([-2.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="Graph execution error"):
        checked(x)
    error = tf.errors.InvalidArgumentError
    with pytest.raises(error) as caught, backend.plain_errors():
        checked(x)
    assert caught.value.message == "Expected x in [0, 1]. Got: -2"
    # Others stay as they are.
    with pytest.raises(error, match="Reshape"), backend.plain_errors():
        tf.reshape(x, (2, -1))


@pytest.mark.parametrize("wrong", [OSError("a.png is gone."), KeyError("a")])
def test_a_file_that_cannot_be_read_within_a_graph_is_an_os_error(wrong):
    """Others keep their place in the graph, which a fault of the code needs."""

    def read(_):
        raise wrong

    data = tf.data.Dataset.range(1)
    data = data.map(lambda i: tf.numpy_function(read, [i], tf.int64))
    kinds = (OSError, tf.errors.OpError)
    with pytest.raises(kinds) as caught, backend.plain_errors():
        tf.function(lambda: next(iter(data)), autograph=False)()
    if isinstance(wrong, OSError):
        assert type(caught.value) is OSError
        assert str(caught.value) == "a.png is gone."
    else:
        assert isinstance(caught.value, tf.errors.OpError)


def test_rows_are_shuffled_without_loss_and_anew_at_each_draw():
    values = tf.range(500)
    with backend.draws((0, 0)):
        first, second = backend.shuffled(values), backend.shuffled(values)
    for each in (first, second):
        assert sorted(each.numpy()) == list(range(500))
        assert (each.numpy() == np.arange(500)).mean() < 0.02
    assert (first.numpy() != second.numpy()).any()


def test_replicas_share_one_order_of_the_global_batch():
    strategy = two_replicas()
    values = tf.reshape(tf.range(12.0), (6, 2))

    @tf.function(autograph=False)
    def on_two():
        def of_replica():
            with backend.draws((3, 0)):
                rows = backend.own_rows(values)
                return backend.shuffled(tf.ensure_shape(rows, (3, 2)))

        return strategy.experimental_local_results(strategy.run(of_replica))

    with backend.draws((3, 0)):
        wanted = backend.shuffled(values)
    np.testing.assert_array_equal(np.concatenate(on_two()), wanted)


def test_shapes_are_traced_and_those_that_do_not_fit_are_refused():
    def joined(x, y):
        return tf.concat([x, y], 1)

    shapes = ((2, 3), "float32"), ((2, 4), "float32")
    assert backend.traced_shape(joined, *shapes) == (2, 7)
    with pytest.raises(ValueError, match="Dimension"):
        backend.traced_shape(joined, ((2, 3), "float32"), ((5, 3), "float32"))
