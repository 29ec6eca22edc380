import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo.networks.gan import mlp
from gan_zoo.networks.stylegan import stylegan_discriminator, stylegan_generator
from gan_zoo.serving import export, load
from gan_zoo.serving.sampler import PIECE, Sampler, sampler_endpoints


def test_offers_what_a_model_can_do(gan, labelled):
    assert isinstance(gan, Sampler)
    offered = {e.name: [i.name for i in e.inputs] for e in sampler_endpoints(gan, 9)}
    assert offered == {
        "serving_default": ["z"],
        "generate": ["n", "seed"],
        "generate_png": ["n", "seed"],
    }
    assert next(iter(offered)) == "serving_default"
    offered = {
        e.name: [i.name for i in e.inputs] for e in sampler_endpoints(labelled, 9)
    }
    assert offered == {
        "serving_default": ["z", "labels"],
        "sample": ["z", "labels", "shift"],
        "generate": ["n", "labels", "seed", "shift"],
        "generate_png": ["n", "labels", "seed", "shift"],
    }


def test_pieces_are_those_of_the_model_s_own_generate(gan):
    """Batches of another size could round their sums in another order."""
    assert gan.generate.__defaults__[-1] == PIECE


def test_seeds_differ_and_any_int64_will_do(gan, exported, as_bytes):
    model = load(exported)
    for seed in (0, -5, 2**62):
        images = as_bytes(gan.generate(2, seed=seed))
        np.testing.assert_array_equal(model.generate(2, seed), images)
    assert (model.generate(2, 0) != model.generate(2, 1)).any()
    seedless = model.call("generate", n=2)["images"]
    np.testing.assert_array_equal(seedless, model.generate(2, seed=0))


@pytest.mark.parametrize("n", [-1, 301, 2**31 - 1])
def test_n_out_of_range_is_an_error_and_not_the_end(exported, n):
    model = load(exported)
    for endpoint in ("generate", "generate_png"):
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            model.call(endpoint, n=n)
        assert caught.value.message == (
            "Expected n from 0 to 300. For more ask several times, or export with a "
            f"larger max_images. Got: {n}"
        )
    assert model.generate(1).shape == (1, 8, 8, 3)


def test_odd_latents(exported):
    model = load(exported)
    assert model.sample(np.zeros((0, 4))).shape == (0, 8, 8, 3)
    assert model.sample(np.full((1, 4), np.nan)).shape == (1, 8, 8, 3)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        model.sample(np.zeros((301, 4)))
    assert caught.value.message.startswith("Expected at most 300 rows. For more ask")
    assert caught.value.message.endswith(" Got: 301")
    with pytest.raises((ValueError, TypeError), match="4"):
        model.sample(np.zeros((2, 5)))


def test_labels_and_controls(labelled, as_bytes, tmp_path):
    model = load(export(labelled, tmp_path / "labelled" / "1"))
    labels = np.array([2, 0, 1])
    z = np.random.default_rng(2).uniform(-1, 1, (3, 4)).astype("float32")
    sample = tf.function(labelled.sample)
    np.testing.assert_array_equal(model.sample(z, labels=labels), sample(z, labels))
    made = model.sample(z, labels=labels, shift=-0.5)
    np.testing.assert_array_equal(made, sample(z, labels, tf.constant(-0.5)))
    with gan_zoo.backend.draws((9, 0)):
        drawn = labelled.latents(3)
    np.testing.assert_array_equal(
        model.generate(3, 9, labels=labels), as_bytes(sample(drawn, labels).numpy())
    )
    np.testing.assert_array_equal(
        model.generate(3, 9, labels=labels, shift=-0.5),
        as_bytes(sample(drawn, labels, tf.constant(-0.5)).numpy()),
    )
    assert model.generate(0, labels=[]).shape == (0, 8, 8, 3)
    for wrong in ([0, 1, 3], [0, -1, 1], [0, 1]):
        for call in (model.generate, lambda n, **given: model.sample(z, **given)):
            with pytest.raises(tf.errors.InvalidArgumentError, match="label"):
                call(3, labels=np.array(wrong))
    assert model.generate(3, labels=labels).shape == (3, 8, 8, 3)


def test_stylegan_can_be_truncated(as_bytes, tmp_path):
    generator = stylegan_generator((8, 8, 1), 16, width=16, mapping_depth=2)
    discriminator = stylegan_discriminator((8, 8, 1), width=16)
    gan = gan_zoo.StyleGAN(
        (8, 8, 1), 16, generator=generator, discriminator=discriminator
    )
    model = load(export(gan, tmp_path / "stylegan" / "1"))
    for given in ({}, {"truncation": 0.5}):
        images = as_bytes(gan.generate(2, seed=7, **given))
        np.testing.assert_array_equal(model.generate(2, 7, **given), images)
    z = np.ones((1, 16), "float32")
    assert (model.sample(z, truncation=0.0) != model.sample(z)).any()


def test_vectors_stay_floats(tmp_path):
    gan = gan_zoo.GAN((2,), 4, generator=mlp(4, 2), discriminator=mlp(2, 1))
    model = load(export(gan, tmp_path / "rings" / "1"))
    np.testing.assert_array_equal(model.generate(150, 3), gan.generate(150, seed=3))
    assert sorted(model.card["endpoints"]) == ["generate", "serving_default"]
