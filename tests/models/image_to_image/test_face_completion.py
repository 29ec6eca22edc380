"""FaceCompletion against a hand-written step; known pixels; what guides are for."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both, rows_of, translated_images
from small_networks import patch_critic

import gan_zoo


def small_generator(shape=SHAPE):
    image, mask, guide = (keras.Input((*shape[:2], c)) for c in (shape[2], 1, shape[2]))
    x = keras.layers.Concatenate()([image, mask, guide])
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    made = keras.layers.Conv2D(
        shape[2], 3, padding="same", activation="tanh", dtype="float32"
    )(x)
    return keras.Model([image, mask, guide], made)


def of_images(**kwargs):
    return gan_zoo.FaceCompletion(
        SHAPE,
        generator=small_generator(),
        discriminator=patch_critic((*SHAPE[:2], 2)),
        **kwargs,
    )


SYSTEMS = {
    "FaceCompletion": System(
        tiny=lambda: of_images(ema=0.9),
        settings={"image_shape": (128, 128, 3), "ema": None, "l1_weight": 100},
        optimizers=both(adam(2e-4, 0.5, epsilon=1e-8)),
        rate={"d": 0.01, "g": 1e-3},
        made=translated_images,
        of_latents=False,
    ),
}


def batch(n=3):
    rng = np.random.default_rng(0)
    images, guides = (rng.uniform(-1, 1, (n, *SHAPE)) for _ in range(2))
    masks = (rng.uniform(size=(n, *SHAPE[:2], 1)) < 0.3).astype("float32")
    return [tf.constant(x, tf.float32) for x in (images, masks, guides)]


def test_one_step_by_hand():
    model = of_images(l1_weight=3.0)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.05)
    )
    images, mask, guide = batch()
    g, d = model.generator, model.discriminator
    critic = keras.models.clone_model(d)
    critic.set_weights(d.get_weights())

    def complete():
        known = images * (1 - mask)
        return known + mask * g([known, mask, guide])

    def score(x):
        return critic(tf.concat([x, guide], -1))

    made = complete()
    with tf.GradientTape() as tape:
        d_loss = -0.5 * tf.reduce_mean(tf.math.log(tf.sigmoid(score(images))))
        d_loss -= 0.5 * tf.reduce_mean(tf.math.log(1 - tf.sigmoid(score(made))))
    variables = critic.trainable_variables
    gradients = tape.gradient(d_loss, [v.value for v in variables])
    for v, gradient in zip(variables, gradients, strict=True):
        v.assign(v - 0.1 * gradient)
    with tf.GradientTape() as tape:
        made = complete()
        g_loss = -tf.reduce_mean(tf.math.log(tf.sigmoid(score(made))))
        missing = tf.broadcast_to(mask, made.shape) > 0
        l1_loss = tf.reduce_mean(tf.abs(images - made)[missing])
        loss = g_loss + 3 * l1_loss
    variables = g.trainable_variables
    gradients = tape.gradient(loss, [v.value for v in variables])
    wanted = [v - 0.05 * x for v, x in zip(variables, gradients, strict=True)]
    logs = model.train_step((images, mask, guide))
    for ours, theirs in zip(variables, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    for ours, theirs in zip(d.get_weights(), critic.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    for name, value in (("d_loss", d_loss), ("g_loss", g_loss), ("l1_loss", l1_loss)):
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)


def test_known_pixels_stay_and_hidden_ones_do_not_matter():
    model = of_images()
    images, mask, guide = (x.numpy() for x in batch())
    made = model.translate(images, mask=mask, guide=guide)
    known = np.broadcast_to(mask, images.shape) == 0
    np.testing.assert_array_equal(made[known], images[known])
    other = np.where(known, images, -images)
    np.testing.assert_array_equal(model.translate(other, mask=mask, guide=guide), made)
    nothing = model.translate(images, mask=np.zeros(SHAPE[:2]), guide=guide)
    np.testing.assert_array_equal(nothing, images)


def test_a_guide_tells_what_is_missing():
    """Where images are noise, nothing else can: here the guide is the image itself."""
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (64, *SHAPE)).astype("float32")
    masks = (rng.uniform(size=(64, *SHAPE[:2], 1)) < 0.3).astype("float32")
    model = of_images(l1_weight=1000.0)
    model.compile(g_optimizer=keras.optimizers.Adam(0.01))
    data = tf.data.Dataset.from_tensor_slices((images, masks, images)).batch(16)
    model.fit(data, epochs=40, verbose=0)
    missing = np.broadcast_to(masks, images.shape) > 0

    def error(guides):
        made = model.translate(images, mask=masks, guide=guides)
        return np.abs(made - images)[missing].mean()

    assert error(images) < 0.4 * error(np.roll(images, 1, axis=0))


def test_masks_and_guides_are_checked():
    model = of_images()
    x = rows_of(model.image_of("images"), 2)
    with pytest.raises(TypeError, match=r"needs \['guide'\]"):
        model.translate(x, mask=np.zeros(SHAPE[:2]))
    with pytest.raises(ValueError, match=r"0 .known. or 1"):
        model.translate(x, mask=np.full(SHAPE[:2], 0.5), guide=x)
    with pytest.raises(ValueError, match="mask of shape"):
        model.translate(x, mask=np.zeros((4, 4)), guide=x)


def test_requests_with_wrong_masks_are_refused_by_the_export(tmp_path):
    model = of_images()
    served = gan_zoo.serving.load(gan_zoo.export(model, tmp_path / "1", warmup=False))
    images = np.zeros((2, *SHAPE), "uint8")
    mask = np.zeros((1, *SHAPE[:2], 1), "float32")
    assert served.translate(images, mask=mask, guide=images).shape == images.shape
    for wrong in (mask[:, :4], mask + 0.5, np.repeat(mask, 3, 0)):
        with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
            served.translate(images, mask=wrong, guide=images)
    assert served.translate(images, mask=mask, guide=images).shape == images.shape


def test_a_config_round_trip():
    model = of_images(l1_weight=7.0, ema=0.5)
    copy = gan_zoo.FaceCompletion.from_config(model.get_config())
    assert copy.get_config()["l1_weight"] == 7.0
    assert copy.domains == model.domains
