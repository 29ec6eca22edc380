import warnings

import keras
import numpy as np
import pytest
from inputs.systems import TextGAN, data_for

import gan_zoo
from gan_zoo.callbacks import Collapse, CollapseWarning
from gan_zoo.callbacks.collapse_warning import nearest_other, spread
from gan_zoo.networks.gan import mlp


def test_the_statistics_by_hand():
    points = np.array([[0.0, 0.0], [0.0, 3.0], [4.0, 0.0]])
    # Variances 32 / 9 and 2; nearest others at 3, 3 and 4.
    assert spread(points) == pytest.approx(32 / 9 + 2)
    assert nearest_other(points) == 3.0


class Drawing(keras.Model):
    """A model whose images the test sets."""

    discriminator = None
    trained_steps = 0

    def generate(self, n, seed):
        return self.images[:n]


def watching(real, **options):
    callback = CollapseWarning(real, **options)
    callback.set_model(Drawing())
    return callback


def epochs(callback, *images):
    """How many of the epochs warned, by number."""
    warned = []
    for epoch, drawn in enumerate(images):
        callback.model.images = drawn
        callback.model.trained_steps += 100
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            callback.on_epoch_end(epoch, {})
        warned += [epoch] if any(w.category is Collapse for w in caught) else []
    return warned


REAL = np.random.default_rng(0).uniform(-1, 1, (64, 4, 4, 1))
GOOD = np.random.default_rng(1).uniform(-1, 1, (64, 4, 4, 1))
ONE = GOOD[:1] + 1e-3 * REAL
FOUR = np.repeat(GOOD[:4], 16, axis=0)  # four images, again and again


@pytest.mark.parametrize("bad", [ONE, FOUR])
def test_warns_after_patience_once_until_recovered(bad):
    callback = watching(REAL, patience=2)
    assert epochs(callback, GOOD, bad, bad, bad, bad, GOOD, bad, bad) == [2, 7]


def test_a_start_is_no_collapse_but_a_thousand_steps_are():
    assert epochs(watching(REAL), *[ONE] * 9) == []
    assert epochs(watching(REAL), *[ONE] * 12) == [10]


def test_nan_is_neither_alike_nor_different():
    nan = np.full_like(GOOD, np.nan)
    assert epochs(watching(REAL, patience=2), GOOD, ONE, nan, ONE) == [3]
    # Nor was a run that gave nothing but NaN ever higher.
    assert epochs(watching(REAL), nan, *[ONE] * 8) == []


def test_ratios_are_one_for_other_real_images():
    callback = watching(REAL)
    callback.model.images = GOOD
    assert callback.ratios() == pytest.approx(
        {"sample_spread": 1.0, "sample_distance": 1.0}, abs=0.05
    )


def test_real_images_may_come_as_a_data_set_with_labels():
    _, test = gan_zoo.data.load("mnist_sample", 20, labels=True)
    first = [images for images, _ in test.take(2).as_numpy_iterator()]
    assert CollapseWarning(test, 30).real.shape == (30, 28, 28, 1)
    np.testing.assert_array_equal(
        CollapseWarning(test, 30).real, np.concatenate(first)[:30]
    )


def test_equal_real_images_are_refused():
    with pytest.raises(ValueError, match="images that differ"):
        CollapseWarning(np.zeros((4, 2)))
    with pytest.raises(ValueError, match="at least 2 real images, got 1"):
        CollapseWarning(np.zeros((1, 2)))


def trained(cls, **options):
    """A run on a ring of Gaussians: (logs of all epochs, whether it warned)."""
    gan = cls(
        (2,),
        16,
        generator=mlp(16, 2, 128, 3, seed=0),
        discriminator=mlp(2, 1, 128, 3, seed=1),
        critic_steps=5,
        prior="normal",
        **options,
    )
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, 0.0, 0.9),
        g_optimizer=keras.optimizers.Adam(1e-3, 0.0, 0.9),
        steps_per_execution=10,
    )
    data, _ = gan_zoo.data.toy.batches("ring", 64, 0, start=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        logs = gan.fit(
            data,
            steps_per_epoch=100,
            epochs=12,
            verbose=0,
            callbacks=[CollapseWarning(gan_zoo.data.toy.sample("ring", 64))],
        ).history
    return logs, any(w.category is Collapse for w in caught)


def test_texts_are_taken_from_the_data():
    model = TextGAN.build()
    model.compile()
    train = data_for(model)
    callback = CollapseWarning(train, count=6)
    logs = model.fit(train, verbose=0, callbacks=[callback]).history
    texts = [text for batch in train for text in batch["texts"].numpy()][:6]
    fake = model.generate(6, seed=0, texts=texts)
    expected = spread(fake) / spread(callback.real)
    assert logs["sample_spread"] == [pytest.approx(expected)]


def test_an_array_without_texts_is_refused_before_training():
    model = TextGAN.build()
    model.compile()
    images = np.random.default_rng(0).uniform(size=(6, 4, 4, 1))
    with pytest.raises(TypeError, match=r"data set with \['texts'\] for TextGAN"):
        model.fit(data_for(model), verbose=0, callbacks=[CollapseWarning(images)])
    assert model.trained_steps == 0


def test_a_run_that_collapses_is_found():
    """Five unregularised steps of D for one of G: G ends on one Gaussian of eight."""
    logs, warned = trained(gan_zoo.GAN)
    assert warned
    assert logs["sample_spread"][-1] < 0.05
    assert logs["score_spread"][-1] < 0.25


def test_a_healthy_run_gets_no_warning():
    logs, warned = trained(gan_zoo.WGANGP, gradient_penalty=0.1)
    assert not warned
    assert logs["sample_spread"][-1] > 0.5


def test_watching_changes_nothing():
    """Not even what batch norm remembers."""

    def weights(callbacks):
        keras.utils.set_random_seed(0)
        normed = keras.Sequential(
            [
                keras.Input((4, 4, 1)),
                keras.layers.Flatten(),
                keras.layers.Dense(3),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(1),
            ]
        )
        gan = gan_zoo.GAN((4, 4, 1), 3, discriminator=normed)
        gan.compile()
        images = REAL.astype("float32")
        gan.fit(images, batch_size=16, epochs=2, verbose=0, callbacks=callbacks)
        return gan.get_weights()

    for with_it, without in zip(
        weights([CollapseWarning(REAL)]), weights([]), strict=True
    ):
        np.testing.assert_array_equal(with_it, without)
