"""Every kind of input trains, saves, spreads and exports, whatever the family."""

import keras
import numpy as np
import pytest
import replicas
import tensorflow as tf
from inputs import systems
from inputs.systems import SYSTEMS, arrays, conditions_for, data_for

import gan_zoo
from gan_zoo.models.image_to_image.base import ImageToImage


def made_by(model, count=3):
    given = conditions_for(model, count)
    if isinstance(model, ImageToImage):
        return model.translate(arrays()["images"][:count], **given)
    return model.generate(count, seed=1, **given)


def fitted(system):
    # Eagerly: to compile a step takes longer than these few. `test_spreads` compiles.
    model = system.build()
    model.compile(run_eagerly=True)
    model.fit(data_for(model), verbose=0)
    return model


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_trains_on_dicts_tuples_and_arrays_alike(system):
    """All give the same weights, since a name stands for a place."""
    model = system.build()
    model.compile(run_eagerly=True)
    names, first = model.batch.names, model.get_weights()

    def weights(data, **kwargs):
        model.set_weights(first)
        model.compile(run_eagerly=True)
        model.fit(data, verbose=0, **kwargs)
        return model.get_weights()

    dicts = data_for(model)
    wanted = weights(dicts)
    assert any((a != b).any() for a, b in zip(first, wanted, strict=True))
    tuples = weights(dicts.map(lambda d: tuple(d[name] for name in names)))
    rows = tuple(arrays()[name] for name in names)
    if model.batches_per_step == 1:  # several take the rows in another order
        stacked = weights(rows, batch_size=4, shuffle=False)
        for a, b in zip(wanted, stacked, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
    for a, b in zip(wanted, tuples, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_evaluates(system):
    model = system.build()
    model.compile(metrics=[gan_zoo.metrics.SlicedWasserstein()])
    value = model.evaluate(data_for(model), verbose=0)
    assert np.isfinite(value).all()


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_saves(system, tmp_path):
    model = fitted(system)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(made_by(model), made_by(loaded))
    for each in (model, loaded):
        each.fit(data_for(each), verbose=0)
    for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", SYSTEMS)
def test_spreads(name):
    replicas.difference(systems.SPREADS[name]).check()


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_exports(system, tmp_path):
    """Served images are the Python model's, one condition for all among them."""
    model = fitted(system)
    served = gan_zoo.serving.load(gan_zoo.export(model, tmp_path / "1", warmup=False))
    wanted = np.clip(np.round((made_by(model) + 1) * 127.5), 0, 255)
    given = conditions_for(model, 3)
    if "guide" in given:  # images are sent as bytes
        levels = np.random.default_rng(1).integers(0, 256, (3, *systems.SHAPE))
        given["guide"] = (levels / 127.5 - 1).astype("float32")
        sent = given | {"guide": levels.astype("uint8")}
    else:
        sent = given
    if not isinstance(model, ImageToImage):
        np.testing.assert_array_equal(served.generate(3, 1, **sent), wanted)
        one = {name: value[0] for name, value in sent.items()}
        np.testing.assert_array_equal(
            served.generate(3, 1, **one),
            np.clip(np.round((model.generate(3, 1, **one) + 1) * 127.5), 0, 255),
        )
        return
    pixels = np.random.default_rng(2).integers(0, 256, (3, *systems.SHAPE), "uint8")
    images = (pixels / np.float32(127.5) - 1).astype("float32")
    wanted = model.translate(images, **given)
    wanted = np.clip(np.round((wanted + 1) * 127.5), 0, 255)
    np.testing.assert_array_equal(served.translate(pixels, **sent), wanted)
    png = [tf.io.encode_png(image).numpy() for image in pixels]
    files = served.call("edit_png", image_bytes=png, **sent)["png_bytes"]
    for file, image in zip(files, wanted, strict=True):
        np.testing.assert_array_equal(tf.io.decode_png(file), image)


def test_a_server_refuses_wrong_conditions_and_goes_on(tmp_path):
    model = systems.AttributesTranslator.build()
    served = gan_zoo.serving.load(gan_zoo.export(model, tmp_path / "1", warmup=False))
    pixels = np.zeros((2, *systems.SHAPE), "uint8")
    with pytest.raises(tf.errors.InvalidArgumentError, match="0 or 1, 2 per image"):
        served.translate(pixels, attributes=[0.0, 3.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="one row of attributes"):
        served.translate(pixels, attributes=np.zeros((3, 2)))
    with pytest.raises(TypeError, match=r"out of.*attributes.*got.*beard"):
        served.translate(pixels, beard=1)
    assert served.translate(pixels, attributes=[0.0, 1.0]).shape == pixels.shape


def test_what_cannot_be_drawn_has_to_be_given():
    model = systems.TextGAN.build()
    with pytest.raises(TypeError, match=r"needs \['texts'\].*Pass texts=, one per lat"):
        model.generate(3)
    np.testing.assert_array_equal(
        model.generate(2, texts="Red heart"),
        model.generate(2, texts=["red, HEART"] * 2),
    )
