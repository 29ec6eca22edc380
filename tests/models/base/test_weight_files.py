"""What `load_weights` takes, and what it refuses without a change."""

import keras
import numpy as np
import pytest
from models.base.test_several_networks import points
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.networks import improved
from gan_zoo.networks.gan import mlp


def saved(model, folder):
    model.save_weights(folder / "gan.weights.h5")
    return folder / "gan.weights.h5"


def assert_equal_weights(a, b):
    for kept, new in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, new)


def with_averages_of_their_own(model):
    """The averages are moved away from the weights, as in training."""
    for average in model.averages.values():
        average.set_weights([w + 1 for w in average.get_weights()])
    return model


def whole(model, folder):
    model.save(folder / "gan.keras")
    return folder / "gan.keras"


# Keras's words for a file of a model without optimizers.
@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")
@pytest.mark.parametrize("saved", [saved, whole])
def test_averages_that_the_file_lacks_start_at_the_loaded_weights(saved, tmp_path):
    plain, averaged = points(), with_averages_of_their_own(points(ema=0.9))
    averaged.compile()
    averaged.load_weights(saved(plain, tmp_path))
    assert_equal_weights(averaged.generator, plain.generator)
    assert_equal_weights(averaged.discriminator, plain.discriminator)
    assert_equal_weights(averaged.average_generator, plain.generator)
    np.testing.assert_array_equal(averaged.generate(2), plain.generate(2))


@pytest.mark.parametrize("saved", [saved, whole])
def test_averages_of_the_file_alone_are_left_out(saved, tmp_path):
    plain, averaged = points(), with_averages_of_their_own(points(ema=0.9))
    plain.load_weights(saved(averaged, tmp_path))
    assert_equal_weights(plain.generator, averaged.generator)
    assert plain.averages == {}


def test_averages_that_both_have_are_loaded(tmp_path):
    averaged, again = with_averages_of_their_own(points(ema=0.9)), points(ema=0.5)
    averaged.steps.assign(7)
    again.load_weights(saved(averaged, tmp_path))
    assert_equal_weights(again, averaged)
    assert again.trained_steps == 7


def test_each_player_s_averages_are_loaded_by_themselves(tmp_path):
    """A classifier is averaged whether its generator is or not."""

    def build(ema):
        return gan_zoo.SemiSupervisedGAN(
            (2,),
            3,
            num_classes=2,
            generator=mlp(3, 2, 4),
            discriminator=improved.semi_supervised_classifier((2,), 2, (4, 4)),
            ema=ema,
        )

    one, both = with_averages_of_their_own(build(None)), build(0.9)
    both.load_weights(saved(one, tmp_path))
    assert_equal_weights(both.average_discriminator, one.average_discriminator)
    assert_equal_weights(both.average_generator, one.generator)


def test_averages_of_shared_layers_start_at_the_loaded_weights(tmp_path):
    def build(ema):
        x, shared = keras.Input((2,)), keras.layers.Dense(2)
        first = keras.Model(x, shared(x))
        second = keras.Model(x, keras.layers.Dense(1)(shared(x)))
        return AdversarialModel({"g": {"first": first, "second": second}}, ema=ema)

    plain, averaged = build(None), with_averages_of_their_own(build(0.9))
    averaged.load_weights(saved(plain, tmp_path))
    for name in ("first", "second"):
        assert_equal_weights(averaged.averages[name], plain.networks[name])
    kept = with_averages_of_their_own(build(0.9))
    averaged.load_weights(saved(kept, tmp_path))
    assert_equal_weights(averaged, kept)


def wider(**kwargs):
    networks = {"generator": mlp(3, 2, 4), "discriminator": mlp(2, 1, 4)} | kwargs
    return gan_zoo.GAN((2,), 3, **networks)


def test_a_file_that_does_not_fit_is_refused_with_what_differs(tmp_path):
    path = saved(points(ema=0.9), tmp_path)
    g, d = {"generator": mlp(3, 2, 8)}, {"discriminator": mlp(2, 1, 8)}
    for networks, names in (
        (g, "generator"),
        (d, "discriminator"),
        (g | d, "disc.*or"),
    ):
        message = rf"this GAN in .*gan\.weights\.h5', got .* do not fit {names}\. "
        with pytest.raises(ValueError, match=message):
            wider(**networks).load_weights(path)
    with pytest.raises(ValueError, match="variables of the model itself"):
        gan_zoo.BEGAN(
            (2,), 3, generator=mlp(3, 2), discriminator=mlp(2, 2)
        ).load_weights(path)
    with pytest.raises(
        ValueError, match=r"fit discriminator_a, .*, generator_b_to_a\."
    ):
        SYSTEMS["CycleGAN"].tiny().load_weights(path)


def test_a_pool_of_another_size_is_named_apart_from_the_networks(tmp_path):
    path = saved(SYSTEMS["CycleGAN"].tiny(), tmp_path)
    gan = SYSTEMS["CycleGAN"].tiny()
    other = gan_zoo.CycleGAN(gan.image_shape, pool_size=3, **gan.networks)
    with pytest.raises(ValueError, match=r"fit layers outside its networks\..*[pP]ool"):
        other.load_weights(path)


def test_layers_that_differ_may_be_skipped(tmp_path):
    path = saved(points(), tmp_path)
    gan = gan_zoo.GAN(
        (2,), 3, generator=mlp(3, 2, 4, 1), discriminator=mlp(2, 1, 4), ema=0.9
    )
    with pytest.warns(UserWarning, match="could not be loaded|nested container"):
        gan.load_weights(path, skip_mismatch=True)
    assert_equal_weights(gan.average_generator, gan.generator)


def test_weights_of_whole_models_load_as_in_keras(tmp_path):
    gan, again = points(ema=0.9), points(ema=0.9)
    gan.save(tmp_path / "gan.keras")
    again.load_weights(tmp_path / "gan.keras")
    assert_equal_weights(again, gan)


def test_files_that_hold_no_weights_change_nothing(tmp_path):
    gan, other = points(), gan_zoo.GAN((8, 8, 1), 3)
    other.save_weights(tmp_path / "other.weights.h5")
    gan.generator.save_weights(tmp_path / "one.weights.h5")
    (tmp_path / "bad.weights.h5").write_bytes(b"no weights")
    (tmp_path / "bad.keras").write_bytes(b"no archive")
    (tmp_path / "text.txt").write_text("")
    before = gan.get_weights()
    for name, message in {
        "other.weights.h5": "do not fit",
        "one.weights.h5": "or of one network",
        "bad.weights.h5": "cannot be read as one",
        "bad.keras": "cannot be read as one",
        "text.txt": "it has another ending",
    }.items():
        with pytest.raises(ValueError, match=message):
            gan.load_weights(tmp_path / name)
        for a, b in zip(before, gan.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
