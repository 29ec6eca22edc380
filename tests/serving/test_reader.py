import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo.networks import gmmn, improved, vae
from gan_zoo.networks.gan import mlp
from gan_zoo.serving import export, load
from gan_zoo.serving.reader import PIECE, Reader, reader_endpoints

SHAPE = (8, 8, 1)


@pytest.fixture(scope="module")
def classifier():
    return gan_zoo.SemiSupervisedGAN(
        SHAPE,
        5,
        num_classes=3,
        generator=improved.semi_supervised_generator(SHAPE, 5, 16),
        discriminator=improved.semi_supervised_classifier(SHAPE, 3, (16, 8)),
    )


def some_bytes(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *SHAPE)).astype("uint8")


def as_floats(images):
    return images / np.float32(127.5) - 1


def test_classes_of_a_classifier_that_also_samples(classifier, tmp_path):
    model = load(export(classifier, tmp_path / "1", max_images=2 * PIECE))
    assert set(model.card["endpoints"]) == {
        "serving_default", "generate", "generate_png", "classify"
    }  # fmt: skip
    images = some_bytes(PIECE + 3)  # more than one piece
    probabilities = model.call("classify", images=images)["probabilities"]
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-6)
    classes = classifier.predict_classes(as_floats(images))
    np.testing.assert_array_equal(probabilities.argmax(1), classes)
    assert model.call("classify", images=some_bytes(0))["probabilities"].shape == (0, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"at most {2 * PIECE}"):
        model.call("classify", images=some_bytes(2 * PIECE + 1))
    assert model.generate(3).shape == (3, *SHAPE)


def test_codes_and_reconstructions(tmp_path, as_bytes):
    auto = gan_zoo.Autoencoder(
        SHAPE,
        6,
        encoder=gmmn.autoencoder_encoder(SHAPE, 6, 16),
        decoder=gmmn.autoencoder_decoder(SHAPE, 6, 16),
        ema=0.9,
    )
    model = load(export(auto, tmp_path / "1"))
    images = some_bytes(5)
    codes = auto.encode(as_floats(images))
    for endpoint in ("encode", "serving_default"):
        answer = model.call(endpoint, images=images)["codes"]
        np.testing.assert_allclose(answer, codes, atol=1e-6)
    again = model.call("reconstruct", images=images)["images"]
    assert again.dtype == np.uint8
    np.testing.assert_array_equal(again, as_bytes(auto.reconstruct(as_floats(images))))


def test_codes_of_vectors_are_asked_in_floats():
    code = mlp(2, 3)
    model = gan_zoo.Autoencoder((2,), 3, encoder=code, decoder=mlp(3, 2))
    assert isinstance(model, Reader)
    encode, reconstruct = reader_endpoints(model, 10)
    points = np.random.default_rng(0).normal(size=(4, 2)).astype("float32")
    answer = encode.call(images=tf.constant(points))
    np.testing.assert_allclose(answer["codes"], code(points), atol=1e-6)
    assert reconstruct.call(images=tf.constant(points))["images"].dtype == tf.float32


def test_a_vae_samples_and_reads(tmp_path):
    model = gan_zoo.VAE(
        SHAPE,
        5,
        encoder=vae.vae_encoder(SHAPE, 5, 16),
        decoder=vae.bernoulli_decoder(SHAPE, 5, 16),
    )
    served = load(export(model, tmp_path / "1"))
    assert {"generate", "encode", "reconstruct"} <= set(served.card["endpoints"])
    images = some_bytes(2)
    codes = served.call("encode", images=images)["codes"]
    np.testing.assert_allclose(codes, model.encode(as_floats(images)), atol=1e-6)
    assert served.generate(2, seed=3).shape == (2, *SHAPE)
