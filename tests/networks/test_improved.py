import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.layers import WeightNormConv2D
from gan_zoo.networks.improved import (
    improved_discriminator,
    semi_supervised_classifier,
    semi_supervised_generator,
)


def test_logits_are_read_off_the_features():
    classifier = semi_supervised_classifier((6, 5, 2), 4, (12, 7))
    images = tf.random.stateless_uniform((9, 6, 5, 2), (0, 1), -1, 1)
    logits, features = classifier(images)
    assert np.min(features) == 0  # rectified
    last = classifier.get_layer("class_logits")
    wanted = features @ last.normalized() + last.bias
    np.testing.assert_allclose(logits, wanted, atol=1e-5)


def test_noise_stands_between_features_and_logits_in_training():
    classifier = semi_supervised_classifier((6, 5, 2), 4, (12, 7))
    images = tf.zeros((500, 6, 5, 2))
    with backend.draws((0, 0)):
        logits, features = classifier(images, training=True)
    last = classifier.get_layer("class_logits")
    difference = logits - (features @ last.normalized() + last.bias)
    lengths = np.linalg.norm(last.normalized(), axis=0)
    np.testing.assert_allclose(np.std(difference, axis=0), 0.5 * lengths, rtol=0.1)


def test_only_the_last_layer_s_lengths_are_trained():
    classifier = semi_supervised_classifier((4, 4, 1), 3, (8, 8))
    scales = [v.path for v in classifier.trainable_variables if v.name == "scale"]
    assert scales == ["class_logits/scale"]
    conv = improved_discriminator((9, 9, 1), width=2)
    assert sum(isinstance(x, WeightNormConv2D) for x in conv.layers) == 9
    assert not [v for v in conv.trainable_variables if v.name == "scale"]


def test_generator_s_images_reach_from_black_to_white():
    generator = semi_supervised_generator((3, 4, 1), 5, 8)
    last = next(x for x in generator.layers if hasattr(x, "normalized"))
    last.bias.assign(np.array([-50.0, 0.0, 50.0] * 4))
    last.scale.assign(np.zeros(12))
    image = generator(tf.zeros((1, 5)))[0, ..., 0]
    np.testing.assert_allclose(np.ravel(image), [-1, 0, 1] * 4, atol=1e-6)


@pytest.mark.parametrize("shape", [(9, 12, 1), (28, 28, 1), (32, 32, 3)])
def test_discriminator_takes_any_size(shape):
    discriminator = improved_discriminator(shape, width=2, kernels=5)
    assert discriminator(keras.ops.zeros((2, *shape))).shape == (2, 1)
    assert discriminator.layers[-1].kernel.shape == (2 * 2 + 5, 1)


def test_discriminator_refuses_images_too_small():
    with pytest.raises(ValueError, match="9 × 9"):
        improved_discriminator((8, 12, 1))
