"""Spectral normalisation against torch's, TensorFlow Addons' and the SVD."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo.layers import (
    SpectralConv2D,
    SpectralConv2DTranspose,
    SpectralDense,
    SpectralEmbedding,
)

CASES = [
    f"{kind}_it{steps}"
    for kind in ("linear", "conv", "convt", "conv3")
    for steps in (1, 3)
]


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1)) if x.ndim == 4 else x


def kernel_of(weight):
    """Keras's kernel from torch's: (o, i) -> (i, o), (o, i, h, w) -> (h, w, i, o)."""
    return weight.T if weight.ndim == 2 else np.transpose(weight, (2, 3, 1, 0))


def columns_of(v, kernel, transposed=False):
    """Entries of torch's v, ordered (i, h, w), in our order (h, w, i)."""
    if kernel.ndim == 2:
        return v
    height, width, *channels = kernel.shape
    inputs = channels[1] if transposed else channels[0]
    return np.transpose(v.reshape(inputs, height, width), (1, 2, 0)).ravel()


def torch_layer(case):
    """Arrays of a recorded case and our layer with its weights and vectors."""
    with np.load(golden("spectral_norm.npz")) as archive:
        keys = [k for k in archive.files if k.startswith(f"{case}/")]
        arrays = {k.removeprefix(f"{case}/"): archive[k] for k in keys}
    cfg = json.loads(str(arrays["cfg"]))
    kernel = kernel_of(arrays["w/M/weight_orig"])
    transposed = cfg["kind"] == "convt"
    if cfg["kind"] == "linear":
        layer = SpectralDense(cfg["o"], power_iterations=cfg["it"])
    else:
        kind = SpectralConv2DTranspose if transposed else SpectralConv2D
        layer = kind(
            cfg["o"],
            cfg["k"],
            strides=cfg["s"],
            padding="same",
            power_iterations=cfg["it"],
        )
    layer.build(channels_last(arrays["in/x"]).shape)

    def columns(v):
        return columns_of(v, kernel, transposed)

    layer.kernel.assign(kernel)
    layer.bias.assign(arrays["w/M/bias"])
    layer.u.assign(arrays["w/M/weight_u"])
    layer.v.assign(columns(arrays["w/M/weight_v"]))
    return layer, arrays, columns


def assert_close(got, wanted, rel=1e-5):
    wanted = np.asarray(wanted)
    assert np.shape(got) == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=0, atol=rel * np.abs(wanted).max())


@pytest.mark.parametrize("case", CASES)
def test_equals_torch(case):
    layer, arrays, columns = torch_layer(case)
    x, cotangent = (channels_last(arrays[f"in/{name}"]) for name in "xg")
    # The first u and v are strangers, and uᵀ W v cancels: in float32 its relative error
    # grows as σ(W) / uᵀ W v, which is 200 in one case.
    matrix = matrix_of(layer.kernel, layer).numpy()
    given = layer.u.numpy() @ matrix @ layer.v.numpy()
    lost = arrays["out/true_largest_singular_value"] / abs(given)
    y = layer(x)
    assert_close(y, channels_last(arrays["out/eval_y"]), rel=max(1e-5, 1e-7 * lost))
    assert_close(layer.u, arrays["w/M/weight_u"])  # inference iterates nothing

    kernel = layer.kernel.numpy()
    variables = [layer.kernel.value, layer.bias.value]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(variables)
        y = layer(x, training=True)
        loss = tf.reduce_sum(y * cotangent)
    kernel_gradient, bias_gradient = tape.gradient(loss, variables)
    assert_close(y, channels_last(arrays["out/train1_y"]))
    assert_close(layer.u, arrays["out/train1_u"])
    assert_close(layer.v, columns(arrays["out/train1_v"]))
    normalized = layer.normalized(training=False)
    assert_close(normalized, kernel_of(arrays["out/train1_weight"]))
    sigma = np.linalg.norm(kernel) / np.linalg.norm(normalized)
    assert_close(sigma, arrays["out/train1_sigma"])
    assert_close(kernel_gradient, kernel_of(arrays["out/train1_grad_weight_orig"]))
    assert_close(bias_gradient, arrays["out/train1_grad_bias"])

    assert_close(layer(x, training=True), channels_last(arrays["out/train2_y"]))
    assert_close(layer.u, arrays["out/train2_u"])
    assert_close(layer.v, columns(arrays["out/train2_v"]))
    assert_close(layer(x), channels_last(arrays["out/train2_then_eval_y"]))
    np.testing.assert_array_equal(layer.kernel, kernel)  # the raw weight stays


LAYERS = {
    "dense": (SpectralDense, (12,), (9, 6)),
    "conv": (SpectralConv2D, (5, 3), (2, 8, 8, 4)),
    "up": (lambda filters: SpectralConv2D(filters, resample="up"), (5,), (2, 6, 6, 4)),
    "down": (lambda f: SpectralConv2D(f, resample="down"), (5,), (2, 6, 6, 4)),
    "transpose": (SpectralConv2DTranspose, (5, 4), (2, 4, 4, 7)),
    "embedding": (SpectralEmbedding, (8, 5), (6,)),
}


def built(name):
    """A layer and a batch for it."""
    make, arguments, shape = LAYERS[name]
    layer = make(*arguments)
    x = tf.random.stateless_normal(shape, (0, 0))
    if name == "embedding":
        x = tf.constant([0, 3, 7, 3, 1, 2])
    layer.build(x.shape)
    return layer, x


def matrix_of(weight, layer):
    """W of the paper: a row per output channel (per class of an embedding)."""
    weight = tf.convert_to_tensor(weight)
    if isinstance(layer, SpectralEmbedding):
        return weight
    if isinstance(layer, SpectralConv2DTranspose):
        weight = tf.transpose(weight, (0, 1, 3, 2))
    return tf.transpose(tf.reshape(weight, (-1, weight.shape[-1])))


def converge(layer):
    """Sets u and v to the singular vectors, where the iteration stays."""
    matrix = matrix_of(layer.raw_weight, layer).numpy()
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    layer.u.assign(left[:, 0])
    layer.v.assign(right[0])


@pytest.mark.parametrize("name", LAYERS)
def test_largest_singular_value_is_one_after_warm_up(name):
    layer, x = built(name)
    layer.power_iterations = 10
    for _ in range(10):
        layer(x, training=True)
    matrix = matrix_of(layer.normalized(training=False), layer)
    largest = np.linalg.svd(matrix, compute_uv=False)[0]
    assert abs(largest - 1) < 0.01
    raw = np.linalg.svd(matrix_of(layer.raw_weight, layer), compute_uv=False)[0]
    assert abs(raw - 1) > 0.05


@pytest.mark.parametrize("name", ["dense", "conv", "transpose", "embedding"])
def test_gradient_is_that_of_the_weight_over_its_svd_norm(name):
    layer, x = built(name)
    converge(layer)
    raw = layer.raw_weight.value
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(raw)
        y = layer(x, training=True)
        ours = tf.reduce_sum(tf.sin(y))
        sigma = tf.linalg.svd(matrix_of(raw, layer), compute_uv=False)[0]
        weight = raw / sigma
        if name == "dense":
            y = tf.matmul(x, weight)
        elif name == "conv":
            y = tf.nn.conv2d(x, weight, 1, "SAME")
        elif name == "transpose":
            y = tf.nn.conv2d_transpose(x, weight, y.shape, 1, "VALID")
        else:
            y = tf.gather(weight, x)
        exact = tf.reduce_sum(tf.sin(y))
    assert_close(tape.gradient(ours, raw), tape.gradient(exact, raw))


def test_gradient_passes_through_sigma():
    """W / σ(W) does not change along W itself: the gradient is orthogonal to W."""
    layer, x = built("dense")
    converge(layer)
    raw = layer.kernel.value
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x, training=True) ** 3)
    gradient = tape.gradient(loss, raw)
    along = tf.reduce_sum(gradient * raw) / tf.norm(gradient) / tf.norm(raw)
    assert abs(float(along)) < 1e-6


@pytest.mark.parametrize("steps", [1, 3])
def test_first_training_call_equals_tensorflow_addons(steps):
    """The first output is the same; then Addons' kernel is W / σ and ours still W.

    Addons overwrites the kernel at each training call, so that σ tends to 1 and its
    gradient has neither the factor 1 / σ nor the term of σ; in inference before any
    training it does not normalise at all.
    """
    with np.load(golden("tfa_spectral_norm.npz")) as arrays:
        layer = SpectralConv2D(5, 4, strides=2, power_iterations=steps)
        layer.build(arrays["x"].shape)
        layer.kernel.assign(arrays["k"])
        layer.bias.assign(arrays["b"])
        layer.u.assign(arrays["u"][0])
        assert_close(layer(arrays["x"], training=True), arrays[f"sn{steps}_y1"])
        assert_close(layer.u, arrays[f"sn{steps}_u1"][0])
        assert_close(layer.normalized(training=False), arrays[f"sn{steps}_k1"])
        np.testing.assert_array_equal(layer.kernel, arrays["k"])
        assert np.abs(arrays[f"sn{steps}_k1"] - arrays["k"]).max() > 0.01


def test_transposed_kernels_have_their_output_channels_as_rows():
    """Addons takes the last axis, the input channels: another matrix, another σ."""
    with np.load(golden("tfa_spectral_norm.npz")) as arrays:
        kernel, theirs, u = arrays["kt"], arrays["snt_k1"], arrays["ut"][0]
    last_axis = kernel.reshape(-1, kernel.shape[-1])  # (h * w * out, in)
    v = last_axis @ u
    v /= np.linalg.norm(v)
    assert_close(theirs, kernel / np.linalg.norm(v @ last_axis))

    layer = SpectralConv2DTranspose(6, 4, strides=2, padding="same")
    layer.build((None, 8, 8, 3))
    layer.kernel.assign(kernel)
    assert layer.u.shape == (6,)
    converge(layer)
    svd = np.linalg.svd(matrix_of(kernel, layer), compute_uv=False)
    assert_close(layer.normalized(training=False), kernel / svd[0])


def network():
    image, label = keras.Input((8, 8, 3)), keras.Input((), dtype="int32")
    x = SpectralConv2D(4, 4, strides=2, activation="relu")(image)
    x = SpectralConv2D(4, resample="down")(x)
    x = SpectralConv2DTranspose(2, 4, strides=2, padding="same")(x)
    x = keras.layers.Flatten()(x)
    x = SpectralDense(5, power_iterations=2)(x)
    y = keras.layers.Dot(1, dtype="float32")([x, SpectralEmbedding(3, 5)(label)])
    return keras.Model([image, label], y)


INPUTS = [tf.random.stateless_normal((3, 8, 8, 3), (0, 1)), tf.constant([0, 2, 1])]


def test_saves_and_loads_the_vectors(tmp_path):
    model = network()
    model(INPUTS, training=True)
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    other = network()
    other.load_weights(tmp_path / "model.weights.h5")
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    for copy in (loaded, other, clone):
        np.testing.assert_array_equal(copy(INPUTS), model(INPUTS))
    trained = model(INPUTS, training=True)
    for copy in (loaded, other, clone):  # the next iteration starts where it should
        np.testing.assert_array_equal(copy(INPUTS, training=True), trained)
        for a, b in zip(copy.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert [w.path.split("/")[-1] for w in model.layers[-2].weights][-2:] == ["u", "v"]


def test_vectors_are_no_trainable_weights():
    model = network()
    names = {v.name for v in model.non_trainable_variables}
    assert names == {"u", "v"}
    assert len(model.non_trainable_variables) == 2 * 5
    assert {v.name for v in model.trainable_variables} == {
        "kernel",
        "bias",
        "embeddings",
    }


@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_compiled_step_with_an_input_gradient_equals_the_eager_one(jit_compile):
    """As a gradient penalty calls it: two passes, and a gradient of a gradient."""
    image, label = keras.Input((4, 4, 3)), keras.Input((), dtype="int32")
    x = SpectralConv2D(4, resample="down", activation="softplus")(image)
    x = SpectralDense(5)(keras.layers.Flatten()(x))
    y = keras.layers.Dot(1)([x, SpectralEmbedding(3, 5)(label)])
    model = keras.Model([image, label], y)
    inputs = [INPUTS[0][:, :4, :4], INPUTS[1]]
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())

    def step(model, x, labels):
        variables = [v.value for v in model.trainable_variables]
        with tf.GradientTape(watch_accessed_variables=False) as outer:
            outer.watch(variables)
            real = model([x, labels], training=True)
            with tf.GradientTape(watch_accessed_variables=False) as inner:
                inner.watch(x)
                total = tf.reduce_sum(model([2 * x, labels], training=True))
            slope = inner.gradient(total, x)
            loss = tf.reduce_mean(real) + tf.reduce_mean(slope**2)
        return loss, outer.gradient(loss, variables)

    compiled = tf.function(
        lambda *inputs: step(clone, *inputs), autograph=False, jit_compile=jit_compile
    )
    loss, gradients = step(model, *inputs)
    compiled_loss, compiled_gradients = compiled(*inputs)
    np.testing.assert_allclose(loss, compiled_loss, rtol=1e-5)
    for a, b in zip(gradients, compiled_gradients, strict=True):
        assert tf.is_tensor(a)  # not sparse, and not None
        np.testing.assert_allclose(a, b, atol=1e-5)
    for a, b in zip(model.get_weights(), clone.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_sigma_is_found_in_float32_under_mixed_precision(name):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    layer, x = built(name)
    keras.mixed_precision.set_dtype_policy("float32")
    full = type(layer).from_config(layer.get_config() | {"dtype": "float32"})
    full.build(x.shape)
    full.set_weights(layer.get_weights())
    mixed_y, y = layer(x, training=True), full(x, training=True)
    assert mixed_y.dtype == tf.bfloat16
    np.testing.assert_array_equal(layer.u, full.u)  # equal to the last bit
    np.testing.assert_array_equal(layer.v, full.v)
    np.testing.assert_allclose(tf.cast(mixed_y, tf.float32), y, atol=0.03)


def test_a_fresh_layer_is_normalised_at_inference_too():
    """v starts half an iteration ahead of u, so σ = ‖Wᵀ u‖ and never about 0."""
    for name in LAYERS:
        layer, _ = built(name)
        wanted = np.linalg.norm(
            np.transpose(matrix_of(layer.raw_weight, layer)) @ layer.u
        )
        got = np.linalg.norm(layer.raw_weight) / np.linalg.norm(layer.normalized(False))
        np.testing.assert_allclose(got, wanted, rtol=1e-5)


def test_symbolic_calls_in_both_modes():
    for name in LAYERS:
        layer, x = built(name)
        symbol = keras.Input(x.shape[1:], dtype=x.dtype.name)
        for training in (None, False, True):
            symbolic = layer(symbol, training=training)
            assert symbolic.shape[1:] == layer(x, training=training).shape[1:]


def test_arguments_that_cannot_work():
    with pytest.raises(ValueError, match="at least 1, got 0"):
        SpectralDense(3, power_iterations=0)
    with pytest.raises(ValueError, match="SpectralConv2DTranspose takes images"):
        SpectralConv2DTranspose(3, 4, data_format="channels_first")
    with pytest.raises(ValueError, match="3×3"):
        SpectralConv2D(3, 5, resample="up")
