"""The networks against the PyTorch example's own, and what the paper says of them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator


@pytest.mark.parametrize(
    "shape",
    [(28, 28, 1), (32, 32, 3), (64, 64, 3), (48, 80, 4), (7, 9, 1), (30, 45, 2)],
)
def test_any_size_comes_out_as_asked(shape):
    generator = dcgan_generator(shape, 8, width=4)
    images = generator(tf.random.stateless_normal((2, 8), (0, 1)))
    assert images.shape == (2, *shape)
    assert np.abs(images).max() <= 1
    assert dcgan_discriminator(shape, width=4)(images).shape == (2, 1)


def test_the_paper_s_channels_at_64():
    generator = dcgan_generator((64, 64, 3))
    convolutions = [
        layer.filters
        for layer in generator.layers
        if isinstance(layer, keras.layers.Conv2DTranspose)
    ]
    assert convolutions == [512, 256, 128, 3]
    assert generator.get_layer(index=2).target_shape == (4, 4, 1024)


@pytest.mark.parametrize(("level", "side"), [(1, 5), (2, 13), (3, 29)])
def test_a_feature_sees_exactly_its_patch(level, side):
    """Each 5×5 convolution of stride 2 turns a patch of r pixels into 2 (r − 1) + 5."""
    network = dcgan_discriminator((64, 64, 1), width=2)
    maps = [x.output for x in network.layers if isinstance(x, keras.layers.LeakyReLU)]
    features = keras.Model(network.input, maps[level - 1])
    x = tf.random.stateless_normal((1, 64, 64, 1), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        made = features(x)
        middle = made[0, made.shape[1] // 2, made.shape[2] // 2, 0]
    rows, columns = np.nonzero(tape.gradient(middle, x)[0, ..., 0])
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == side
    assert len(rows) == side**2


def test_first_weights():
    network = dcgan_discriminator((32, 32, 3), width=32)
    convolutions = [x for x in network.layers if isinstance(x, keras.layers.Conv2D)]
    for layer in convolutions:
        np.testing.assert_allclose(np.std(layer.kernel), 0.02, rtol=0.05)
    _, second, third = (layer.kernel.numpy().ravel() for layer in convolutions)
    assert not np.isclose(second[:99], third[:99]).all()  # no two layers start alike


def from_torch(file, prefix, network):
    """Loads torch's DCGAN into ours: only names and layouts differ."""
    weights = []
    blocks = sorted(
        {int(k.split(".")[1]) for k in file if k.startswith(f"dcgan64/w/{prefix}/")}
    )
    for block in blocks:
        key = f"dcgan64/w/{prefix}/main.{block}."
        if key + "running_mean" in file:
            names = ("weight", "bias", "running_mean", "running_var")
            weights += [file[key + name] for name in names]
            continue
        kernel = file[key + "weight"].transpose(2, 3, 1, 0)
        if prefix == "G" and block == 0:  # from 1x1: our dense layer
            # (kh, kw, out, in) -> (in, kh * kw * out)
            kernel = kernel.transpose(3, 0, 1, 2).reshape(kernel.shape[3], -1)
        if prefix == "D" and block == blocks[-1]:  # to 1x1: our dense layer
            kernel = kernel.reshape(-1, 1)
        weights.append(kernel)
    for layer in network.layers:
        for variable in layer.weights:
            if "bias" in variable.path.split("/")[-1]:
                variable.assign(np.zeros(variable.shape))
            else:
                variable.assign(weights.pop(0).reshape(variable.shape))
    assert not weights


def images(array):
    return array.transpose(0, 2, 3, 1)


def test_outputs_equal_the_pytorch_example_s():
    with np.load(golden("dcgan.npz")) as npz:
        file = dict(npz)
    generator = dcgan_generator((64, 64, 3), 20, width=8, kernel_size=4)
    discriminator = dcgan_discriminator((64, 64, 3), width=8, kernel_size=4)
    from_torch(file, "G", generator)
    from_torch(file, "D", discriminator)
    z, x = file["dcgan64/in/z"][:, :, 0, 0], images(file["dcgan64/in/x"])
    for training, mode in ((False, "eval"), (True, "train")):
        np.testing.assert_allclose(
            generator(z, training=training),
            images(file[f"dcgan64/out/G_{mode}"]),
            atol=2e-5,
        )
        np.testing.assert_allclose(
            tf.sigmoid(discriminator(x, training=training))[:, 0],
            file[f"dcgan64/out/D_{mode}"],
            atol=2e-5,
        )
