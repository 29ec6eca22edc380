import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, arrays_for
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo import metrics

build_gan, build_cgan, build_cyclegan, build_semi_supervised = (
    SYSTEMS[name].tiny for name in ("GAN", "CGAN", "CycleGAN", "SemiSupervisedGAN")
)
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


def measured(build, **kwargs):
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
        (build_cgan, (IMAGES,), r"batches \(images, labels\), got one"),
        (build_cgan, (IMAGES, LABELS + 0.7), "labels to be integers"),
        (build_cgan, (IMAGES, np.eye(3)[LABELS]), "labels to be integers"),
        (
            build_semi_supervised,
            (IMAGES,),
            r"batches \(images, labels\), got one",
        ),
        (build_semi_supervised, (IMAGES, LABELS[:, None]), "labels to be integers"),
        (build_cyclegan, (IMAGES,), "images_a, images_b"),
        (build_cyclegan, (IMAGES, IMAGES[:, :7]), "for images_b of shape"),
    ],
)
def test_what_cannot_be_measured_by_is_refused(build, parts, message, form):
    model = measured(build)
    with pytest.raises(ValueError, match=message):
        model.evaluate(*form(*parts), verbose=0)


@FORMS
def test_images_up_to_255_are_refused(form):
    model = measured(build_gan)
    errors = ValueError, tf.errors.InvalidArgumentError
    with pytest.raises(errors, match=r"in \[-1, 1\].*127\.5 - 1"):
        model.evaluate(*form(127.5 + 127.5 * IMAGES), verbose=0)


@pytest.mark.parametrize("form", [as_arrays, as_data_set])
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("build", [build_cgan, build_semi_supervised])
def test_labels_that_are_no_class_are_refused(build, jit_compile, form):
    model = measured(build, jit_compile=jit_compile)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels from 0 to 2"):
        model.evaluate(*form(IMAGES, LABELS + 1), verbose=0)


@pytest.mark.parametrize("build", [build_cgan, build_semi_supervised, build_cyclegan])
def test_arrays_pairs_and_data_sets_are_measured_alike(build):
    model = measured(build)
    parts = (IMAGES, -IMAGES) if build is build_cyclegan else (IMAGES, LABELS)
    a, b, c = (
        model.evaluate(*form(*parts), batch_size=size, verbose=0)
        for form, size in ((as_arrays, 4), (as_pair, 4), (as_data_set, None))
    )
    assert a == b == c


def test_three_arrays_are_no_weights_in_validation():
    model = SYSTEMS["FaceCompletion"].tiny()
    model.compile(metrics=[metrics.PeakSignalToNoise()])
    parts = arrays_for(model.batch, 4)
    history = model.fit(parts, validation_data=parts, batch_size=4, verbose=0).history
    assert history["val_psnr"] == model.evaluate(parts, batch_size=4, verbose=0)


def test_more_images_of_one_domain_are_measured():
    data = tf.data.Dataset.zip(batches(IMAGES).batch(2), batches(IMAGES).batch(4))
    model = measured(build_cyclegan)
    model.evaluate(data, verbose=0)
    assert "8 real, 4 fake" in model.protocols()["frechet_pixels"]


@pytest.mark.parametrize("form", [as_arrays, as_data_set])
def test_validation_data_are_looked_at_before_training(form):
    model = measured(build_cgan)
    given = form(IMAGES, LABELS * 0.5)
    data = given if len(given) == 2 else given[0]
    with pytest.raises(ValueError, match="labels to be integers"):
        model.fit(IMAGES, LABELS, validation_data=data, verbose=0)
    assert model.trained_steps == 0


@pytest.mark.parametrize("form", [as_arrays, as_data_set])
def test_real_images_are_looked_at_once_in_the_validation_of_a_fit(form):
    model = measured(build_cgan)
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
    assert seen == [2, 0, 2, 0, 2]


def test_an_evaluation_of_other_images_between_does_not_take_their_place():
    model = measured(build_gan)
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


# What `fit` and `evaluate` take.

WEIGHTS = np.ones(8, "float32")


@pytest.mark.parametrize("build", [build_gan, build_cgan])
def test_weights_of_samples_and_classes_are_refused(build):
    model = measured(build)
    with pytest.raises(TypeError, match="sample_weight is not supported"):
        model.fit(IMAGES, LABELS, sample_weight=WEIGHTS, verbose=0)
    with pytest.raises(TypeError, match="class_weight is not supported"):
        model.fit(IMAGES, LABELS, class_weight={0: 2.0}, verbose=0)
    with pytest.raises(TypeError, match="sample_weight is not supported"):
        model.evaluate(IMAGES, LABELS, sample_weight=WEIGHTS, verbose=0)
    assert model.trained_steps == 0


@pytest.mark.parametrize("form", [as_pair, as_data_set])
@pytest.mark.parametrize("build", [build_gan, build_cgan])
def test_weights_beside_images_and_labels_are_refused(build, form):
    model = measured(build)
    (data,) = form(IMAGES, LABELS, WEIGHTS)
    refused = pytest.raises(TypeError, match="weights are not supported")
    with refused:
        model.fit(data, verbose=0)
    with refused:
        model.evaluate(data, verbose=0)
    with refused:
        model.fit(IMAGES, LABELS, validation_data=data, verbose=0)
    assert model.trained_steps == 0


def test_weights_without_labels_are_refused():
    model = measured(build_gan)
    with pytest.raises(TypeError, match="Sample weights are not supported"):
        model.fit(IMAGES, validation_data=(IMAGES, None, WEIGHTS), verbose=0)
    with pytest.raises(TypeError, match="sample_weight is not supported"):
        model.train_on_batch(IMAGES, sample_weight=WEIGHTS)
    assert model.trained_steps == 0


def test_parts_too_many_or_too_few_are_no_weights():
    model = measured(build_cgan)
    for parts in ((IMAGES,), (IMAGES, LABELS, WEIGHTS, WEIGHTS)):
        with pytest.raises(ValueError, match=r"expects batches \(images, labels\)"):
            model.fit(batches(*parts).batch(4), verbose=0)


def test_data_without_end_need_a_number_of_steps():
    model = measured(build_gan)
    finite, endless = batches(IMAGES).batch(4), batches(IMAGES).batch(4).repeat()
    with pytest.raises(ValueError, match=r"Pass steps_per_epoch="):
        model.fit(endless, verbose=0)
    with pytest.raises(ValueError, match=r"Pass validation_steps="):
        model.fit(finite, validation_data=endless, verbose=0)
    with pytest.raises(ValueError, match=r"Pass steps="):
        model.evaluate(endless, verbose=0)
    assert model.trained_steps == 0
    model.fit(
        endless,
        steps_per_epoch=3,
        validation_data=endless,
        validation_steps=2,
        verbose=0,
    )
    assert model.trained_steps == 3
    assert "8 real, 8 fake" in model.protocols()["frechet_pixels"]
    model.evaluate(endless, steps=1, verbose=0)
    assert "4 real, 4 fake" in model.protocols()["frechet_pixels"]


def of_array(images, folder):
    return images


def of_generator(images, folder):
    spec = tf.TensorSpec(SHAPE, "float32")
    rows = tf.data.Dataset.from_generator(lambda: iter(images), output_signature=spec)
    return of_two_batches(rows)


def of_two_batches(rows):
    return rows.batch(4).apply(tf.data.experimental.assert_cardinality(2))


def of_file(images, folder):
    def read(name):
        values = tf.io.decode_raw(tf.io.read_file(name), "float32")
        return tf.data.Dataset.from_tensor_slices(tf.reshape(values, (-1, *SHAPE)))

    (folder / "images").write_bytes(images.tobytes())
    names = tf.data.Dataset.from_tensors(str(folder / "images"))
    return of_two_batches(names.flat_map(read))


@pytest.mark.parametrize("data_of", [of_array, of_generator, of_file])
def test_data_with_other_contents_are_measured_anew(data_of, tmp_path):
    model = measured(build_gan)
    images = IMAGES.copy()
    data = data_of(images, tmp_path)
    first = model.evaluate(data, verbose=0)
    assert model.evaluate(data, verbose=0) == first
    images *= 0.5
    if data_of is of_file:
        data_of(images, tmp_path)
    second = model.evaluate(data, verbose=0)
    assert second != first
    fresh = build_gan()
    fresh.set_weights(model.get_weights())
    fresh.compile(metrics=[SeenFrechet()])
    assert second == fresh.evaluate(data, verbose=0)


def test_a_feature_network_with_other_weights_measures_anew():
    x = keras.Input(SHAPE)
    network = keras.Model(x, keras.layers.Dense(3)(keras.layers.Flatten()(x)))
    model = build_gan()
    model.compile(metrics=[gan_zoo.metrics.FrechetDistance(network)])
    (first,) = model.evaluate(IMAGES, verbose=0)
    network.set_weights([2 * weight for weight in network.get_weights()])
    # A Fréchet distance is a squared length.
    np.testing.assert_allclose(model.evaluate(IMAGES, verbose=0), [4 * first], 1e-5)


@pytest.mark.parametrize("held_out", ["validation_data", "validation_split"])
def test_each_fit_looks_at_its_own_images(held_out):
    model = measured(build_gan)
    (metric,) = model.image_metrics
    for images in (IMAGES, IMAGES / 2):
        given = {"validation_data": images, "validation_split": 0.5}[held_out]
        model.fit(images, batch_size=2, verbose=0, **{held_out: given})
        assert int(metric.seen.value) > 0


def test_images_from_zero_to_one_in_a_data_set_are_warned_of_once():
    model = measured(build_gan)
    data = batches(np.abs(IMAGES)).batch(8).repeat(3)
    with pytest.warns(UserWarning, match=r"For images in 0 \.\.\. 1 write 2") as found:
        model.fit(data, epochs=2, verbose=0)
    assert len(found) == 1
    with pytest.warns(UserWarning, match=r"For images in 0 \.\.\. 1 write 2") as found:
        model.evaluate(data, verbose=0)
    assert len(found) == 1


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_images_that_are_no_numbers_are_refused(wrong):
    images = IMAGES.copy()
    images[-1, 0, 0, 0] = wrong
    model = measured(build_gan)
    for method in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match="NaN or infinite"):
            method(images, verbose=0)
        first = batches(images).batch(8)
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=r"of finite numbers.*(nan|inf)"
        ):
            method(first, verbose=0)
        assert model.trained_steps == 0
    later = batches(images).batch(4)
    for method in (model.fit, model.evaluate):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Expected images"):
            method(later, verbose=0)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_a_generator_of_nan_has_no_numbers():
    """Not those of a bad generator; the share of readable digits is 0."""
    gan = build_gan()
    of_network = [
        metrics.FrechetDistance("mnist"),
        metrics.ClassifierScore("mnist", splits=1),
        metrics.SlicedWasserstein("mnist"),
    ]
    gan.compile(metrics=[*of_network, metrics.ConfidentShare()])
    assert np.isfinite(gan.evaluate(IMAGES, verbose=0)).all()
    network = gan.sampling_networks["generator"]
    network.set_weights([w * np.nan for w in network.get_weights()])
    numbers = gan.evaluate(IMAGES, verbose=0, return_dict=True)
    assert numbers.pop("confident_mnist") == 0.0
    assert np.isnan([*numbers.values()]).all(), numbers
