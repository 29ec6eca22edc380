import keras
import numpy as np
import pytest
import replicas
import tensorflow as tf
from testing import golden

import gan_zoo
from gan_zoo import backend
from gan_zoo.callbacks import RunCheckpoint
from gan_zoo.networks.gan import mlp
from gan_zoo.optimizers import Lookahead


def trained(steps=0, d_optimizer=None, **compile_options):
    """A GAN of points in the plane whose players both look ahead, every 3 steps."""
    gan = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8))
    gan.compile(
        d_optimizer=d_optimizer or Lookahead(keras.optimizers.Adam(0.01), 3),
        g_optimizer=Lookahead(keras.optimizers.Adam(0.01), 3),
        **compile_options,
    )
    return further(gan, steps)


def further(gan, steps):
    for step in range(steps):
        gan.train_step(tf.random.stateless_normal((8, 2), (step, 0)))
    return gan


def assert_equal_states(a, b):
    variables = [
        [*gan.weights, *gan.d_optimizer.variables, *gan.g_optimizer.variables]
        for gan in (a, b)
    ]
    for left, right in zip(*variables, strict=True):
        np.testing.assert_array_equal(left.numpy(), right.numpy())


def test_takes_tensorflow_addons_steps():
    """Tolerance 1e-5; 0.0 was reached."""
    target, scale = np.full(3, 0.5, "float32"), np.array([1, 3, 0.2], "float32")
    weight = keras.Variable([1.0, -2.0, 3.0])
    optimizer = Lookahead(keras.optimizers.SGD(0.05), sync_period=5, slow_step_size=0.5)
    optimizer.build([weight])
    for wanted in np.load(golden("tfa.npz"))["o_lookahead"]:
        optimizer.apply([2 * scale * (weight.value - target)], [weight])
        np.testing.assert_allclose(weight.numpy(), wanted, rtol=1e-5)


def test_by_hand():
    """Gradient 1, rate 1, k = 2, α = 0.25: back three quarters of every second step."""
    weight = keras.Variable([0.0])
    optimizer = Lookahead(keras.optimizers.SGD(1.0), 2, 0.25)
    path = []
    for _ in range(5):
        optimizer.apply([tf.ones(1)], [weight])
        path.append(float(weight[0]))
    assert path == [-1.0, -0.5, -1.5, -1.0, -2.0]


def test_a_game_that_only_circles_comes_to_rest():
    """min_x max_y x·y: alternating gradients keep their distance from (0, 0)."""

    def distance(make):
        x, y = keras.Variable(1.0), keras.Variable(1.0)
        players = [(y, lambda: (-x.value * y.value, ())), (x, lambda: (x * y, ()))]
        optimizers = [make(), make()]
        for optimizer, (weight, _) in zip(optimizers, players, strict=True):
            optimizer.build([weight])

        @tf.function(autograph=False)
        def step():
            for optimizer, (weight, objective) in zip(optimizers, players, strict=True):
                backend.update(objective, [weight], optimizer)

        for _ in range(200):
            step()
        return float(tf.sqrt(x.value**2 + y.value**2))

    assert distance(lambda: keras.optimizers.SGD(0.3)) > 1.0
    assert distance(lambda: Lookahead(keras.optimizers.SGD(0.3))) < 1e-3


def test_weights_loaded_after_compile_are_where_it_starts():
    weight = keras.Variable([5.0])
    optimizer = Lookahead(keras.optimizers.SGD(1.0), 2, 0.5)
    optimizer.build([weight])
    weight.assign([0.0])
    for _ in range(2):
        optimizer.apply([tf.ones(1)], [weight])
    assert float(weight[0]) == -1.0


def test_what_the_wrapped_optimizer_does_stays_its_own():
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([1], [1.0, 0.5])
    weight = keras.Variable([0.0])
    weight.constraint = lambda w: tf.maximum(w.value, -2.25)
    optimizer = Lookahead(keras.optimizers.SGD(rate, clipvalue=1.0), 10)
    path = []
    for _ in range(3):
        optimizer.apply([tf.constant([7.0])], [weight])
        path.append(float(weight[0]))
    assert path == [-1.0, -2.0, -2.25]  # clipped; rate 0.5 after two; held in the end
    assert int(optimizer.iterations) == 3
    assert float(optimizer.learning_rate) == 0.5
    fixed = Lookahead(keras.optimizers.SGD(0.1, loss_scale_factor=8.0))
    fixed.learning_rate = 0.25
    assert float(fixed.optimizer.learning_rate) == 0.25
    assert fixed.scale_loss(2.0) == 16.0


def test_accumulated_gradients_count_as_one_step():
    weight = keras.Variable([0.0])
    inner = keras.optimizers.SGD(1.0, gradient_accumulation_steps=2)
    optimizer = Lookahead(inner, 2, 0.5)
    path = []
    for _ in range(8):
        optimizer.apply([tf.ones(1)], [weight])
        path.append(float(weight[0]))
    assert path == [0, -1, -1, -1, -1, -2, -2, -2]


def test_a_saved_model_goes_on_bit_for_bit(tmp_path):
    gan = trained(4)  # in the middle of a period
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert isinstance(loaded.d_optimizer, Lookahead)
    assert loaded.d_optimizer.get_config() == gan.d_optimizer.get_config()
    assert_equal_states(gan, loaded)
    assert_equal_states(further(gan, 5), further(loaded, 5))


def test_a_run_checkpoint_goes_on_bit_for_bit(tmp_path):
    gan, other = trained(4), trained()
    keeper = RunCheckpoint(tmp_path, steps_per_epoch=8)
    keeper.set_model(gan)
    keeper.save()
    assert keeper.restore(other)["step"] == 4
    assert_equal_states(gan, other)
    assert_equal_states(further(gan, 5), further(other, 5))


def replica_case():
    keras.utils.set_random_seed(0)
    gan = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8))
    gan.compile(
        d_optimizer=Lookahead(keras.optimizers.SGD(0.5), 3),
        g_optimizer=Lookahead(keras.optimizers.SGD(0.5), 2),
    )
    points = np.random.default_rng(0).normal(size=(80, 2)).astype("float32")
    return gan, tf.data.Dataset.from_tensor_slices(points).batch(8, drop_remainder=True)


def test_two_replicas_train_as_one_device():
    difference = replicas.difference(replica_case)
    assert difference.moved > 0.05
    assert difference.gap < 1e-6


def test_under_float16_the_loss_scale_goes_around_it():
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    gan = trained(4)
    assert isinstance(gan.d_optimizer, keras.optimizers.LossScaleOptimizer)
    assert isinstance(gan.d_optimizer.inner_optimizer, Lookahead)
    assert int(gan.d_optimizer.iterations) == 4


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("sgd", 0), ValueError, "sync_period to be an int of at least 1, got 0"),
        (("sgd", 2.5), ValueError, "sync_period to be an int of at least 1, got 2.5"),
        (("sgd", 5, 0.0), ValueError, r"slow_step_size in \(0, 1\], got 0.0"),
        (("sgd", 5, 1.5), ValueError, r"slow_step_size in \(0, 1\], got 1.5"),
        (
            (keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()),),
            TypeError,
            r"Write LossScaleOptimizer\(Lookahead",
        ),
    ],
)
def test_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        Lookahead(*arguments)
