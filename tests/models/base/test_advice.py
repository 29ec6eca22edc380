"""What a message advises is accepted in turn, read from the message where it can be."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import arrays_for
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo.networks.gan import mlp

# Keras warns at the end of data that do not say how long they are.
OF_UNKNOWN_LENGTH = pytest.mark.filterwarnings("ignore:Your input ran out of data")
FAMILIES = ("GAN", "CGAN", "SemiSupervisedGAN", "CycleGAN", "VAE", "Autoencoder")
REFUSED = ValueError, TypeError, tf.errors.InvalidArgumentError
IMAGES = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype("float32")
LABELS = np.arange(8) % 3


def compiled(name="GAN", **kwargs):
    model = SYSTEMS[name].tiny()
    # Eagerly: to compile a step takes longer than these few.
    model.compile(run_eagerly=True, **kwargs)
    return model


def is_image(x):
    return len(x.shape) >= 4 and x.dtype in (tf.float32, np.float32)


def mapped(data, change):
    """Data in which the images are changed, and nothing else."""
    return tf.nest.map_structure(lambda x: change(x) if is_image(x) else x, data)


def refused(model, *data, **kwargs):
    """The message with which `fit` refuses data."""
    with pytest.raises(REFUSED) as caught:
        model.fit(*data, verbose=0, **kwargs)
    assert model.trained_steps == 0
    return str(caught.value)


def followed(model, *data, **kwargs):
    if not isinstance(data[0], tf.data.Dataset):
        kwargs["batch_size"] = 4
    model.fit(*data, verbose=0, **kwargs)
    assert model.trained_steps


IMAGE_ADVICE = {
    "without channels": (
        lambda x: x[..., 0],
        r"Write (images\[\.\.\., None\])",
        lambda x, advice: eval(advice, {"images": x}),
    ),
    "bytes": (
        lambda x: (127.5 * x + 127.5).astype("uint8"),
        r"write (tf\.cast.*127\.5 - 1)",
        lambda x, advice: eval(advice, {"x": x, "tf": tf}).numpy(),
    ),
    "up to 255": (
        lambda x: 127.5 * x + 127.5,
        r"For 0 \.\.\. 255 write (x / 127\.5 - 1);",
        lambda x, advice: eval(advice, {"x": x}),
    ),
    "vectors": (
        lambda x: x.reshape(len(x), -1),
        r"Write (tf\.reshape\(x, .*?\)\))",
        lambda x, advice: eval(advice, {"x": x, "tf": tf}).numpy(),
    ),
    "channels first": (
        lambda x: x.transpose(0, 3, 1, 2),
        r"write (tf\.transpose\(x, .*?\)\))",
        lambda x, advice: eval(advice, {"x": x, "tf": tf}).numpy(),
    ),
    "another size": (
        lambda x: np.repeat(x, 2, axis=2),
        r"(Change the images, or)",
        lambda x, advice: x[:, :, ::2],
    ),
}


@pytest.mark.parametrize("case", IMAGE_ADVICE)
@pytest.mark.parametrize("family", FAMILIES)
def test_images_that_are_changed_as_advised_are_taken(family, case):
    wrong, pattern, right = IMAGE_ADVICE[case]
    model = compiled(family)
    arrays = arrays_for(model.batch, 8)
    changed = mapped(arrays, wrong)
    advice = re.search(pattern, refused(model, changed))[1]
    mended = tf.nest.map_structure(
        lambda old, new: right(new, advice) if is_image(old) else new, arrays, changed
    )
    followed(model, mended)


@OF_UNKNOWN_LENGTH
@pytest.mark.parametrize("family", FAMILIES)
def test_a_data_set_is_batched_or_states_its_shapes_as_advised(family):
    model = compiled(family)
    rows = tf.data.Dataset.from_tensor_slices(arrays_for(model.batch, 64))
    advice = re.search(r"(ds\.batch\(64\))", refused(model, rows))[1]
    followed(model, eval(advice, {"ds": rows}))

    model = compiled(family)
    spec = tf.nest.map_structure(
        lambda x: tf.TensorSpec([None] * (len(x.shape) + 1), x.dtype), rows.element_spec
    )
    given = list(rows.batch(4).take(1))
    unstated = tf.data.Dataset.from_generator(lambda: given, output_signature=spec)
    message = refused(model, unstated)
    advice = re.search(r"ds\.map\(lambda x: (tf\.ensure_shape\(x, .*?\)\))", message)
    stated = unstated.map(
        lambda *batch: mapped(batch, lambda x: eval(advice[1], {"x": x, "tf": tf}))
    )
    followed(model, stated)


@OF_UNKNOWN_LENGTH
@pytest.mark.parametrize("family", FAMILIES)
def test_an_axis_too_many_is_removed_as_advised(family):
    model = compiled(family)
    ds = tf.data.Dataset.from_tensor_slices(arrays_for(model.batch, 8)).batch(4)
    message = refused(model, ds.batch(2))
    assert "batches of 4 axes; a batch has shape (n, ?, 8, 8, 1), 5 axes" in message
    advice = re.search(r"batched again with (ds\.unbatch\(\))", message)[1]
    followed(model, eval(advice, {"ds": ds.batch(2)}))
    longer = ds.map(lambda *batch: mapped(batch, lambda x: x[..., None]))
    model = compiled(family)
    advice = re.search(r"with (tf\.squeeze\(x, axis\))", refused(model, longer))[1]
    scope = {"tf": tf, "axis": -1}
    followed(
        model,
        longer.map(lambda *b: mapped(b, lambda x: eval(advice, scope | {"x": x}))),
    )


@OF_UNKNOWN_LENGTH
def test_open_sides_are_closed_as_advised():
    def sizes():
        yield np.zeros((4, 8, 6, 1), "float32")

    spec = tf.TensorSpec((None, None, None, 1), "float32")
    ds = tf.data.Dataset.from_generator(sizes, output_signature=spec)
    model = compiled()
    message = refused(model, ds)
    advice = re.search(r"example with (tf\.image\.resize\(x, .*?\)\)),", message)[1]
    followed(model, ds.map(lambda x: eval(advice, {"x": x, "tf": tf})))


def test_images_from_zero_to_one_are_scaled_as_advised(recwarn):
    model = compiled()
    with pytest.warns(UserWarning, match="For images in 0") as caught:
        model.fit(np.abs(IMAGES), verbose=0)
    advice = re.search(r"write (2 \* x - 1)\.", str(caught[0].message))[1]
    model.fit(eval(advice, {"x": np.abs(IMAGES)}), verbose=0)
    assert not len(recwarn)


def test_images_that_are_no_numbers_are_left_out_as_advised():
    images = IMAGES.copy()
    images[0, 0, 0, 0] = np.nan
    message = refused(compiled("CGAN"), images, LABELS)
    keep, left = re.search(r": keep = (.*), then (x\[keep\])", message).groups()
    keep = eval(keep, {"x": images, "numpy": np})
    left = eval(left, {"x": images, "keep": keep})
    np.testing.assert_array_equal(left, images[1:])
    followed(compiled("CGAN"), left, LABELS[keep])


@pytest.mark.parametrize(
    ("labels", "pattern"),
    [
        (LABELS[:, None], r"write (labels\[:, 0\])"),
        (LABELS[:, None] + 0.0, r"write (tf\.cast\(labels\[:, 0\], \"int32\"\))"),
        (np.eye(3)[LABELS], r"write (tf\.argmax\(labels, -1\))"),
        (LABELS + 0.0, r"Write (tf\.cast\(labels, \"int32\"\))"),
        (np.array(list("abc"))[LABELS], r"(numpy\.unique\(.*\)\[1\])"),
    ],
)
def test_labels_are_changed_as_advised(labels, pattern):
    message = refused(compiled("CGAN"), IMAGES, labels)
    advice = re.search(pattern, message)[1]
    mended = eval(advice, {"labels": labels, "numpy": np, "tf": tf})
    np.testing.assert_array_equal(mended, LABELS)
    followed(compiled("CGAN"), IMAGES, np.asarray(mended))


@pytest.mark.parametrize("family", ["GAN", "CGAN", "CycleGAN"])
def test_dicts_are_converted_as_advised(family):
    model = compiled(family)
    theirs = {"CycleGAN": ("horse", "zebra")}.get(family, ("image", "label"))
    parts = (IMAGES, IMAGES if family == "CycleGAN" else LABELS)
    ds = tf.data.Dataset.from_tensor_slices(dict(zip(theirs, parts, strict=True)))
    ds = ds.batch(4)
    advice = re.search(r"with (ds\.map\(.*\))\.", refused(model, ds))[1]
    followed(model, eval(advice, {"ds": ds}))


def test_dicts_of_arrays_are_passed_as_advised():
    theirs = {"image": IMAGES, "label": LABELS}
    message = refused(compiled("CGAN"), theirs)
    advice = re.search(r"Pass (.*) of the dict d\.", message)[1]
    followed(compiled("CGAN"), *eval(advice, {"d": theirs}))


def test_dicts_within_a_tuple_are_converted_as_advised():
    labelled, unlabelled = (
        tf.data.Dataset.from_tensor_slices({"image": IMAGES, "label": LABELS}).batch(4)
        for _ in range(2)
    )
    model = compiled("SemiSupervisedGAN")
    message = refused(model, tf.data.Dataset.zip((labelled, unlabelled)))
    assert "Convert the labelled data set, before zipping," in message
    advice = re.search(r"with (ds\.map\(.*\))\.", message)[1]
    labelled = eval(advice, {"ds": labelled})
    message = refused(model, tf.data.Dataset.zip((labelled, unlabelled)))
    assert "Convert the unlabelled data set, before zipping," in message
    advice = re.search(r"with (ds\.map\(.*\))\.", message)[1]
    unlabelled = eval(advice, {"ds": unlabelled})
    followed(model, tf.data.Dataset.zip((labelled, unlabelled)))


def test_arrays_of_unequal_length_are_shortened_as_advised():
    message = refused(compiled("CGAN"), IMAGES, LABELS[:4])
    assert "got 4 and 8. Leave out the rows of images that have no labels." in message
    followed(compiled("CGAN"), IMAGES[:4], LABELS[:4])


@OF_UNKNOWN_LENGTH
@pytest.mark.parametrize("family", ["CycleGAN", "SemiSupervisedGAN"])
def test_unpaired_arrays_of_unequal_length_are_zipped_as_advised(family):
    model = compiled(family)
    given = arrays_for(model.batch, 40)
    if family == "CycleGAN":
        given = {"images_a": given[0], "images_b": given[1][:33]}
    else:
        (images, labels), unlabelled = given
        given = {"labelled": (images[:33], labels[:33]), "unlabelled": unlabelled}
    message = refused(model, tuple(given.values()))
    advice = re.search(r"Zip data sets of them: (.*\)\))\. An epoch", message)[1]
    model.fit(eval(advice, {"tf": tf, **given}), verbose=0)
    assert model.trained_steps == 2
    # The shorter one starts again where it is repeated.
    shorter = "images_b" if family == "CycleGAN" else "labelled"
    place = list(given).index(shorter)
    for repeat, rows in (("", [32, 1]), (".repeat()", [32, 32])):
        made = advice.replace(f"({shorter}).batch", f"({shorter}){repeat}.batch")
        data = eval(made, {"tf": tf, **given})
        assert [len(keras.tree.flatten(batch[place])[0]) for batch in data] == rows


def test_several_data_sets_are_joined_as_advised():
    images, labels = (
        tf.data.Dataset.from_tensor_slices(x).batch(4) for x in (IMAGES, LABELS)
    )
    model = compiled("CGAN")
    for given in ((images, labels), ((images, labels),)):
        advice = re.search(r"Join them: (.*)\.$", refused(model, *given))[1]
        scope = {"x": images, "y": labels, "tf": tf}
        followed(compiled("CGAN"), eval(advice, scope))


@OF_UNKNOWN_LENGTH
def test_lists_and_generators_are_made_arrays_and_data_sets_as_advised():
    assert "numpy.asarray(...)" in refused(compiled("CGAN"), IMAGES, LABELS.tolist())
    followed(compiled("CGAN"), IMAGES, np.asarray(LABELS.tolist()))
    assert "numpy.stack(...)" in refused(compiled(), list(IMAGES))
    followed(compiled(), np.stack(list(IMAGES)))
    assert "from_generator(...).batch(...)" in refused(compiled(), iter(IMAGES))
    made = tf.data.Dataset.from_generator(lambda: iter(IMAGES), tf.float32).batch(4)
    assert "give from_generator its output_signature" in refused(compiled(), made)
    spec = tf.TensorSpec((8, 8, 1), "float32")
    made = tf.data.Dataset.from_generator(lambda: iter(IMAGES), output_signature=spec)
    followed(compiled(), made.batch(4))


def test_data_without_end_end_as_advised():
    endless = tf.data.Dataset.from_tensor_slices(IMAGES).batch(4).repeat()
    assert "steps_per_epoch=..., or leave out repeat()" in refused(compiled(), endless)
    followed(compiled(), endless, steps_per_epoch=2)
    model = compiled(metrics=[gan_zoo.metrics.SlicedWasserstein(max_images=4)])
    with pytest.raises(ValueError, match=r"or take some of it") as caught:
        model.evaluate(endless, verbose=0)
    advice = re.search(r"(ds\.take\(100\))", str(caught.value))[1]
    model.evaluate(eval(advice, {"ds": endless}), verbose=0)


def test_another_shape_is_passed_to_the_model_as_advised():
    wide = np.zeros((4, 8, 12, 3), "float32")
    advice = re.search(
        r"build a model with image_shape=(\(.*?\))", refused(compiled(), wide)
    )[1]
    model = gan_zoo.GAN(image_shape=eval(advice))
    model.compile(run_eagerly=True)
    followed(model, wide)


def test_networks_are_changed_as_advised():
    def build(critic, generator=None):
        generator = generator or mlp(3, 2, 4)
        return gan_zoo.GAN((2,), 3, generator=generator, discriminator=critic)

    unbuilt = keras.Sequential([keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"Start it with keras\.Input\(shape\)"):
        build(unbuilt)
    build(keras.Sequential([keras.Input((2,)), *unbuilt.layers]))
    with pytest.raises(ValueError, match="Remove the activation of its last layer"):
        build(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")]))

    def images_of(activation):
        z = keras.Input((3,))
        x = keras.layers.Dense(64, activation)(z)
        generator = keras.Model(z, keras.layers.Reshape((8, 8, 1))(x))
        return gan_zoo.GAN((8, 8, 1), 3, generator=generator)

    with pytest.raises(ValueError, match="End it in a tanh"):
        images_of("sigmoid")
    images_of("tanh")


def test_models_are_compiled_and_saved_as_advised(tmp_path):
    model = SYSTEMS["GAN"].tiny()
    with pytest.raises(TypeError, match="by name") as caught:
        model.compile("adam")
    eval(f"model.{re.search(r'Write (compile.*?[)])', str(caught.value))[1]}")
    one = keras.optimizers.Adam(2e-4)
    with pytest.raises(ValueError, match="Make each its own") as caught:
        model.compile(d_optimizer=one, g_optimizer=one)
    advice = re.search(r"its own, (.*)\.$", str(caught.value))[1]
    eval(f"model.compile({advice})")
    metric = gan_zoo.metrics.ConfidentShare()
    with pytest.raises(TypeError, match=r"metrics=\[\.\.\.\]"):
        model.compile(metrics=metric)
    with pytest.raises(ValueError, match=r"name='\.\.\.'"):
        model.compile(metrics=[metric, metric])
    model.compile(metrics=[metric, gan_zoo.metrics.ConfidentShare(name="other")])
    for name in ("gan.h5", "gan"):
        with pytest.raises(ValueError, match=r"ends in \.keras") as caught:
            model.save(tmp_path / name)
    for advice in re.findall(r"save\w*\('.*?'\)", str(caught.value)):
        eval(f"model.{advice}".replace("('", f"('{tmp_path}/"))
    assert {file.name for file in tmp_path.iterdir()} == {"gan.keras", "gan.weights.h5"}
    export = re.search(r"gan_zoo\.export\(.*?\)", str(caught.value))[0]
    eval(export.replace("'serving", f"'{tmp_path}/serving"), globals() | {"gan": model})
    assert (tmp_path / "serving/gan/1/saved_model.pb").exists()
    with pytest.raises(ValueError, match=r"ema=0\.999"):
        model.fit(IMAGES, callbacks=[keras.callbacks.SwapEMAWeights()])
    assert gan_zoo.GAN((8, 8, 1), 3, ema=0.999).averages
