import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo import backend
from gan_zoo.layers import ConditionalBatchNorm, MinibatchDiscrimination
from gan_zoo.objectives import penalties

CRITICS = ["mlp_tanh", "mlp_lrelu", "conv_softplus", "conv_lrelu"]


def torch_critic(case, weights):
    """The golden file's critics, weights in Keras's layout."""
    activation = {
        "tanh": "tanh",
        "lrelu": keras.layers.LeakyReLU(0.2),
        "softplus": "softplus",
    }[case.split("_")[1]]
    if case.startswith("mlp"):
        layers = [
            keras.layers.Dense(16, activation),
            keras.layers.Dense(12, activation),
            keras.layers.Dense(1),
        ]
        shape = (10,)
    else:
        layers = [
            keras.layers.Conv2D(8, 4, 2, "same", activation=activation),
            keras.layers.ZeroPadding2D(1),
            keras.layers.Conv2D(8, 3, 2, activation=activation),
            keras.layers.Permute((3, 1, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
        shape = (8, 8, 3)
    critic = keras.Sequential([keras.Input(shape), *layers])
    critic.set_weights(weights)
    return critic


def keras_layout(array):
    if array.ndim == 4:
        return array.transpose(2, 3, 1, 0)
    return array.T if array.ndim == 2 else array


def images(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


@pytest.mark.parametrize("case", CRITICS)
@pytest.mark.parametrize("penalty", ["wgangp", "dragan", "r1_sum_mean", "r2_sum_mean"])
def test_values_and_gradients_equal_torch(case, penalty, monkeypatch):
    with np.load(golden("gradient_penalties.npz")) as file:
        names = [k for k in file if k.startswith(f"{case}/w/D/")]
        critic = torch_critic(case, [keras_layout(file[k]) for k in names])
        real, fake = (images(file[f"{case}/in/x_{k}"]) for k in ("real", "fake"))
        epsilon = file[f"{case}/in/eps"].reshape((-1,) + (1,) * (real.ndim - 1))
        if penalty == "dragan":
            epsilon = images(file[f"{case}/in/perturb"]) / (0.5 * real.std())
        wanted = file[f"{case}/out/{penalty}"]
        prefix = f"{case}/out/{penalty}_grad/"
        gradients = [
            keras_layout(file[prefix + k.removeprefix(f"{case}/w/D/")]) for k in names
        ]
    # The reference drew its own interpolation weights and perturbations.
    monkeypatch.setattr(backend, "uniform", lambda shape: tf.constant(epsilon))
    with tf.GradientTape() as tape:
        value = {
            "wgangp": lambda: penalties.gradient_penalty(critic, real, fake),
            "dragan": lambda: penalties.around_data_penalty(critic, tf.constant(real)),
            "r1_sum_mean": lambda: penalties.zero_centred_penalty(
                critic, tf.constant(real)
            ),
            "r2_sum_mean": lambda: penalties.zero_centred_penalty(
                critic, tf.constant(fake)
            ),
        }[penalty]()
    np.testing.assert_allclose(value, wanted, rtol=2e-5)
    ours = tape.gradient(
        value,
        [v.value for v in critic.trainable_variables],
        unconnected_gradients="zero",
    )
    for mine, theirs in zip(ours, gradients, strict=True):
        scale = max(np.abs(theirs).max(), 1e-6)
        np.testing.assert_allclose(mine / scale, theirs / scale, atol=2e-5)


@pytest.mark.parametrize(("slope", "wanted"), [(1.0, 0.0), (2.0, 1.0), (0.0, 1.0)])
def test_gradient_penalty_is_the_squared_distance_of_the_slope_from_one(slope, wanted):
    def critic(x):  # gradient (slope, 0, 0, ...) everywhere, over all axes
        return slope * x[:, 0, 0, :1]

    x = tf.random.stateless_normal((5, 4, 4, 2), (0, 1))
    with backend.draws((0, 0)):
        value = penalties.gradient_penalty(critic, x, -x)
    np.testing.assert_allclose(value, wanted, atol=2e-6)


@pytest.mark.parametrize("half", ["bfloat16", "float16"])
def test_images_in_half_precision_are_taken_as_float32(half):
    """Of D(x) = 3x: the slope is exact, and the points lie where float32 has them."""
    real = tf.ones((2, 1))
    fake = tf.zeros((2, 1), half)
    seen = []

    def score(x):
        seen.append(x.dtype)
        return 3.0 * x

    with backend.draws((0, 0)):
        between = penalties.gradient_penalty(score, real, fake)
        around = penalties.around_data_penalty(score, tf.cast(real, half))
    at_images = penalties.zero_centred_penalty(score, fake)
    np.testing.assert_allclose([between, around, at_images], [4.0, 4.0, 9.0], rtol=1e-6)
    assert seen == [tf.float32] * 3


def test_interpolation_weights_are_uniform_and_one_per_image():
    seen = []

    def critic(x):
        seen.append(x)
        return x[:, 0, 0, :1]

    real, fake = tf.ones((4000, 2, 2, 1)), tf.zeros((4000, 2, 2, 1))
    with backend.draws((3, 0)):
        penalties.gradient_penalty(critic, real, fake)
    weights = seen[0].numpy()
    np.testing.assert_array_equal(weights.std(axis=(1, 2, 3)), 0)
    assert weights.min() >= 0
    assert weights.max() <= 1
    np.testing.assert_allclose(weights.mean(), 0.5, atol=0.02)
    np.testing.assert_allclose(weights.std(), 12**-0.5, atol=0.01)


def nested_model():
    x = keras.Input((4,))
    return keras.Model(x, keras.layers.BatchNormalization()(x))


@pytest.mark.parametrize(
    "layer",
    [
        lambda x: keras.layers.BatchNormalization()(x),
        lambda x: nested_model()(x),
        lambda x: keras.layers.Reshape((4,))(
            keras.layers.TimeDistributed(keras.layers.BatchNormalization())(
                keras.layers.Reshape((2, 2))(x)
            )
        ),
        lambda x: keras.layers.Flatten()(
            ConditionalBatchNorm(3)(
                [keras.layers.Reshape((1, 1, 4))(x), keras.ops.argmax(x, axis=-1)]
            )
        ),
    ],
    ids=["plain", "in a model", "in a wrapper", "in a layer"],
)
def test_batch_norm_is_found_wherever_it_is(layer):
    x = keras.Input((4,))
    with pytest.raises(ValueError, match="contains batch norm"):
        penalties.check_row_by_row(keras.Model(x, keras.layers.Dense(1)(layer(x))))
    penalties.check_row_by_row(keras.Model(x, keras.layers.LayerNormalization()(x)))


def test_minibatch_discrimination_is_found():
    x = keras.Input((4,))
    compared = keras.layers.Dense(1)(MinibatchDiscrimination(2, 2)(x))
    with pytest.raises(ValueError, match="contains MinibatchDiscrimination"):
        penalties.check_row_by_row(keras.Model(x, compared))


def test_path_lengths_of_a_linear_map_are_those_of_its_transpose():
    """Images A w: Jᵀ y is Aᵀ y, whatever the styles are."""
    generator = np.random.default_rng(0)
    matrix = generator.normal(size=(3, 2 * 2 * 1, 5)).astype("float32")  # per layer
    styles = generator.normal(size=(4, 3, 5)).astype("float32")
    noise = generator.normal(size=(4, 2, 2, 1)).astype("float32")

    def synthesise(w):
        return tf.reshape(tf.einsum("lpd,nld->np", matrix, w), (-1, 2, 2, 1))

    lengths = penalties.path_lengths(synthesise, tf.constant(styles), noise)
    back = np.einsum("lpd,np->nld", matrix, noise.reshape(4, -1))
    wanted = np.sqrt(np.mean(np.sum(back**2, axis=2), axis=1))
    np.testing.assert_allclose(lengths, wanted, rtol=1e-5)


def test_the_path_length_loss_has_the_gradient_through_the_average():
    lengths, old, decay = tf.constant([1.0, 3.0, 8.0]), 2.0, 0.3
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(lengths)
        mean = tf.reduce_mean(lengths)
        average = old + decay * (mean - old)
        wanted = tf.reduce_mean((lengths - average) ** 2)
        loss = penalties.path_length_loss(lengths, average, mean, decay)
    np.testing.assert_allclose(
        tape.gradient(loss, lengths), tape.gradient(wanted, lengths), rtol=1e-5
    )
