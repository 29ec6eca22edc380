import keras
import numpy as np
import pytest
import tensorflow as tf
from small_networks import small_discriminator, small_generator

import gan_zoo
from gan_zoo import augment, backend

SHAPE = (8, 8, 1)


class Shift(augment.Augmentation):
    """Adds a number of its own to each image."""

    def change(self, images):
        return images + backend.uniform((keras.ops.shape(images)[0], 1, 1, 1))


def test_both_players_see_changed_images_in_training_and_nobody_else_does():
    network = small_discriminator(SHAPE, 4)
    changed = augment.augmented(network, Shift())
    assert changed.name == network.name
    x = tf.zeros((3, *SHAPE))
    np.testing.assert_array_equal(changed(x), network(x))
    with backend.draws((0, 1)):
        one = changed(x, training=True)
        two = changed(x, training=True)
    with backend.draws((0, 1)):
        again = changed(x, training=True)
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - two).max() > 1e-4  # real and generated images: others


def test_other_inputs_and_outputs_pass_by():
    images, labels = keras.Input(SHAPE), keras.Input((), dtype="int32")
    pooled = keras.layers.GlobalAveragePooling2D()(images)
    embedded = keras.layers.Embedding(3, 1)(labels)
    network = keras.Model([images, labels], [pooled + embedded, embedded])
    changed = augment.augmented(network, Shift())
    assert [x.dtype for x in changed.inputs] == ["float32", "int32"]
    inputs = [tf.zeros((2, *SHAPE)), tf.constant([0, 2])]
    for one, two in zip(changed(inputs), network(inputs), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_model_takes_it_and_keeps_it_in_its_file(tmp_path):
    gan = gan_zoo.GAN(
        SHAPE,
        4,
        generator=small_generator(SHAPE, 4),
        discriminator=small_discriminator(SHAPE, 4),
        augment=augment.ADA(images=100, interval=1, target=-1.0),
    )
    gan.compile()
    gan.fit(np.zeros((16, *SHAPE), "float32"), batch_size=8, verbose=0)

    def p(model):
        (layer,) = (x for x in model.discriminator.layers if isinstance(x, augment.ADA))
        return float(layer.p)

    assert p(gan) in (0.0, pytest.approx(0.16), pytest.approx(0.08))
    next(x for x in gan.discriminator.layers if hasattr(x, "p")).p.assign(0.375)
    gan.save(tmp_path / "gan.keras")
    assert p(keras.models.load_model(tmp_path / "gan.keras")) == 0.375


def test_what_cannot_be_augmented_is_refused():
    network = small_discriminator(SHAPE, 4)
    with pytest.raises(TypeError, match=r"Expected an augmentation, got 'color'"):
        augment.augmented(network, "color")
    image = keras.Input(SHAPE)
    autoencoder = keras.Model(image, keras.layers.Conv2D(1, 3, padding="same")(image))
    with pytest.raises(ValueError, match=r"makes images of shape .8, 8, 1.*augment="):
        augment.augmented(autoencoder, Shift())
    open_sides = keras.Input((None, None, 1))
    scores = keras.Model(open_sides, keras.layers.GlobalMaxPooling2D()(open_sides))
    with pytest.raises(ValueError, match=r"known height and width.*for Shift"):
        augment.augmented(scores, Shift())
    with pytest.raises(NotImplementedError, match="must override change"):
        augment.Augmentation().change(tf.zeros((1, *SHAPE)))


def test_a_gradient_penalty_goes_through_it():
    """The gradient with respect to an image before its change."""
    network = small_discriminator(SHAPE, 4)

    class Double(augment.Augmentation):
        def change(self, images):
            return 2.0 * images

    changed = augment.augmented(network, Double())
    x = tf.random.stateless_normal((2, *SHAPE), (0, 1))

    def norm(network, images):
        with backend.draws((0, 1)):  # of the network's own noise
            gradient = backend.input_gradient(
                lambda x: network(x, training=True), images
            )
        return tf.norm(gradient)

    through, plain = norm(changed, x), norm(network, 2.0 * x)
    assert float(through) == pytest.approx(2.0 * float(plain), rel=1e-5)
