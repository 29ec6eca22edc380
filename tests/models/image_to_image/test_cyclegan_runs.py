"""What CycleGAN promises of a run: saving, resuming, XLA; sampling; what comes in."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.image_to_image.test_cyclegan import (
    NETWORKS,
    SHAPE,
    linear_model,
    pair,
    small_networks,
    step,
)

from gan_zoo.models.image_to_image.cyclegan import CycleGAN
from gan_zoo.networks.cyclegan import resnet_generator
from gan_zoo.networks.pix2pix import patch_discriminator


def batches(seed=0, steps=6, n=2):
    images = pair(seed, steps * n)
    return tf.data.Dataset.from_tensor_slices(images).batch(n, drop_remainder=True)


def with_the_paper_s_optimizers():
    model = linear_model(pool_size=3, ema=0.9, constant_steps=2, linear_steps=9)
    model.compile()
    return model


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path):
    model = with_the_paper_s_optimizers()
    data = batches(steps=6)
    model.fit(data.take(3), verbose=0)
    model.save(tmp_path / "run.keras")
    tf.train.Checkpoint(model=model).write(str(tmp_path / "run"))
    model.fit(data.skip(3), verbose=0)

    loaded = keras.models.load_model(tmp_path / "run.keras")
    restored = with_the_paper_s_optimizers()
    tf.train.Checkpoint(model=restored).read(str(tmp_path / "run")).expect_partial()
    for resumed in (loaded, restored):
        resumed.fit(data.skip(3), verbose=0)
        assert int(resumed.pool_a.stored) == 3
        assert int(resumed.optimizer_of("g").iterations) == 6
        ours, theirs = list(model.variables), list(resumed.variables)
        for player in ("d", "g"):
            ours += model.optimizer_of(player).variables
            theirs += resumed.optimizer_of(player).variables
        for wanted, value in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(wanted, value, err_msg=wanted.path)
    x, _ = pair()
    np.testing.assert_array_equal(loaded.translate(x), model.translate(x))


def test_config_round_trip():
    changed = {"cycle_weight": 5.0, "identity_weight": 0.1, "pool_size": 3, "ema": 0.9}
    changed |= {"constant_steps": 2, "linear_steps": 9, "seed": 4, "name": "twins"}
    model = CycleGAN(SHAPE, **small_networks(), **changed)
    copy = CycleGAN.from_config(model.get_config())
    assert copy.get_config() == model.get_config()
    for name, value in changed.items():
        assert getattr(copy, name) == value
    for name in NETWORKS:
        wanted = [w.shape for w in getattr(model, name).weights]
        assert [w.shape for w in getattr(copy, name).weights] == wanted


def test_a_graph_under_xla_trains():
    model = linear_model(pool_size=3)
    model.compile(jit_compile=True)
    logs = model.fit(batches(steps=2), verbose=0).history
    assert np.isfinite([*logs.values()]).all()


def test_translate_and_metrics_use_the_averages():
    model = CycleGAN(SHAPE, **small_networks(), ema=0.5)
    model.compile()
    a, b = pair(n=5)
    step(model, (a, b))
    used = {d: model.sampling_networks[f"generator_{d}"] for d in model.directions}
    assert used == {
        "a_to_b": model.average_generator_a_to_b,
        "b_to_a": model.average_generator_b_to_a,
    }
    for direction, images in (("a_to_b", a), ("b_to_a", b)):
        made = model.translate(images, direction, batch_size=2)
        wanted = used[direction](images)
        assert made.dtype == "float32"
        assert np.abs(made).max() <= 1
        np.testing.assert_allclose(made, wanted, atol=1e-6)
        live = getattr(model, f"generator_{direction}")(images)
        assert np.abs(made - live).max() > 1e-6
    real, fake = model.real_and_fake(a, b)
    np.testing.assert_array_equal(real, b)
    np.testing.assert_allclose(fake, model.translate(a), atol=1e-6)
    assert model.translate(a[:0]).shape == (0, *SHAPE)


def test_other_channels_in_b():
    shape_b = (8, 8, 1)
    model = CycleGAN(
        SHAPE,
        shape_b,
        identity_weight=0,
        generator_a_to_b=resnet_generator(SHAPE, 1, width=2, blocks=1),
        generator_b_to_a=resnet_generator(shape_b, 2, width=2, blocks=1),
        discriminator_a=patch_discriminator(SHAPE, 2, 1),
        discriminator_b=patch_discriminator(shape_b, 2, 1),
    )
    model.compile()
    a, b = pair()[0], pair(1, shape=shape_b)[1]
    assert step(model, (a, b))["identity_loss"] == 0
    assert model.translate(a).shape == b.shape
    assert model.translate(b, "b_to_a").shape == a.shape
    assert CycleGAN.from_config(model.get_config()).domains["b"] == shape_b
    with pytest.raises(ValueError, match=r"B 1\. Pass identity_weight=0"):
        CycleGAN(SHAPE, shape_b)


def test_fit_takes_arrays_and_ragged_last_batches():
    model = linear_model()
    a, b = pair(n=5)
    assert model.fit(a, b, batch_size=2, verbose=0).history["cycle_loss"][0] > 0
    model.fit((a, b), batch_size=2, verbose=0)
    assert int(model.steps) == 6


@pytest.mark.parametrize("identity_weight", [0.5, 0])
def test_a_step_takes_as_many_images_of_a_as_of_b(identity_weight):
    """Of sides with 20 and 14 images, the last batches hold four and two."""
    seen = []

    class Watching(CycleGAN):
        def minibatches(self, data):
            ((a, b),) = batches = super().minibatches(data)
            seen.append((a.numpy(), b.numpy()))
            return batches

    networks = {name: getattr(linear_model(), name) for name in NETWORKS}
    model = Watching(SHAPE, identity_weight=identity_weight, **networks)
    model.compile(run_eagerly=True)
    a, b = pair(n=20)[0], pair(n=14)[1]
    sides = [tf.data.Dataset.from_tensor_slices(x).batch(4) for x in (a, b)]
    for data in (tf.data.Dataset.zip(*sides), tf.data.Dataset.zip(*sides[::-1])):
        logs = model.fit(data, verbose=0).history
        assert np.isfinite([*logs.values()]).all()
    assert model.trained_steps == 8
    for place, (seen_a, seen_b) in enumerate(seen[:4]):
        rows = slice(4 * place, min(4 * place + 4, 14))
        np.testing.assert_array_equal(seen_a, a[rows])
        np.testing.assert_array_equal(seen_b, b[rows])
    assert [len(x) for x, _ in seen] == [len(y) for _, y in seen] == [4, 4, 4, 2] * 2


def test_refuses_other_batches():
    model = linear_model()
    a, b = pair()
    with pytest.raises(ValueError, match=r"batches \(images_a, images_b\), got one"):
        model.fit(tf.data.Dataset.from_tensor_slices(a).batch(2))
    with pytest.raises(ValueError, match=r"for images_b of shape \(8, 8, 2\); a"):
        model.fit(a, b[:, :4])
    with pytest.raises(ValueError, match=r"got uint8. For uint8 write"):
        model.fit(a.astype("uint8"), b)
    with pytest.raises(ValueError, match="got 2 of images_a and 1 of images_b"):
        model.fit(a, b[:1])
    with pytest.raises(ValueError, match=r"in \['a_to_b', 'b_to_a'\], got 'zebra'"):
        model.translate(a, "zebra")
    with pytest.raises(
        ValueError, match=r"built for images of shape \(8, 8, 2\); .* \(n, 8, 8, 1\)"
    ):
        model.translate(a[..., :1], "b_to_a")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cycle_weight": None}, "cycle_weight to be a finite number .* got None"),
        ({"identity_weight": -1}, "identity_weight to be a finite number .* got -1"),
        ({"pool_size": 2.5}, "pool_size to be an integer of at least 0, got 2.5"),
        ({"constant_steps": "9"}, "constant_steps to be an integer .* got '9'"),
        ({"linear_steps": 0}, "linear_steps to be an integer of at least 1, got 0"),
        ({"image_shape_b": 8}, r"image_shape_b to be \(height, width.* got 8\."),
    ],
)
def test_bad_numbers_are_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        linear_model(**arguments)


def test_refuses_networks_that_do_not_fit():
    with pytest.raises(ValueError, match=r"discriminator_a takes images of shape"):
        linear_model(discriminator_a=patch_discriminator((8, 12, 2), 2, 1))
    with pytest.raises(ValueError, match=r"generator_a_to_b makes images of shape"):
        linear_model(generator_a_to_b=resnet_generator(SHAPE, 3, 2, 1))
    with pytest.raises(ValueError, match=r"shapes are unknown.*keras\.Input"):
        linear_model(discriminator_b=keras.Sequential([keras.layers.Conv2D(1, 1)]))
    with pytest.raises(ValueError, match="differ in channels only"):
        CycleGAN((8, 8, 1), (16, 16, 1))
