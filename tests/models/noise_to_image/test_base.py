import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo import backend
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.noise_to_image.base import check_prior, inputs_of
from gan_zoo.networks.gan import mlp


def tiny(prior="normal"):
    return gan_zoo.GAN(
        (2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8), prior=prior
    )


@pytest.mark.parametrize(("prior", "variance"), [("normal", 1.0), ("uniform", 1 / 3)])
def test_latents_have_the_prior_s_spread(prior, variance):
    with backend.draws((1, 0)):
        z = tiny(prior).latents(20_000).numpy()
    np.testing.assert_allclose(z.var(axis=0), variance, rtol=0.05)
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=0.03)
    with pytest.raises(ValueError, match="prior in"):
        check_prior("cauchy")


def test_images_do_not_depend_on_how_many_are_made_at_a_time():
    gan = tiny()
    whole = gan.generate(10, seed=4)
    np.testing.assert_allclose(gan.generate(10, seed=4, batch_size=3), whole, atol=1e-6)
    assert gan.generate(0).shape == (0, 2)
    with pytest.raises(ValueError, match="n to be an integer of at least 0, got -1"):
        gan.generate(-1)


def test_what_a_model_does_not_take_is_refused():
    with pytest.raises(
        TypeError, match=r"GAN takes nothing besides noise; got .'labels'"
    ):
        tiny().generate(2, labels=1)
    with pytest.raises(TypeError, match=r"Did you mean seed=\?"):
        tiny().generate(2, sed=1)


@pytest.mark.parametrize("seed", ["a", None, 0.5, 2**80])
def test_seeds_are_integers(seed):
    with pytest.raises(ValueError, match="Expected seed to be an integer"):
        tiny().generate(2, seed=seed)
    with pytest.raises(ValueError, match="Expected seed to be an integer"):
        gan_zoo.GAN((8, 8, 1), 3, seed=seed)


def test_latents_have_the_model_s_length():
    gan = gan_zoo.GAN((8, 8, 1), 3)
    for z in (np.zeros((2, 4)), np.zeros(3), np.zeros((2, 3, 1))):
        with pytest.raises(ValueError, match=r"latents of shape \(n, 3\), got"):
            gan.sample_in_batches(z)
        with pytest.raises(ValueError, match=r"latents of shape \(n, 3\), got"):
            gan.sample(z)


def test_a_condition_is_needed_where_latents_are_given():
    gan = gan_zoo.CGAN((8, 8, 1), 3, num_classes=2)
    for sample in (gan.sample, gan.sample_in_batches):
        with pytest.raises(TypeError, match=r"needs .'labels'. as well.*generate"):
            sample(np.zeros((2, 3), "float32"))
    with pytest.raises(
        TypeError, match=r"takes .'labels'. besides noise; got .'label'"
    ):
        gan.sample(np.zeros((2, 3), "float32"), label=1)


@pytest.mark.parametrize("shape", [[28, 32, 1], np.array([28, 32, 1]), (2,)])
def test_shapes_of_images_become_tuples_of_ints(shape):
    checked = check_image_shape(shape)
    assert checked == tuple(shape)
    assert {type(checked), type(checked[0])} == {tuple, int}


@pytest.mark.parametrize(
    "shape", [28, None, (), "abc", (None, None, 1), ("28", 28, 1), (28, 0, 1), (2.5,)]
)
def test_other_shapes_of_images_are_refused(shape):
    with pytest.raises(ValueError, match=r"image_shape_b to be \(height.*\(d,\)") as e:
        check_image_shape(shape, "image_shape_b")
    assert f"got {shape!r}." in str(e.value)


CONVOLUTIONAL = [
    "DCGAN",
    "LSGAN",
    "WGAN",
    "WGANGP",
    "DRAGAN",
    "HingeGAN",
    "SNGAN",
    "ImprovedGAN",
    "MMDGAN",
    "VAEGAN",
    "ACGAN",
    "ProjectionGAN",
    "InfoGAN",
    "StyleGAN",
]


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_vectors_and_images_without_channels_are_refused(name):
    with pytest.raises(ValueError, match=r"height, width, channels.*mlp"):
        getattr(gan_zoo, name)((2,))
    with pytest.raises(ValueError, match=r"channels\).*got \(28, 28\)\..*28, 1\)"):
        getattr(gan_zoo, name)((28, 28))


def test_metrics_get_as_many_samples_as_real_images():
    gan, x = tiny(), tf.ones((5, 2))
    with backend.draws((1, 0)):
        real, fake = gan.real_and_fake(*gan.test_batch.checked((x, tf.range(5))))
    np.testing.assert_array_equal(real, x)
    assert fake.shape == (5, 2)


def test_a_network_gets_its_input_alone_or_in_a_list():
    assert inputs_of("x", []) == "x"
    assert inputs_of("x", ["y"]) == ["x", "y"]


def test_a_batch_is_its_images_alone_or_with_what_is_not_used():
    x = tf.reshape(tf.range(10.0), (5, 2))
    for data in (x, (x,), (x, tf.range(5))):
        ((images,),) = tiny().minibatches(data)
        np.testing.assert_array_equal(images, x)
