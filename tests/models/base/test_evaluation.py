import keras
import numpy as np
import pytest
import tensorflow as tf
from models.systems import (
    SHAPE,
    build_cgan,
    build_cyclegan,
    build_gan,
    build_semi_supervised,
)

import gan_zoo

IMAGES = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype("float32")
LABELS = np.arange(8) % 3


class SeenFrechet(gan_zoo.metrics.FrechetDistance):
    """Counts the batches of real images that it looks at."""

    def __init__(self):
        x = keras.Input(SHAPE)
        pixels = keras.Model(x, keras.layers.Flatten()(x), name="pixels")
        super().__init__(pixels)
        self.seen = self.add_fake_statistic((), "seen", "int32")

    def update_real(self, images):
        self.seen.assign_add(1)
        super().update_real(images)


def judged(build, **kwargs):
    model = build()
    model.compile(metrics=[SeenFrechet()], **kwargs)
    return model


def batches(*parts):
    return tf.data.Dataset.from_tensor_slices(parts if len(parts) > 1 else parts[0])


def as_arrays(*parts):
    return parts


def as_pair(*parts):
    return (parts,) if len(parts) > 1 else parts


def as_data_set(*parts):
    return (batches(*parts).batch(4),)


FORMS = pytest.mark.parametrize("form", [as_arrays, as_pair, as_data_set])


@FORMS
@pytest.mark.parametrize(
    ("build", "parts", "message"),
    [
        (build_gan, ((IMAGES * 100).astype("uint8"),), "got uint8"),
        (build_gan, (IMAGES[:, :7],), "built for images of shape"),
        (build_cgan, (IMAGES,), r"on \(images, labels\)"),
        (build_cgan, (IMAGES, LABELS + 0.7), "labels to be integers"),
        (build_cgan, (IMAGES, np.eye(3)[LABELS]), "labels to be integers"),
        (build_semi_supervised, (IMAGES,), r"evaluated on \(images, labels\)"),
        (build_semi_supervised, (IMAGES, LABELS[:, None]), "labels to be integers"),
        (build_cyclegan, (IMAGES,), "images_a, images_b"),
        (build_cyclegan, (IMAGES, IMAGES[:, :7]), "domain b"),
    ],
)
def test_what_cannot_be_judged_by_is_refused(build, parts, message, form):
    model = judged(build)
    with pytest.raises(ValueError, match=message):
        model.evaluate(*form(*parts), verbose=0)


@FORMS
def test_images_up_to_255_are_refused(form):
    model = judged(build_gan)
    errors = ValueError, tf.errors.InvalidArgumentError
    with pytest.raises(errors, match=r"values up to.*127\.5 - 1"):
        model.evaluate(*form(127.5 + 127.5 * IMAGES), verbose=0)


@pytest.mark.parametrize("form", [as_arrays, as_data_set])
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("build", [build_cgan, build_semi_supervised])
def test_labels_that_are_no_class_are_refused(build, jit_compile, form):
    model = judged(build, jit_compile=jit_compile)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels from 0 to 2"):
        model.evaluate(*form(IMAGES, LABELS + 1), verbose=0)


@pytest.mark.parametrize("build", [build_cgan, build_semi_supervised, build_cyclegan])
def test_arrays_pairs_and_data_sets_are_judged_alike(build):
    model = judged(build)
    parts = (IMAGES, -IMAGES) if build is build_cyclegan else (IMAGES, LABELS)
    a, b, c = (
        model.evaluate(*form(*parts), batch_size=size, verbose=0)
        for form, size in ((as_arrays, 4), (as_pair, 4), (as_data_set, None))
    )
    assert a == b == c


def test_more_images_of_one_domain_are_judged():
    data = tf.data.Dataset.zip(batches(IMAGES).batch(2), batches(IMAGES).batch(4))
    model = judged(build_cyclegan)
    model.evaluate(data, verbose=0)
    assert "8 real, 4 fake" in model.protocols()["frechet_pixels"]


@pytest.mark.parametrize("form", [as_arrays, as_data_set])
def test_validation_data_are_looked_at_before_training(form):
    model = judged(build_cgan)
    given = form(IMAGES, LABELS * 0.5)
    data = given if len(given) == 2 else given[0]
    with pytest.raises(ValueError, match="labels to be integers"):
        model.fit(IMAGES, LABELS, validation_data=data, verbose=0)
    assert model.trained_steps == 0


@pytest.mark.parametrize("form", [as_arrays, as_data_set])
def test_real_images_are_looked_at_once_in_validation_and_evaluation(form):
    """The metrics know the user's own objects again, whoever hands them on."""
    model = judged(build_cgan)
    (metric,) = model.image_metrics
    given = form(IMAGES, LABELS)
    data = given if len(given) == 2 else given[0]
    options = {"verbose": 0} | ({"batch_size": 4} if form is as_arrays else {})
    seen = []

    def look(*_):
        seen.append(int(metric.seen.value))

    watch = keras.callbacks.LambdaCallback(on_epoch_end=look)
    for _ in range(2):
        model.fit(*given, epochs=2, validation_data=data, callbacks=[watch], **options)
    model.evaluate(*given, **options)
    look()
    assert seen == [2, 0, 0, 0, 0]


def test_an_evaluation_of_other_images_between_does_not_take_their_place():
    model = judged(build_gan)
    (metric,) = model.image_metrics
    other = batches(-IMAGES).batch(4)
    between = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: model.evaluate(other, verbose=0)
    )
    data = batches(IMAGES).batch(4)
    seen = []
    each = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: seen.append(int(metric.seen.value))
    )
    model.fit(
        data, epochs=2, validation_data=data, callbacks=[each, between], verbose=0
    )
    assert seen == [2, 2]


@pytest.mark.parametrize(
    "options", [{"validation_data": IMAGES}, {"validation_split": 0.5}]
)
def test_validation_without_metrics_is_refused_before_training(options):
    model = build_gan()
    model.compile()
    with pytest.raises(ValueError, match="Pass metrics to compile"):
        model.fit(IMAGES, verbose=0, **options)
    assert model.trained_steps == 0
