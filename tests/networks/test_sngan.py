"""SNGAN's networks against mimicry's numbers, the unfolded forms and the tables."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks.plain_sngan import (
    CASES,
    Recorded,
    assert_close,
    channels_last,
    cosine_sum,
    paired,
    trainable_values,
)

from gan_zoo.layers import ConditionalBatchNorm
from gan_zoo.networks.sngan import (
    sngan_conv_discriminator,
    sngan_conv_generator,
    sngan_discriminator,
    sngan_generator,
)


@pytest.mark.parametrize("name", CASES)
def test_the_plain_form_equals_mimicry(name):
    recorded = Recorded(name)
    for mode in ("eval", "train"):
        wanted = recorded.out(mode)
        y = recorded.apply(recorded.plain(mode, mimicry=True), recorded.x)
        assert_close(y, channels_last(wanted) if wanted.ndim == 4 else wanted)
    wanted = recorded.recorded_gradients()
    assert_gradients_close(recorded.plain_gradients(mimicry=True), wanted)


def assert_gradients_close(gradients, wanted):
    """Each tensor by its own size; a bias in front of a batch norm has gradient 0."""
    largest = max(np.abs(g).max() for g in wanted.values())
    for key, value in wanted.items():
        atol = max(5e-5 * np.abs(value).max(), 2e-6 * largest)
        np.testing.assert_allclose(gradients[key], value, 0, atol, err_msg=key)


@pytest.mark.parametrize("name", CASES)
def test_ours_equals_the_plain_form(name):
    """Folded convolutions and moved shortcuts change neither values nor gradients."""
    recorded = Recorded(name)
    network = recorded.network()
    y = network(recorded.inputs)
    assert_close(y, recorded.apply(recorded.plain("eval", False), recorded.x), 1e-5)

    layers = list(paired(network, recorded.weights))
    variables = [[v.value for v in x.trainable_variables] for x, _ in layers]
    with tf.GradientTape() as tape:
        y = network(recorded.inputs, training=True)
        total = cosine_sum(y)
    assert_close(y, recorded.apply(recorded.plain("train", False), recorded.x), 1e-5)
    gradients = tape.gradient(total, variables)
    plain = recorded.plain_gradients(mimicry=False)
    ours, wanted = {}, {}
    for (_, module), values in zip(layers, gradients, strict=True):
        for i, value in enumerate(trainable_values(plain, module)):
            ours[module, i], wanted[module, i] = values[i], value
    assert len(wanted) >= len(plain)
    assert_gradients_close(ours, wanted)


@pytest.mark.parametrize("name", ["dblock_down_sn", "sngan32 discriminator"])
def test_power_iterations_of_a_training_pass_equal_mimicry(name):
    recorded = Recorded(name)
    network = recorded.network()
    network(recorded.inputs, training=True)
    for layer, module in paired(network, recorded.weights):
        assert_close(layer.u, recorded.out(f"after_train/{module}.weight_u"), 1e-5)


def test_sizes_of_the_paper_s_residual_networks():
    generator = sngan_generator((32, 32, 3))  # Table 4
    block = 2 * (256 * 256 * 9 + 256) + (256 * 256 + 256) + 2 * 2 * 256
    trained = 128 * 4096 + 4096 + 3 * block + 2 * 256 + 256 * 3 * 9 + 3
    assert trained == 4_276_739
    assert generator.count_params() == trained + 7 * 2 * 256  # running statistics
    discriminator = sngan_discriminator((32, 32, 3))
    conv = 128 * 128 * 9 + 128
    first = (3 * 128 * 9 + 128) + conv + (3 * 128 + 128)
    second = 2 * conv + (128 * 128 + 128)
    trained = sum(np.prod(v.shape) for v in discriminator.trainable_variables)
    assert trained == first + second + 4 * conv + 128 + 1 == 1_053_825
    assert discriminator.layers[-4].output.shape == (None, 8, 8, 128)


def test_sizes_of_the_conditional_networks():
    def trained(network):
        return sum(np.prod(v.shape) for v in network.trainable_variables)

    shape = (32, 32, 3)
    more = trained(sngan_generator(shape, 16, 8, 10)) - trained(
        sngan_generator(shape, 16, 8)
    )
    assert more == 6 * 2 * 8 * (10 - 1)  # six norms in blocks; the last stays plain
    more = trained(sngan_discriminator(shape, 8, 10)) - trained(
        sngan_discriminator(shape, 8)
    )
    assert more == 10 * 8
    more = trained(sngan_conv_generator(shape, 16, 2, 10)) - trained(
        sngan_conv_generator(shape, 16, 2)
    )
    assert more == 2 * (16 + 8 + 4 + 2) * (10 - 1)
    more = trained(sngan_conv_discriminator(shape, 2, 10)) - trained(
        sngan_conv_discriminator(shape, 2)
    )
    assert more == 10 * 4 * 4 * 16


def test_sizes_of_the_paper_s_plain_networks():
    generator = sngan_conv_generator((32, 32, 3))  # Table 3
    discriminator = sngan_conv_discriminator((32, 32, 3))

    def conv(side, inputs, outputs):
        return side * side * inputs * outputs + outputs

    norms = 512 + 256 + 128 + 64
    trained = 128 * 8192 + 8192 + conv(4, 512, 256) + conv(4, 256, 128)
    trained += conv(4, 128, 64) + conv(3, 64, 3) + 2 * norms
    assert generator.count_params() == trained + 2 * norms
    trained = conv(3, 3, 64) + conv(4, 64, 64) + conv(3, 64, 128) + conv(4, 128, 128)
    trained += conv(3, 128, 256) + conv(4, 256, 256) + conv(3, 256, 512)
    trained += 4 * 4 * 512 + 1
    shapes = [v.shape for v in discriminator.trainable_variables]
    assert sum(np.prod(s) for s in shapes) == trained == 2_935_873


def block_shapes(network):
    """(rows, columns, channels) after each residual block."""
    adds = [x for x in network.layers if isinstance(x, keras.layers.Add)]
    return [x.output.shape[1:] for x in adds]


def conv_size(side, inputs, outputs):
    return side * side * inputs * outputs + outputs


LARGE = [
    # Table 5, then the authors' gen_models/resnet_64.py and dis_models/snresnet_64.py
    (
        48,
        (6, 6, 512),
        [(12, 12, 256), (24, 24, 128), (48, 48, 64)],
        [(24, 24, 64), (12, 12, 128), (6, 6, 256), (3, 3, 512), (3, 3, 1024)],
    ),
    (
        64,
        (4, 4, 1024),
        [(8, 8, 512), (16, 16, 256), (32, 32, 128), (64, 64, 64)],
        [(32, 32, 64), (16, 16, 128), (8, 8, 256), (4, 4, 512), (2, 2, 1024)],
    ),
]


@pytest.mark.parametrize(("size", "start", "ups", "downs"), LARGE)
def test_sizes_of_the_networks_at_48_and_64(size, start, ups, downs):
    generator = sngan_generator((size, size, 3))
    assert generator.layers[2].output.shape[1:] == start
    assert block_shapes(generator) == ups
    side, _, inputs = start
    trained = 128 * side * side * inputs + side * side * inputs
    for *_, outputs in ups:
        trained += conv_size(3, inputs, outputs) + conv_size(3, outputs, outputs)
        trained += conv_size(1, inputs, outputs) + 2 * inputs + 2 * outputs
        inputs = outputs
    trained += 2 * inputs + conv_size(3, inputs, 3)
    shapes = [v.shape for v in generator.trainable_variables]
    assert sum(np.prod(s) for s in shapes) == trained

    discriminator = sngan_discriminator((size, size, 3))
    assert block_shapes(discriminator) == downs
    trained = conv_size(3, 3, 64) + conv_size(3, 64, 64) + conv_size(1, 3, 64)
    inputs = 64
    for *_, outputs in downs[1:]:
        trained += conv_size(3, inputs, inputs) + conv_size(3, inputs, outputs)
        trained += conv_size(1, inputs, outputs)
        inputs = outputs
    trained += 1024 + 1
    shapes = [v.shape for v in discriminator.trainable_variables]
    assert sum(np.prod(s) for s in shapes) == trained


def test_shapes_at_128():
    """Table 6, with 2 for 64 channels: 1024-1024-512-256-128-64 and back."""
    generator = sngan_generator((128, 128, 3), 4, width=2)
    assert generator.layers[2].output.shape == (None, 4, 4, 32)
    assert [c for *_, c in block_shapes(generator)] == [32, 16, 8, 4, 2]
    shapes = block_shapes(sngan_discriminator((128, 128, 3), width=2))
    assert [c for *_, c in shapes] == [2, 4, 8, 16, 32, 32]
    assert [side for side, *_ in shapes] == [64, 32, 16, 8, 4, 4]


def test_growth_can_be_chosen():
    generator = sngan_generator((64, 64, 3), 4, width=2, growth=1)
    assert {c for *_, c in block_shapes(generator)} == {2}
    discriminator = sngan_discriminator((32, 32, 3), width=2, growth=3)
    assert [c for *_, c in block_shapes(discriminator)] == [2, 6, 18, 54]


@pytest.mark.parametrize(
    ("shape", "start", "downs"),
    [
        ((8, 8, 1), (4, 4), 1),
        ((28, 28, 1), (7, 7), 2),
        ((32, 48, 3), (4, 6), 2),
        ((40, 40, 3), (5, 5), 3),
        ((48, 64, 3), (6, 8), 4),
        ((56, 56, 1), (7, 7), 3),
        ((64, 64, 3), (4, 4), 5),
        ((64, 80, 1), (4, 5), 4),
    ],
)
def test_image_sizes(shape, start, downs):
    generator = sngan_generator(shape, 4, width=2)
    assert generator.layers[2].output.shape[1:3] == start
    assert generator.output.shape == (None, *shape)
    discriminator = sngan_discriminator(shape, width=2)
    pools = [
        x for x in discriminator.layers if isinstance(x, keras.layers.AveragePooling2D)
    ]
    assert len(pools) == downs
    image = generator(np.zeros((2, 4), "float32"))
    assert np.abs(image).max() <= 1
    assert discriminator(image).shape == (2, 1)


def test_plain_networks_crop_and_round_up():
    generator = sngan_conv_generator((28, 28, 1), 4, width=2)  # 4, 7, 14, 28
    assert generator(np.zeros((2, 4), "float32")).shape == (2, 28, 28, 1)
    discriminator = sngan_conv_discriminator((28, 28, 1), width=2)
    assert discriminator.get_layer("logit").kernel.shape == (4 * 4 * 16, 1)


@pytest.mark.parametrize("size", [(30, 30), (7, 7), (27, 28), (4, 4)])
def test_sizes_that_cannot_work(size):
    for build in (sngan_generator, sngan_discriminator):
        with pytest.raises(ValueError, match=r"halve evenly .* got \(\d+, \d+\)"):
            build((*size, 3))


DISCRIMINATORS = [sngan_discriminator, sngan_conv_discriminator]


@pytest.mark.parametrize("build", DISCRIMINATORS)
def test_projection_is_linear_in_the_class_s_embedding(build):
    discriminator = build((8, 8, 1), width=3, num_classes=4)
    embedding = discriminator.get_layer("class_embedding")
    first, second = tf.random.stateless_normal((2, embedding.output_dim), (0, 0))
    embedding.embeddings.assign(
        tf.stack([first, second, 0.5 * first - 3 * second, tf.zeros_like(first)])
    )
    images = tf.random.stateless_normal((5, 8, 8, 1), (0, 1))

    def logits(label):
        return discriminator([images, tf.fill((5,), label)]).numpy()

    projections = [logits(label) - logits(3) for label in range(3)]
    assert np.abs(projections[0]).min() > 1e-4
    np.testing.assert_allclose(
        projections[2],
        0.5 * projections[0] - 3 * projections[1],
        atol=1e-5 * np.abs(projections[2]).max(),
    )
    # without a class vector, the logit of an unconditional network
    plain = build((8, 8, 1), width=3)
    kept = [v for v in discriminator.weights if "class_embedding" not in v.path]
    plain.set_weights([v.numpy() for v in kept])
    np.testing.assert_allclose(plain(images), logits(3), rtol=1e-5)


@pytest.mark.parametrize("build", [sngan_generator, sngan_conv_generator])
def test_the_label_reaches_the_image(build):
    generator = build((8, 8, 1), 4, width=3, num_classes=3)
    for layer in generator.layers:
        if isinstance(layer, ConditionalBatchNorm):
            layer.beta.assign(tf.random.stateless_normal(layer.beta.shape, (0, 0)))
    z = tf.random.stateless_normal((1, 4), (0, 0))
    images = generator([tf.repeat(z, 3, 0), tf.constant([0, 1, 0])]).numpy()
    np.testing.assert_array_equal(images[0], images[2])
    assert np.abs(images[0] - images[1]).max() > 1e-3


@pytest.mark.parametrize("build", DISCRIMINATORS)
def test_every_layer_of_a_critic_is_spectrally_normalised(build):
    network = build((8, 8, 1), width=4, num_classes=3)
    weighted = [x for x in network.layers if x.weights]
    assert len(weighted) >= 5
    for layer in weighted:
        layer.power_iterations = 100
        kernel = layer.normalized(training=True).numpy()
        if layer.name != "class_embedding":
            kernel = kernel.reshape(-1, kernel.shape[-1])
        assert abs(np.linalg.svd(kernel, compute_uv=False)[0] - 1) < 0.01


def test_first_weights():
    """Uniform within gain √(6 / (fan_in + fan_out)), gain √2 inside of blocks."""
    network = sngan_discriminator((8, 8, 3), width=32, num_classes=40)
    convs = [x for x in network.layers if isinstance(x, keras.layers.Conv2D)]
    gains = []
    for layer in convs:
        *sides, inputs, outputs = layer.kernel.shape
        limit = (6 / (np.prod(sides) * (inputs + outputs))) ** 0.5
        gains.append(np.abs(layer.kernel).max() / limit)
    convs = [2**0.5 if x.kernel_size == (3, 3) else 1 for x in convs]
    np.testing.assert_allclose(gains, convs, rtol=0.05)
    for name, limit in (("logit", 6 / 33), ("class_embedding", 6 / 72)):
        weight = network.get_layer(name).trainable_weights[0]
        np.testing.assert_allclose(np.abs(weight).max(), limit**0.5, rtol=0.05)
    plain = sngan_conv_discriminator((8, 8, 3), width=16)
    kernels = [v for v in plain.trainable_variables if v.name == "kernel"]
    for kernel in kernels:
        assert abs(np.std(kernel) / 0.02 - 1) < 0.15
    # no two layers start alike
    same = [k.numpy() for k in kernels if k.shape == kernels[0].shape]
    assert len(same) == 1 or np.abs(same[0] - same[1]).max() > 0.01


PAIRS = [
    (sngan_generator, sngan_discriminator),
    (sngan_conv_generator, sngan_conv_discriminator),
]


@pytest.mark.parametrize(("make_generator", "make_discriminator"), PAIRS)
def test_saves_clones_and_runs_mixed(make_generator, make_discriminator, tmp_path):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    generator = make_generator((8, 8, 1), 4, width=4, num_classes=3)
    discriminator = make_discriminator((8, 8, 1), width=4, num_classes=3)
    labels = tf.constant([0, 2])
    z = tf.random.stateless_normal((2, 4), (0, 0))
    images = generator([z, labels], training=True)
    logits = discriminator([images, labels], training=True)
    assert images.dtype == logits.dtype == tf.float32
    for network, x in ((generator, z), (discriminator, images)):
        network.save(tmp_path / "network.keras")
        clone = keras.models.clone_model(network)
        clone.set_weights(network.get_weights())
        for copy in (keras.models.load_model(tmp_path / "network.keras"), clone):
            np.testing.assert_array_equal(copy([x, labels]), network([x, labels]))
