"""CUT against a hand-written step, and the claim of its patches."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import (
    SHAPE,
    System,
    adam,
    both,
    data_for,
    rows_of,
    translated_images,
)
from small_networks import patch_critic, translator

import gan_zoo
from gan_zoo.models.base.networks import forward
from gan_zoo.networks.cut import patch_heads
from gan_zoo.objectives import losses
from gan_zoo.optimizers import ConstantThenLinear


def with_named_layer(shape):
    """A translator whose first convolution is called "half"."""
    return renamed(translator(shape))


def renamed(network):
    def copy(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.Conv2D) and layer.strides == (2, 2):
            config["name"] = "half"
        return type(layer).from_config(config)

    return keras.models.clone_model(network, clone_function=copy)


def of_images():
    return gan_zoo.CUT(
        SHAPE,
        generator=with_named_layer(SHAPE),
        discriminator=patch_critic(SHAPE),
        heads=patch_heads([1, 4], width=4),
        layers=["half"],
        patches=9,
        ema=0.9,
    )


def linear_model(**kwargs):
    """1 x 1 convolutions, and a head of the pixels and of the first of them."""
    image, again = keras.Input(SHAPE), keras.Input(SHAPE)
    inner = keras.layers.Conv2D(2, 1, name="half")(image)
    made = keras.layers.Conv2D(1, 1)(inner)
    score = keras.layers.Conv2D(1, 1)(again)
    model = gan_zoo.CUT(
        SHAPE,
        generator=keras.Model(image, made),
        discriminator=keras.Model(again, score),
        heads=patch_heads([1, 2], width=3),
        layers=["half"],
        patches=5,
        **kwargs,
    )
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.01)
    )
    return model


def with_smooth_heads():
    """Whose vectors are never 0, where those of length 1 have no gradient."""
    config = linear_model(ema=0.9).get_config()
    features = [keras.Input((None, channels)) for channels in (1, 2)]
    vectors = []
    for place, x in enumerate(features):
        start = keras.initializers.RandomNormal(seed=place)
        x = keras.layers.Dense(3, kernel_initializer=start, bias_initializer="ones")(x)
        vectors.append(keras.layers.UnitNormalization()(x))
    return gan_zoo.CUT.from_config(config | {"heads": keras.Model(features, vectors)})


RATE = ConstantThenLinear(2e-4, 266_800, 266_800)
SYSTEMS = {
    "CUT": System(
        tiny=of_images,
        settings={
            "image_shape": (256, 256, 3),
            "ema": None,
            "patch_weight": 0.5,
            "identity_weight": 0.5,
            "temperature": 0.07,
            "patches": 256,
            "layers": None,
            "constant_steps": 266_800,
            "linear_steps": 266_800,
        },
        optimizers=both(adam(RATE, 0.5, epsilon=1e-8)),
        rate=0.02,
        spreads=with_smooth_heads,
        made=translated_images,
        of_latents=False,
    ),
}


def pairs(n=2):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, *SHAPE)), tf.float32) for _ in "ab"]


def weights(networks):
    return [v for net in networks for v in net.trainable_variables]


@pytest.mark.parametrize("identity_weight", [0.5, 0.0])
def test_one_step_by_hand(identity_weight):
    model, copy = (linear_model(identity_weight=identity_weight) for _ in "ab")
    copy.set_weights(model.get_weights())
    a, b = pairs()
    g, h, d = copy.generator, copy.heads, copy.discriminator
    half = keras.Model(g.input, g.get_layer("half").output)

    def patch_nce(source):
        made = g(source)
        terms, right = [], []
        places = [copy.draw_places(x) for x in (source, half(source))]

        def at(x, place):
            return tf.gather(tf.reshape(x, (2, 64, x.shape[-1])), place, axis=1)

        queries = h([at(x, s) for x, s in zip((made, half(made)), places, strict=True)])
        keys = h(
            [at(x, s) for x, s in zip((source, half(source)), places, strict=True)]
        )
        for query, key in zip(queries, keys, strict=True):
            logits = tf.matmul(query, tf.stop_gradient(key), transpose_b=True) / 0.07
            chances = tf.nn.softmax(logits)
            terms.append(-tf.reduce_mean(tf.math.log(tf.linalg.diag_part(chances))))
            nearest = tf.argmax(logits, -1).numpy() == np.arange(5)
            right.append(nearest.mean())
        return sum(terms) / 2, sum(right) / 2

    fake = g(a)
    with tf.GradientTape() as tape:
        d_loss = 0.5 * tf.reduce_mean((d(b) - 1) ** 2) + 0.5 * tf.reduce_mean(
            d(fake) ** 2
        )
    moved = weights([d])
    for v, gradient in zip(
        moved, tape.gradient(d_loss, [v.value for v in moved]), strict=True
    ):
        v.assign(v - 0.1 * gradient)
    with tf.GradientTape() as tape, copy.draws("generator"):
        g_loss = tf.reduce_mean((d(g(a)) - 1) ** 2)
        patch, right = patch_nce(a)
        loss = g_loss + 0.5 * patch
        if identity_weight:
            identity, _ = patch_nce(b)
            loss += 0.5 * identity
    moved = weights([g, h])
    for v, gradient in zip(
        moved, tape.gradient(loss, [v.value for v in moved]), strict=True
    ):
        v.assign(v - 0.01 * gradient)

    logs = model.train_step((a, b))
    for ours, theirs in zip(
        weights([model.generator, model.heads, model.discriminator]),
        weights([g, h, d]),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    wanted = {"d_loss": d_loss, "g_loss": g_loss, "patch_loss": patch}
    wanted |= {"patch_accuracy": right}
    if identity_weight:
        wanted["identity_loss"] = identity
    for name, value in wanted.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)


def test_places_are_drawn_without_repetition_and_all_where_there_are_few():
    model = linear_model()
    with model.draws("x"):
        first, second = (model.draw_places(np.zeros((1, 8, 8, 2))) for _ in range(2))
        few = model.draw_places(np.zeros((1, 2, 2, 2)))
    assert len(set(first.numpy())) == 5
    assert list(first.numpy()) != list(second.numpy())
    assert sorted(few.numpy()) == [0, 1, 2, 3]


def test_the_loss_of_patches_alone_keeps_what_is_where():
    """A generator that begins with noise learns to draw what its input shows there."""
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (64, 4, 4, 1)).astype("float32")
    images = images.repeat(2, axis=1).repeat(2, axis=2)
    model = gan_zoo.CUT(
        SHAPE,
        generator=with_named_layer(SHAPE),
        discriminator=patch_critic(SHAPE),
        heads=patch_heads([1, 4], width=16),
        layers=["half"],
        patches=9,
        patch_weight=10.0,
    )
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.0), g_optimizer=keras.optimizers.Adam(0.01)
    )
    fit = {"batch_size": 8, "verbose": 0}
    first = model.fit((images, images), epochs=1, **fit).history
    last = model.fit((images, images), epochs=15, **fit).history
    assert last["patch_loss"][-1] < 0.8 * first["patch_loss"][0]
    # Of nine places one is right by chance.
    assert last["patch_accuracy"][-1] > 0.4


def test_contrastive_loss_of_equal_vectors_is_that_of_chance():
    vectors = tf.ones((2, 7, 4)) / 2.0
    loss, right = losses.contrastive_loss(vectors, vectors, 0.07)
    np.testing.assert_allclose(loss, np.log(7), rtol=1e-6)
    assert float(right) == 1.0  # all are as near
    rows = tf.eye(5)[None]
    loss, right = losses.contrastive_loss(rows, rows[:, ::-1], 0.1)
    np.testing.assert_allclose(right, 1 / 5)  # the middle one
    wanted = (0.8 * 10) + np.log(np.exp(10.0) + 4) - 10
    np.testing.assert_allclose(loss, wanted, rtol=1e-5)


def test_a_config_round_trip_keeps_the_layers():
    model = of_images()
    copy = gan_zoo.CUT.from_config(model.get_config())
    assert copy.get_config()["layers"] == ["half"]
    assert copy.generator.get_layer("half")
    features = forward(copy._unsaved.encoder, rows_of(model.image_of("a"), 1))
    assert features.shape == (1, 4, 4, 4)


def test_the_paper_s_networks_take_a_step():
    model = gan_zoo.CUT((32, 32, 3))
    model.compile(run_eagerly=True)
    logs = model.fit(data_for(model, rows=1, steps=1), verbose=0).history
    assert np.isfinite([*logs.values()]).all()
    assert len(model.heads.outputs) == 5


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"heads to have the inputs features 0"):
        gan_zoo.CUT(
            SHAPE,
            generator=with_named_layer(SHAPE),
            heads=patch_heads([1, 4, 4]),
            layers=["half"],
        )
    with pytest.raises(ValueError, match="temperature"):
        gan_zoo.CUT(SHAPE, temperature=0)
