import numpy as np
import pytest
import tensorflow as tf
from models.system import IMAGES
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.models.base.sampling import pieces
from gan_zoo.networks.gan import mlp


def points(n=64, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2)).astype("float32")


# Averaged and current weights.


def apart(name):
    """A system whose averages differ from its weights, and one that has only these."""
    model, current = SYSTEMS[name].tiny(), SYSTEMS[name].tiny()
    rng = np.random.default_rng(0)
    for key, network in model.networks.items():
        # Some start so small that nothing would be seen; variances stay positive.
        weights = [
            w + 0.1 * abs(rng.normal(size=w.shape)) for w in network.get_weights()
        ]
        network.set_weights(weights)
        current.networks[key].set_weights(weights)
        if key in model.averages:
            model.averages[key].set_weights([0.5 * w for w in weights])
            current.averages[key].set_weights(weights)
    return model, current


def generate(model, **how):
    return model.generate(3, **how)


def reconstruct(model, **how):
    return model.reconstruct(IMAGES[:3], **how)


def elbo(model, **how):
    return model.elbo(IMAGES[:3], **how)


def translate(model, **how):
    return model.translate(IMAGES[:3], "b_to_a", **how)


def mix(model, **how):
    z = np.eye(2, 8, dtype="float32")
    return model.mix(z, z[::-1], [0], **how).numpy()


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("GAN", generate),
        ("GMMN", generate),
        ("StyleGAN", generate),
        ("StyleGAN", mix),
        ("VAE", generate),
        ("VAE", reconstruct),
        ("VAE", elbo),
        ("VAEGAN", generate),
        ("Autoencoder", reconstruct),
        ("CycleGAN", translate),
    ],
)
def test_each_verb_takes_averaged_or_current_weights(name, verb):
    model, current = apart(name)
    averaged = verb(model)
    now = verb(model, averaged=False)
    assert abs(averaged - now).max() > 1e-4
    np.testing.assert_allclose(now, verb(current), atol=1e-6)
    # What was compiled for one is not used for the other.
    np.testing.assert_array_equal(verb(model), averaged)
    np.testing.assert_array_equal(verb(model, averaged=False), now)


def test_classes_are_predicted_by_averaged_or_current_weights():
    gan = SYSTEMS["SemiSupervisedGAN"].tiny()
    images = IMAGES[:8]
    for network, wanted in ((gan.discriminator, 1), (gan.average_discriminator, 2)):
        last = network.get_layer("class_logits")
        last.scale.assign([0.0] * 3)
        last.bias.assign(np.eye(3)[wanted])
    assert set(gan.predict_classes(images)) == {2}
    assert set(gan.predict_classes(images, averaged=False)) == {1}


def test_a_model_without_averages_draws_the_same_either_way():
    gan = SYSTEMS["DCGAN"].tiny()
    np.testing.assert_array_equal(gan.generate(2), gan.generate(2, averaged=False))


def test_the_scope_ends_with_its_block():
    gan = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 4), ema=0.9)
    with gan.use_averages(False):
        assert gan.sampling_networks["generator"] is gan.generator
        with gan.use_averages(True):
            assert gan.sampling_networks["generator"] is gan.average_generator
        assert gan.sampling_networks["generator"] is gan.generator
    with pytest.raises(TypeError, match="takes nothing"):
        gan.generate(2, averaged=False, labels=1)
    with pytest.raises(ValueError, match="batch_size"):
        gan.generate(2, averaged=False, batch_size=0)
    assert gan.sampling_networks["generator"] is gan.average_generator


# Long inputs.


class Doubling(AdversarialModel):
    """Doubles rows and adds to them; counts how often it is traced."""

    traces = 0

    def doubled(self, x, y, shift):
        type(self).traces += 1
        return 2.0 * x + y[:, None] + shift


@pytest.mark.parametrize("count", [0, 1, 5, 7])
def test_any_number_of_rows_goes_through_in_batches(count):
    model = Doubling({"g": {"one": mlp(2, 1, 4)}})
    x = np.arange(2.0 * count, dtype="float32").reshape(count, 2)
    rows = {"x": x, "y": np.arange(count, dtype="float32")}
    made = model.in_batches("doubled", rows, 3, shift=tf.constant(0.5))
    assert made.dtype == np.float32
    assert made.shape == (count, 2)
    np.testing.assert_allclose(made, 2 * x + np.arange(count)[:, None] + 0.5)
    # What was compiled is kept.
    Doubling.traces = 0
    np.testing.assert_array_equal(
        model.in_batches("doubled", rows, 3, shift=tf.constant(0.5)), made
    )
    assert Doubling.traces == 0


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, None])
def test_batches_of_no_rows_are_refused(batch_size):
    model = Doubling({"g": {"one": mlp(2, 1, 4)}})
    with pytest.raises(ValueError, match="batch_size to be an integer of at least 1"):
        model.in_batches("doubled", {"x": points(4)}, batch_size)


@pytest.mark.parametrize(
    ("count", "wanted"), [(0, []), (1, [1]), (5, [3, 2]), (6, [3, 3]), (7, [3, 3, 1])]
)
def test_pieces_go_through_all_rows_once(count, wanted):
    rows = list(range(count))
    parts = [rows[piece] for piece in pieces(count, 3)]
    assert [len(part) for part in parts] == wanted
    assert [row for part in parts for row in part] == rows
