import keras
import numpy as np
import pytest

from gan_zoo.metrics import gan_train_test, small_classifier


def images_of(labels, seed):
    """Class c is a flat image of brightness c − 1, with some noise."""
    noise = np.random.default_rng(seed).normal(0, 0.2, (len(labels), 4, 4, 1))
    return (np.asarray(labels)[:, None, None, None] - 1 + noise).astype("float32")


def real(n, seed):
    labels = np.arange(n) % 3
    return images_of(labels, seed), labels


class Painter:
    """Draws what is asked for; `as_drawn` says which class each class comes out as."""

    num_classes = 3

    def __init__(self, as_drawn=(0, 1, 2)):
        self.as_drawn = np.array(as_drawn)

    def generate(self, n, seed, labels):
        assert len(labels) == n
        return images_of(self.as_drawn[labels], 100 + seed)


def nearest_mean(image_shape, num_classes, seed):
    """Softmax regression on brightness and its square; learns in a few epochs."""
    images = keras.Input(image_shape)
    mean = keras.layers.GlobalAveragePooling2D()(images)
    x = keras.layers.Concatenate()([mean, mean * mean])
    logits = keras.layers.Dense(num_classes, kernel_initializer="zeros")(x)
    network = keras.Model(images, logits, name="nearest_mean")
    network.compile(
        keras.optimizers.Adam(0.3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,  # so few steps take less time than their graph
    )
    return network


def judged(painter, classifier=nearest_mean, **settings):
    settings = {"epochs": 5, "batch_size": 16, "verbose": 0} | settings
    return gan_train_test(painter, real(96, 0), real(60, 1), classifier, **settings)


def test_samples_like_the_data_do_as_well_as_the_data():
    result = judged(Painter())
    assert result.baseline > 0.97
    assert result.gan_train > 0.97
    assert result.gan_test > 0.97
    assert "nearest_mean of 9 weights, 5 epochs of batches of 16" in result.protocol
    assert "trained on 96 real and as many generated" in result.protocol
    assert "tested on 60 real ones" in result.protocol


def test_a_model_that_mixes_up_two_classes_fails_both():
    """Classes 1 and 2 swapped: a third of everything is right, the rest is wrong."""
    result = judged(Painter((0, 2, 1)))
    assert result.baseline > 0.97
    assert result.gan_train == pytest.approx(1 / 3, abs=0.03)
    assert result.gan_test == pytest.approx(1 / 3, abs=0.03)


def test_a_seed_gives_the_same_numbers_again():
    unsure = {"epochs": 1, "batch_size": 48}  # after so few steps, all is possible
    first, again, other = (judged(Painter(), seed=s, **unsure) for s in (0, 0, 1))
    assert first == again
    assert 0.3 < first.baseline < 1
    assert other.protocol == first.protocol.replace("seed 0", "seed 1")


def test_the_default_classifier_starts_from_its_seed_and_shows_progress(capsys):
    result = judged(Painter(), None, epochs=1, verbose=1)
    assert "2/2" in capsys.readouterr().out  # an epoch for each of two classifiers
    assert "small_classifier of 93,731 weights" in result.protocol
    weights = [small_classifier((4, 4, 1), 3, seed).get_weights() for seed in (0, 0, 1)]
    for a, b, c in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.ndim == 1 or not np.array_equal(a, c)


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"train.*\(4, 4, 1\) and \(1,\)"):
        gan_train_test(Painter(), (np.zeros((4, 4, 1)), [0]), real(60, 1))
    with pytest.raises(ValueError, match=r"batch of 500 .*got 96"):
        judged(Painter(), batch_size=500)
