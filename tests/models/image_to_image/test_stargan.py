"""StarGAN against hand-written losses and updates, and what it is told."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from models.system import SHAPE, System, adam, data_for, rows_of, translated_images
from small_networks import convolution

import gan_zoo
from gan_zoo import backend
from gan_zoo.optimizers import ConstantThenLinear

NAMES = ("smiling", "glasses")
# Of a model whose targets in its first step are in no row the original attributes.
SEED = 4


def small_generator(shape, exclusive=False):
    """The image, and each attribute as a channel, through two convolutions."""
    image = keras.Input(shape)
    target = keras.Input((), dtype="int32") if exclusive else keras.Input((2,))
    row = ops.one_hot(target, 2) if exclusive else target
    channels = ops.tile(row[:, None, None], (1, *shape[:2], 1))
    x = keras.layers.Concatenate()([image, channels])
    x = keras.layers.Conv2D(4, 4, 2, "same", activation="relu")(x)
    made = keras.layers.Conv2DTranspose(
        shape[-1], 4, 2, "same", activation="tanh", dtype="float32"
    )(x)
    return keras.Model([image, target], made)


def small_discriminator(shape):
    image = keras.Input(shape)
    x = convolution(image)
    heads = [keras.layers.Dense(units, dtype="float32")(x) for units in (1, 2)]
    return keras.Model(image, heads)


def of_attributes():
    return gan_zoo.StarGAN(
        SHAPE,
        NAMES,
        generator=small_generator(SHAPE),
        discriminator=small_discriminator(SHAPE),
        critic_steps=2,
        ema=0.9,
    )


def of_classes():
    return gan_zoo.StarGAN(
        SHAPE,
        classes=["photo", "drawing"],
        generator=small_generator(SHAPE, exclusive=True),
        discriminator=small_discriminator(SHAPE),
        critic_steps=1,
    )


SYSTEMS = {
    "StarGAN": System(
        tiny=of_attributes,
        settings={
            "image_shape": (128, 128, 3),
            "ema": None,
            "attributes": ["Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young"],
            "classes": None,
            "class_weight": 1,
            "cycle_weight": 10,
            "gradient_penalty": 10,
            "critic_steps": 5,
            "constant_steps": 100_000,
            "linear_steps": 100_000,
        },
        optimizers={
            player: adam(ConstantThenLinear(1e-4, steps, steps), 0.5, epsilon=1e-8)
            for player, steps in (("d", 100_000), ("g", 20_000))
        },
        rate={"d": 0.005, "g": 0.01},
        made=translated_images,
        of_latents=False,
    ),
    "StarGAN, domains": System(
        tiny=of_classes,
        rate={"d": 0.005, "g": 0.01},
        made=translated_images,
        of_latents=False,
    ),
}


def linear_model(**kwargs):
    """Networks so small that their losses can be written by hand."""
    shape = (2, 2, 1)
    image, target = keras.Input(shape), keras.Input((2,))
    shift = keras.layers.Dense(1, use_bias=False)(target)
    made = keras.layers.Conv2D(1, 1)(image) + shift[:, None, None]
    flat = keras.layers.Flatten()(image)
    heads = [keras.layers.Dense(1)(flat), keras.layers.Dense(2)(flat)]
    model = gan_zoo.StarGAN(
        shape,
        NAMES,
        generator=keras.Model([image, target], made),
        discriminator=keras.Model(image, heads),
        **{"critic_steps": 1, "class_weight": 3.0, "cycle_weight": 5.0, "seed": SEED}
        | kwargs,
    )
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1)
    )
    return model


def rows():
    """Four images, no two of which have the same attributes."""
    images = np.random.default_rng(0).uniform(-1, 1, (4, 2, 2, 1)).astype("float32")
    return tf.constant(images), tf.constant([[0, 1], [1, 1], [0, 0], [1, 0.0]])


def targets_of(model, original):
    """The targets of the first step: those of other images in every row."""
    with model.draws("critic", 0):
        target = backend.shuffled(original)
    assert tf.reduce_all(tf.reduce_any(target != original, 1))
    return target


def cross_entropy(attributes, logits):
    p = tf.sigmoid(logits)
    rows = attributes * tf.math.log(p) + (1 - attributes) * tf.math.log(1 - p)
    return -tf.reduce_mean(tf.reduce_sum(rows, 1))


def test_one_step_by_hand():
    model = linear_model()
    images, original = rows()
    target = targets_of(model, original)
    g, d = (
        [tf.Variable(w) for w in net.get_weights()]
        for net in (model.generator, model.discriminator)
    )
    # Weights in the order of Keras.
    shape_of = {tuple(w.shape): w for w in g}
    kernel, bias, shift = (shape_of[s] for s in ((1, 1, 1, 1), (1,), (2, 1)))
    score_kernel, class_kernel = (w for w in d if len(w.shape) == 2)
    score_bias, class_bias = (w for w in d if len(w.shape) == 1)
    if score_kernel.shape[1] == 2:
        score_kernel, class_kernel = class_kernel, score_kernel
        score_bias, class_bias = class_bias, score_bias

    def generate(x, c):
        return x * kernel[0, 0] + bias + (c @ shift)[:, None, None]

    def heads(x):
        flat = tf.reshape(x, (4, 4))
        return flat @ score_kernel + score_bias, flat @ class_kernel + class_bias

    fake = tf.stop_gradient(generate(images, target))
    with tf.GradientTape() as tape:
        scores, logits = heads(images)
        d_loss = tf.reduce_mean(heads(fake)[0]) - tf.reduce_mean(scores)
        # The score is linear: its gradient is the same at all points between.
        penalty = 10 * (tf.norm(score_kernel) - 1) ** 2
        class_loss = cross_entropy(original, logits)
        loss = d_loss + penalty + 3 * class_loss
    for w, gradient in zip(d, tape.gradient(loss, d), strict=True):
        w.assign_sub(0.1 * gradient)
    with tf.GradientTape() as tape:  # against the critic of after its update
        fake = generate(images, target)
        scores, logits = heads(fake)
        g_loss = -tf.reduce_mean(scores)
        fake_loss = cross_entropy(target, logits)
        cycle = tf.reduce_mean(tf.abs(images - generate(fake, original)))
        loss = g_loss + 3 * fake_loss + 5 * cycle
    for w, gradient in zip(g, tape.gradient(loss, g), strict=True):
        w.assign_sub(0.1 * gradient)

    logs = model.train_step((images, original))
    for net, wanted in ((model.generator, g), (model.discriminator, d)):
        for ours, theirs in zip(net.get_weights(), wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    wanted = {
        "d_loss": d_loss,
        "g_loss": g_loss,
        "real_class_loss": class_loss,
        "fake_class_loss": fake_loss,
        "cycle_loss": cycle,
        "penalty": penalty,
    }
    for name, value in wanted.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)


def test_the_way_back_goes_to_the_original_attributes():
    """With a generator that writes its target into the image, exactly there."""
    model = linear_model(class_weight=0.0)
    layers = {
        layer.name.rstrip("_0123456789"): layer for layer in model.generator.layers
    }
    layers["conv2d"].set_weights([np.zeros((1, 1, 1, 1)), np.zeros(1)])
    layers["dense"].set_weights([np.array([[0.1], [0.5]])])
    _, original = rows()
    targets_of(model, original)
    written = original.numpy() @ [0.1, 0.5]
    images = np.broadcast_to(written[:, None, None, None], (4, 2, 2, 1))
    logs = model.train_step((tf.constant(images, tf.float32), original))
    np.testing.assert_allclose(logs["cycle_loss"], 0.0, atol=1e-6)


def test_each_update_of_the_critic_sees_a_fresh_batch():
    seen = []

    class Watched(gan_zoo.StarGAN):
        def update_discriminator(self, images, original, target):
            seen.append((images.numpy(), original.numpy(), target.numpy()))

        def update_generator(self, images, original, target):
            seen.append((images.numpy(), original.numpy(), target.numpy()))

    small = linear_model()
    networks = {name: getattr(small, name) for name in ("generator", "discriminator")}
    model = Watched((2, 2, 1), NAMES, critic_steps=2, **networks)
    model.compile(run_eagerly=True)
    images, attributes = rows()
    images = np.concatenate([images, -images])
    attributes = np.concatenate([attributes, attributes[::-1]])
    data = tf.data.Dataset.from_tensor_slices((images, attributes)).batch(4)
    model.fit(data, verbose=0)
    first, second, generator_s = seen
    for place, wanted in enumerate((images, attributes)):
        both = np.concatenate([first[place], second[place]])
        np.testing.assert_array_equal(both, wanted)
    for last, wanted in zip(generator_s, second, strict=True):
        np.testing.assert_array_equal(last, wanted)


def test_images_are_translated_to_attributes_and_to_domains():
    model = of_attributes()
    x = rows_of(model.image_of("images"), 3)
    both = model.translate(x, attributes=[1, 1])
    np.testing.assert_array_equal(model.translate(x, attributes=list(NAMES)), both)
    named = model.translate(x, attributes={"glasses": 1})
    assert np.abs(named - both).max() > 1e-3
    np.testing.assert_array_equal(
        model.translate(x, attributes=[[0, 1], [0, 1], [1, 1]])[1:],
        np.stack([named[1], both[2]]),
    )
    with pytest.raises(ValueError, match="out of smiling, glasses, got hat"):
        model.translate(x, attributes="hat")
    with pytest.raises(TypeError, match=r"needs \['attributes'\]"):
        model.translate(x)
    model = of_classes()
    drawn = model.translate(x, to="drawing")
    np.testing.assert_array_equal(model.translate(x, to=1), drawn)
    mixed = model.translate(x, to=["photo", "drawing", "drawing"])
    np.testing.assert_array_equal(mixed[1:], drawn[1:])
    assert np.abs(mixed[0] - drawn[0]).max() > 1e-3
    with pytest.raises(ValueError, match="to out of photo, drawing, got painting"):
        model.translate(x, to="painting")


def test_class_probabilities_are_those_of_the_class_head():
    model = of_attributes()
    x = rows_of(model.image_of("images"), 5)
    logits = model.discriminator(x)[1].numpy()
    made = model.class_probabilities(x, batch_size=2)
    np.testing.assert_allclose(made, 1 / (1 + np.exp(-logits)), rtol=1e-5)
    model = of_classes()
    logits = model.discriminator(x)[1].numpy()
    wanted = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(model.class_probabilities(x), wanted, rtol=1e-5)
    with pytest.raises(ValueError, match="another size"):
        model.class_probabilities(np.zeros((2, 12, 12, 1), "float32"))


def test_an_attribute_is_learned():
    """Bright images and dark ones: the translation changes the brightness."""
    shape, rng = (4, 4, 1), np.random.default_rng(0)
    bright = rng.integers(0, 2, (512, 1)).astype("float32")
    noise = 0.1 * rng.normal(size=(512, *shape))
    images = (np.where(bright, 0.5, -0.5)[..., None, None] + noise).astype("float32")
    image, target = keras.Input(shape), keras.Input((1,))
    shift = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")(target)
    made = keras.layers.Conv2D(1, 1)(image) + shift[:, None, None]
    flat = keras.layers.Flatten()(image)
    heads = [keras.layers.Dense(1)(flat), keras.layers.Dense(1)(flat)]
    model = gan_zoo.StarGAN(
        shape,
        ["bright"],
        generator=keras.Model([image, target], made),
        discriminator=keras.Model(image, heads),
    )
    fast = {"learning_rate": 0.02, "beta_1": 0.5}
    model.compile(
        d_optimizer=keras.optimizers.Adam(**fast),
        g_optimizer=keras.optimizers.Adam(**fast),
    )
    model.fit(images, bright, batch_size=16, epochs=25, verbose=0)
    up = model.translate(images[:50], attributes=[1]).mean()
    down = model.translate(images[:50], attributes=[0]).mean()
    assert up - down > 0.5
    read = model.class_probabilities(images)[:, 0] > 0.5
    assert (read == bright[:, 0]).mean() > 0.95


def test_a_config_round_trip():
    changed = {"class_weight": 2.0, "cycle_weight": 3.0, "gradient_penalty": 1.0}
    changed |= {"critic_steps": 4, "constant_steps": 5, "linear_steps": 6, "ema": 0.5}
    model = linear_model(**changed)
    config = gan_zoo.StarGAN.from_config(model.get_config()).get_config()
    assert (config | changed) == config
    assert config["attributes"] == list(NAMES)
    config = gan_zoo.StarGAN.from_config(of_classes().get_config()).get_config()
    assert config["classes"] == ["photo", "drawing"]
    assert config["attributes"] is None


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"either attributes.* got both"):
        gan_zoo.StarGAN(SHAPE, NAMES, classes=["a", "b"])
    with pytest.raises(ValueError, match="num_classes"):
        gan_zoo.StarGAN(SHAPE, classes=["photo"])
    with pytest.raises(ValueError, match=r"class logits of shape \(2,\).*\(3,\)"):
        gan_zoo.StarGAN(
            SHAPE,
            ["a", "b", "c"],
            discriminator=small_discriminator(SHAPE),
        )
    image = keras.Input(SHAPE)
    x = convolution(image, batch_norm=True)
    heads = [keras.layers.Dense(units)(x) for units in (1, 2)]
    model = gan_zoo.StarGAN(
        SHAPE,
        NAMES,
        generator=small_generator(SHAPE),
        discriminator=keras.Model(image, heads),
        critic_steps=1,
    )
    model.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="contains batch norm"):
        model.fit(data_for(model, steps=1), verbose=0)
