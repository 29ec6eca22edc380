import gzip
import json

import numpy as np
import pytest

from gan_zoo.features import mnist, mnist_training


@pytest.fixture
def mnist_dir(tmp_path):
    """Ten bright bars instead of ten digits, in the four files of MNIST."""
    rng = np.random.default_rng(0)
    for part, n in (("train", 400), ("t10k", 50)):
        labels = rng.integers(0, 10, n).astype("uint8")
        images = np.zeros((n, 28, 28), "uint8")
        for image, label in zip(images, labels, strict=True):
            image[2 * label + 3 : 2 * label + 6, 4:24] = 255
        header = bytes(16)
        with gzip.open(tmp_path / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(header + images.tobytes())
        with gzip.open(tmp_path / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(header[:8] + labels.tobytes())
    return tmp_path


def test_reads_the_four_files(mnist_dir):
    (images, labels), (test_images, test_labels) = mnist_training.read_mnist(mnist_dir)
    assert images.shape == (400, 28, 28, 1)
    assert test_images.shape == (50, 28, 28, 1)
    assert images.dtype == "float32"
    assert (images.min(), images.max()) == (-1, 1)
    assert len(labels) == 400
    assert set(test_labels) <= set(range(10))


def test_not_digits_are_images_of_the_same_range():
    digits = np.random.default_rng(1).uniform(-1, 1, (80, 28, 28, 1)).astype("float32")
    found = mnist_training.not_digits(digits, np.random.default_rng(2))
    assert found.shape == digits.shape
    assert found.dtype == "float32"
    assert -1 <= found.min() < found.max() <= 1
    again = mnist_training.not_digits(digits, np.random.default_rng(2))
    np.testing.assert_array_equal(found, again)
    # Shuffled tiles at full contrast keep the pixels and lose the digit.
    kept = [
        np.allclose(np.sort(a.ravel()), np.sort(b.ravel()), atol=1e-6)
        for a, b in zip(found, digits, strict=True)
    ]
    assert 3 < sum(kept) < 20
    assert not any(np.allclose(a, b) for a, b in zip(found, digits, strict=True))


def test_same_seed_same_network(mnist_dir):
    (images, labels), _ = mnist_training.read_mnist(mnist_dir)
    one, two = (
        mnist_training.train(images, labels, 1, seed=3, batch_size=80) for _ in range(2)
    )
    untrained = mnist.build()
    for a, b, zero in zip(
        one.trainable_variables,
        two.trainable_variables,
        untrained.trainable_variables,
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
        assert not np.array_equal(a, zero)


def test_save_and_load(tmp_path):
    network, record = mnist.load()
    mnist.save(network, {**record, "seed": 9}, tmp_path / "w.npz")
    again, read = mnist.load(tmp_path / "w.npz")
    assert read == {**json.loads(json.dumps(record)), "seed": 9}
    for a, b in zip(network.variables, again.variables, strict=True):
        np.testing.assert_array_equal(a, b)
