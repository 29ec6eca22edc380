"""Images of any size: continued by their mirror image, and cropped back."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import rows_of
from small_networks import patch_critic

import gan_zoo
from gan_zoo import backend
from gan_zoo.inputs import Image
from gan_zoo.models.image_to_image.sizes import mirrored_to_multiple, multiple_of
from gan_zoo.networks.cyclegan import resnet_generator
from gan_zoo.networks.discogan import discogan_generator
from gan_zoo.networks.pix2pix import unet_generator
from gan_zoo.networks.srgan import srresnet
from gan_zoo.networks.stargan import stargan_discriminator, stargan_generator
from gan_zoo.networks.unit import unit_networks

SHAPE = (16, 16, 1)


def multiple_for(network, scale=1, others=()):
    large = (16 * scale, 16 * scale, 1)

    def made(*inputs):
        return network(list(inputs) if others else inputs[0])

    def shape_made(shape):
        shapes = (shape, *others)
        return backend.traced_shape(made, *((each, "float32") for each in shapes))

    return multiple_of(shape_made, SHAPE, large)


def test_multiples_of_the_networks():
    small = {"width": 2}
    assert multiple_for(resnet_generator(SHAPE, **small, blocks=1)) == 4
    assert multiple_for(unet_generator(SHAPE, **small, levels=3)) == 8
    assert multiple_for(unet_generator((256, 256, 1), width=1)) == 256
    assert multiple_for(discogan_generator(SHAPE, **small, levels=2)) == 4
    assert multiple_for(srresnet(1, 2, **small, blocks=1), 2) == 1
    starred = stargan_generator(SHAPE, 3, **small, blocks=1)
    assert multiple_for(starred, others=[(1, 3)]) == 4
    with pytest.raises(ValueError, match="Build them for images of one size"):
        multiple_for(srresnet(1, 2, **small, blocks=1), 4)


def test_an_image_is_continued_by_its_mirror_image():
    row = np.arange(3.0)
    image = (10 * row[:, None] + row[None])[None, ..., None]
    made = mirrored_to_multiple(image, 8)[0, ..., 0]
    wanted = [0, 1, 2, 2, 1, 0, 0, 1]
    np.testing.assert_array_equal(made[0], wanted)
    np.testing.assert_array_equal(made[:, 0], np.multiply(wanted, 10))
    same = mirrored_to_multiple(image[:, :2, :2], 2)
    np.testing.assert_array_equal(same, image[:, :2, :2])
    open_sides = tf.function(
        lambda x: mirrored_to_multiple(x, 8),
        input_signature=[tf.TensorSpec((None, None, None, 1), tf.float64)],
        autograph=False,
    )
    np.testing.assert_array_equal(open_sides(image)[0, ..., 0], made)


SMALL = {"width": 2, "blocks": 1}
CRITIC = {"discriminator": patch_critic(SHAPE)}
CRITICS = {f"discriminator_{side}": patch_critic(SHAPE) for side in "ab"}
MODELS = {
    "CycleGAN": lambda: gan_zoo.CycleGAN(
        SHAPE,
        generator_a_to_b=resnet_generator(SHAPE, **SMALL),
        generator_b_to_a=resnet_generator(SHAPE, **SMALL),
        **CRITICS,
    ),
    "UNIT": lambda: gan_zoo.UNIT(
        SHAPE, **unit_networks(SHAPE, SHAPE, **SMALL), **CRITICS
    ),
    "CUT": lambda: gan_zoo.CUT(
        SHAPE, generator=resnet_generator(SHAPE, **SMALL), **CRITIC
    ),
    "Pix2Pix": lambda: gan_zoo.Pix2Pix(
        SHAPE,
        generator=unet_generator(SHAPE, width=2, levels=3, dropout=0),
        discriminator=patch_critic((16, 16, 2)),
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_translations_of_any_size(name, tmp_path):
    """Of odd sizes that of the continued image, cropped; so in the export."""
    model = MODELS[name]()
    even = rows_of(Image((24, 16, 1)), 2)
    assert model.translate(even).shape == even.shape
    odd = even[:, :19, :13]
    made = model.translate(odd)
    assert made.shape == odd.shape
    multiple = model.size_multiple("a_to_b")
    assert multiple == (8 if name == "Pix2Pix" else 4)
    continued = mirrored_to_multiple(odd, multiple).numpy()
    wanted = model.translate(continued)[:, :19, :13]
    np.testing.assert_allclose(made, wanted, atol=1e-6)
    served = gan_zoo.serving.load(gan_zoo.export(model, tmp_path / "1", warmup=False))
    sent = np.random.default_rng(0).integers(0, 256, odd.shape).astype("uint8")
    made = model.translate(sent.astype("float32") / 127.5 - 1)
    wanted = np.clip(np.round((made + 1) * 127.5), 0, 255)
    np.testing.assert_array_equal(served.translate(sent), wanted)


UNEVEN = (18, 16, 1)  # which all of these networks halve twice


@pytest.mark.parametrize(
    "make",
    [
        lambda: gan_zoo.CUT(
            UNEVEN,
            generator=resnet_generator(SHAPE, **SMALL),
            discriminator=patch_critic(UNEVEN),
        ),
        lambda: gan_zoo.UNIT(
            UNEVEN,
            **unit_networks(SHAPE, SHAPE, **SMALL),
            **{f"discriminator_{side}": patch_critic(UNEVEN) for side in "ab"},
        ),
        lambda: gan_zoo.StarGAN(
            UNEVEN,
            ("a", "b"),
            generator=stargan_generator(SHAPE, 2, **SMALL),
            discriminator=stargan_discriminator(SHAPE, 2, 2),
        ),
        lambda: gan_zoo.MGAN((34, 32, 3)),
    ],
    ids=["CUT", "UNIT", "StarGAN", "MGAN"],
)
def test_networks_that_make_another_size_of_the_training_images_are_refused(make):
    """Rather than that translations are smaller or larger than the images."""
    with pytest.raises(ValueError, match="makes images of shape"):
        make()


def test_networks_of_one_size_take_no_other():
    image = keras.Input(SHAPE)
    made = keras.layers.Conv2D(1, 1)(image)
    model = gan_zoo.CUT(
        SHAPE,
        generator=keras.Model(image, made),
        discriminator=patch_critic(SHAPE),
        layers=[made._keras_history[0].name],
    )
    assert not model.takes_any_size
    assert model.shape_of("a") == SHAPE
    with pytest.raises(ValueError, match="another size"):
        model.translate(np.zeros((1, 24, 24, 1), "float32"))


def test_a_u_net_that_halves_too_often_for_the_images_is_refused():
    network = unet_generator((32, 32, 1), width=2, levels=3)
    gan_zoo.Pix2Pix((24, 40, 1), generator=network)
    with pytest.raises(ValueError, match=r"generator cannot take .*\(36, 36, 1\)"):
        gan_zoo.Pix2Pix((36, 36, 1), generator=network)


def test_images_smaller_than_a_reflection_are_refused():
    model = gan_zoo.CUT(
        SHAPE,
        generator=resnet_generator(SHAPE, width=2, blocks=1),
        discriminator=patch_critic(SHAPE),
    )
    least = next(n for n in range(1, 32) if _takes(model, n))
    assert least == 5
    for sides in ((least - 1, 40), (40, least - 1)):
        message = f"at least {least} × {least} pixels, got {sides[0]} × {sides[1]}"
        with pytest.raises(ValueError, match=message):
            model.translate(np.zeros((1, *sides, 1), "float32"))


def _takes(model, side):
    """Whether the network itself translates such an image; TensorFlow decides."""
    try:
        model.translated(tf.zeros((1, side, side, 1)), "a_to_b")
    except (ValueError, tf.errors.InvalidArgumentError):
        return False
    return True
