import numpy as np
import pytest
import tensorflow as tf
from models.system import IMAGES, data_for
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.gan import mlp


def points(rows):
    return np.random.default_rng(0).normal(size=(rows, 2)).astype("float32")


def tiny(**kwargs):
    return gan_zoo.GAN(
        (2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4), **kwargs
    )


def test_fit_takes_arrays_labels_and_data_sets():
    gan = tiny(critic_steps=2)
    gan.compile()
    gan.fit(points(40), batch_size=8, epochs=2, verbose=0)
    assert int(gan.steps.value) == 4
    pairs = tf.data.Dataset.from_tensor_slices((points(40), np.arange(40)))
    history = gan.fit(pairs.batch(8), verbose=0).history
    assert set(history) == {"d_loss", "g_loss", "real_score", "fake_score"}


def test_fit_refuses_bad_images_and_says_why():
    gan = tiny()
    gan.compile()
    with pytest.raises(ValueError, match=r"built for images of shape \(2,\)"):
        gan.fit(np.zeros((8, 3), "float32"))
    with pytest.raises(ValueError, match=r"127\.5"):
        gan.fit(np.zeros((8, 2), "uint8"))
    gan = tiny(critic_steps=5)
    gan.compile()
    with pytest.raises(ValueError, match=r"set of 2 batch\(es\) holds no full step"):
        gan.fit(points(16), batch_size=8)
    mapped = tf.data.Dataset.from_tensor_slices(points(40)).map(
        tf.negative, num_parallel_calls=2
    )
    with pytest.raises(ValueError, match="drop_remainder=True"):
        gan.fit(mapped.batch(8))


def test_arrays_smaller_than_a_batch_are_refused_with_a_batch_size():
    gan = tiny(critic_steps=5)
    gan.compile()
    message = r"got 16 rows: a batch has 32 rows, and a step takes 5 batch\(es\)\."
    with pytest.raises(ValueError, match=message + r".* batch_size of at most 3, or"):
        gan.fit(points(16), verbose=0)
    gan.fit(points(16), batch_size=3, verbose=0)
    assert gan.trained_steps == 1
    with pytest.raises(ValueError, match=r"got 4 rows.*\. Pass more rows\.$"):
        gan.fit(points(4), verbose=0)


def test_fit_takes_what_numpy_and_keras_hand_out():
    gan = tiny(critic_steps=2)
    gan.compile()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 2))
    images = pixels / 127.5 - 1  # float64
    gan.fit(images, batch_size=8, verbose=0)
    gan.fit((images, np.arange(40)), batch_size=8, verbose=0)
    gan.fit(tf.data.Dataset.from_tensor_slices(images).batch(8), verbose=0)
    assert gan.trained_steps == 2 + 2 + 2
    assert np.isfinite(gan.generate(2)).all()
    square = gan_zoo.GAN((4, 4, 1), 3)
    square.compile()
    with pytest.raises(ValueError, match=r"127\.5 - 1"):
        square.fit(pixels.astype("float32").reshape(5, 4, 4, 1), batch_size=8)
    with pytest.raises(ValueError, match=r"ds\.batch"):
        gan.fit(tf.data.Dataset.from_tensor_slices(images))
    with pytest.raises(TypeError, match="from_generator"):
        gan.fit(iter(images))


# XLA drops checks from a step.
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("system", ["GAN", "WGAN", "CGAN", "SemiSupervisedGAN"])
def test_data_sets_of_images_up_to_255_change_nothing(system, jit_compile):
    gan = SYSTEMS[system].tiny()
    gan.compile(jit_compile=jit_compile)
    before = gan.get_weights()

    def bright(*batch):
        batch = tf.nest.map_structure(
            lambda x: 127.5 * x + 127.5 if x.dtype.is_floating else x, batch
        )
        return batch if len(batch) > 1 else batch[0]

    data = data_for(gan).map(bright)
    wanted = r"\[-1, 1\]\. For 0 .* / 127.5 - 1.* Got: 25\d"
    with pytest.raises(tf.errors.InvalidArgumentError, match=wanted):
        gan.fit(data, verbose=0)
    for a, b in zip(before, gan.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("asked", "tuned"), [(None, False), (True, True)])
def test_data_sets_are_tuned_where_their_options_ask_for_it(asked, tuned):
    """A thread that tunes holds up a `fit` that stops before the data end."""
    options = tf.data.Options()
    if asked is not None:
        options.autotune.enabled = asked
    data = tf.data.Dataset.from_tensor_slices(points(16)).batch(8).with_options(options)
    for fed in (
        backend.feed(tiny().batch, data, None, {})["x"],
        backend.feed(tiny().batch, data, None, {}, joined=2)["x"],
        backend.feed_test(tiny().batch, data, None)[0],
    ):
        assert fed.options().autotune.enabled is tuned


def test_vectors_of_a_data_set_may_be_far_out():
    gan = tiny()
    gan.compile()
    gan.fit(tf.data.Dataset.from_tensor_slices(5 * points(40)).batch(8), verbose=0)
    assert gan.trained_steps == 5


@pytest.mark.parametrize(
    ("system", "fix"),
    [
        ("GAN", r"lambda d: d\['image'\]\)\."),
        ("CGAN", r"lambda d: \(d\['image'\], d\['label'\]\)\)"),
        ("SemiSupervisedGAN", r"lambda d: \(d\['image'\], d\['label'\]\)\)"),
    ],
)
def test_dicts_of_other_names_are_refused_with_the_fix(system, fix):
    """Such as tfds.load gives by default."""
    gan = SYSTEMS[system].tiny()
    gan.compile()
    arrays = {"image": IMAGES, "label": np.zeros(len(IMAGES), "int64")}
    data = tf.data.Dataset.from_tensor_slices(arrays).batch(8)
    if system == "SemiSupervisedGAN":
        data = tf.data.Dataset.zip(data, data)
    with pytest.raises(
        ValueError, match=r"a dict of image, label, which lacks .*" + fix
    ):
        gan.fit(data, verbose=0)
    if system != "SemiSupervisedGAN":
        with pytest.raises(
            ValueError, match=r"a dict of image, label, which lacks image.*d\['image"
        ):
            gan.fit(arrays, verbose=0)


def test_a_dict_of_other_names_is_taken_apart_by_them():
    gan = SYSTEMS["CycleGAN"].tiny()
    gan.compile()
    data = tf.data.Dataset.from_tensor_slices({"horse": IMAGES, "zebra": IMAGES})
    with pytest.raises(ValueError, match=r"\(d\['horse'\], d\['zebra'\]\)"):
        gan.fit(data.batch(2), verbose=0)


def test_data_of_unknown_rank_are_refused_with_the_fix():
    gan = tiny()
    gan.compile()
    data = tf.data.Dataset.from_generator(lambda: iter([points(8)]), tf.float32)
    with pytest.raises(ValueError, match=r"unknown rank.*tf\.ensure_shape"):
        gan.fit(data, verbose=0)


def test_two_data_sets_are_refused_with_the_fix():
    gan = SYSTEMS["SemiSupervisedGAN"].tiny()
    gan.compile()
    data = tf.data.Dataset.from_tensor_slices(IMAGES).batch(8)
    for given in ((data, data), ((data, data),)):
        with pytest.raises(TypeError, match=r"Join them: tf\.data\.Dataset\.zip"):
            gan.fit(*given, verbose=0)


def test_lists_are_refused_with_the_fix():
    gan, labels = SYSTEMS["CGAN"].tiny(), np.arange(240) % 3
    gan.compile()
    for wrong in (list(labels), labels.tolist()):
        with pytest.raises(TypeError, match=r"list of int.*numpy\.asarray"):
            gan.fit(IMAGES, wrong, verbose=0)
    gan = tiny()
    gan.compile()
    for wrong in ([points(8)], list(points(8)), (points(8),) * 4):
        with pytest.raises(TypeError, match=r"(list|tuple) of \d\..*numpy\.stack"):
            gan.fit(wrong, verbose=0)
    with pytest.raises(TypeError, match="got 3 parts"):
        gan.fit((points(8),) * 3, verbose=0)


def test_fit_refuses_what_it_could_only_do_half():
    gan = tiny(critic_steps=2)
    gan.compile(steps_per_execution=2)
    with pytest.raises(ValueError, match="split the arrays"):
        gan.fit(points(40), batch_size=8, validation_split=0.5)
    data = tf.data.Dataset.from_tensor_slices(points(40)).filter(lambda x: x[0] < 9)
    with pytest.raises(ValueError, match="pass steps_per_epoch"):
        gan.fit(data.batch(8))


def test_the_first_batch_is_looked_at_without_reading_it_twice():
    passes = []

    def rows():
        passes.append(len(passes))
        yield from np.random.default_rng(0).random((16, 8, 8, 1), "float32")

    spec = tf.TensorSpec((8, 8, 1), "float32")
    data = tf.data.Dataset.from_generator(rows, output_signature=spec)
    # Two batches are looked at: 8 images tell the range that is meant.
    data = data.batch(4).apply(tf.data.experimental.assert_cardinality(4))
    gan = SYSTEMS["LSGAN"].tiny()
    gan.compile()
    with pytest.warns(UserWarning, match="no number below 0") as warned:
        gan.fit(data, epochs=2, verbose=0)
    assert passes == [0, 1]
    assert len(warned) == 1
