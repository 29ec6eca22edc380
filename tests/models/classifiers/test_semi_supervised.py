import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE as IMAGE
from models.system import System, adam, both

import gan_zoo
from gan_zoo import SemiSupervisedGAN
from gan_zoo.networks.improved import (
    semi_supervised_classifier,
    semi_supervised_generator,
)

SHAPE = (4, 4, 1)


def of_images():
    return SemiSupervisedGAN(
        IMAGE,
        5,
        num_classes=3,
        generator=semi_supervised_generator(IMAGE, 5, 16),
        discriminator=semi_supervised_classifier(IMAGE, 3, (16, 8)),
    )


SYSTEMS = {
    "SemiSupervisedGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "uniform",
            "ema": None,
            "num_classes": 10,
            "unsupervised_weight": 0.5,
            "classifier_ema": 0.9999,
        },
        optimizers=both(adam(3e-3, 0.5, epsilon=1e-4)),
        rate={"d": 0.02, "g": 0.2},
    ),
}


def tiny(**kwargs):
    kwargs = {
        "generator": semi_supervised_generator(SHAPE, 5, 8),
        "discriminator": semi_supervised_classifier(SHAPE, 3, (32, 16)),
        "num_classes": 3,
    } | kwargs
    return SemiSupervisedGAN(SHAPE, 5, **kwargs)


def batch(rows=8, seed=0):
    """((images, labels), unlabelled): three classes that differ in brightness."""
    labels = tf.random.stateless_uniform((2 * rows,), (seed, 0), 0, 3, tf.int32)
    noise = tf.random.stateless_normal((2 * rows, *SHAPE), (seed, 1)) / 10
    images = noise + 0.8 * (tf.cast(labels, tf.float32) - 1.0)[:, None, None, None]
    return (images[:rows], labels[:rows]), images[rows:]


def batches(count, rows=8):
    data = tf.data.Dataset.from_tensor_slices(batch(count * rows))
    return data.batch(rows, drop_remainder=True)


def test_log_z_is_the_softmax_of_k_plus_1_classes():
    """Equation 5's loss with an explicit logit 0 for "generated" is the same."""
    gan = tiny()
    logits = np.random.default_rng(0).normal(size=(9, 3)) * 4
    score = np.log(np.exp(logits).sum(1, keepdims=True))
    everything = np.concatenate([logits, np.zeros((9, 1))], 1)
    p = np.exp(everything) / np.exp(everything).sum(1, keepdims=True)
    wanted = -np.mean(np.log(1 - p[:4, 3])) - np.mean(np.log(p[4:, 3]))
    got = gan.discriminator_loss(tf.constant(score[:4]), tf.constant(score[4:]))
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


def test_logs_are_the_terms_of_the_loss():
    gan = tiny(unsupervised_weight=0.7)
    still = {f"{p}_optimizer": keras.optimizers.SGD(0.0) for p in gan.players}
    gan.compile(**still)
    (images, labels), unlabelled = batch()
    logs = {k: float(v) for k, v in gan.train_step(batch()).items()}
    gan.steps.assign(0)
    with gan.draws("discriminator", 0):
        fake = gan.generated(gan.latents(8), {})
        real = gan.discriminator(unlabelled, training=True)[0].numpy()
        made = gan.discriminator(fake, training=True)[0].numpy()
        logits = gan.discriminator(images, training=True)[0].numpy()
    log_z = [np.log(np.exp(x).sum(1)) for x in (logits, real, made)]
    supervised = np.mean(log_z[0] - logits[np.arange(8), labels])
    unsupervised = np.mean(np.log1p(np.exp(-log_z[1]))) + np.mean(
        np.log1p(np.exp(log_z[2]))
    )
    np.testing.assert_allclose(logs["class_loss"], supervised, rtol=1e-5)
    np.testing.assert_allclose(
        logs["d_loss"], supervised + 0.7 * unsupervised, rtol=1e-5
    )
    np.testing.assert_allclose(
        logs["accuracy"], np.mean(logits.argmax(1) == labels.numpy())
    )


def test_the_generator_descends_the_distance_of_mean_features():
    gan = tiny()
    rate = 0.05
    gan.compile(g_optimizer=keras.optimizers.SGD(rate))
    _, unlabelled = batch()
    with gan.draws("generator"):
        z = gan.latents(8)
        real = gan.discriminator(unlabelled, training=True)[1]
        with tf.GradientTape() as tape:
            made = gan.discriminator(gan.generator(z, training=True), training=True)[1]
            gap = tf.reduce_mean(real, 0) - tf.reduce_mean(made, 0)
            loss = tf.reduce_mean(gap**2)
    variables = gan.variables_of("g")
    gradients = tape.gradient(loss, [v.value for v in variables])
    wanted = [v.numpy() - rate * g for v, g in zip(variables, gradients, strict=True)]
    with gan.draws("generator"):
        gan.update_generator(unlabelled)
    for variable, value in zip(variables, wanted, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, atol=1e-6)
    np.testing.assert_allclose(gan.logs()["g_loss"], loss, rtol=1e-5)


def test_learns_the_classes_and_evaluates_them():
    gan = tiny(classifier_ema=0.9)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(0.01),
        metrics=[gan_zoo.metrics.FrechetDistance(pixels())],
    )
    images, labels = (x.numpy() for x in batch(200, seed=99)[0])
    test = tf.data.Dataset.from_tensor_slices((images, labels)).batch(50)
    history = gan.fit(batches(120), validation_data=test, epochs=2, verbose=0).history
    assert history["val_accuracy"][-1] > 0.95
    assert history["val_frechet_pixels"][-1] > 0
    values = gan.evaluate(test, return_dict=True, verbose=0)
    assert values["accuracy"] == pytest.approx(history["val_accuracy"][-1])
    classes = gan.predict_classes(images, batch_size=64)
    assert np.mean(classes == labels) == pytest.approx(values["accuracy"])
    with pytest.raises(ValueError, match="got single ones"):
        gan.predict_classes(images[0])
    with pytest.raises(TypeError, match="Expected an array of images"):
        gan.predict_classes(test)
    assert "200 labelled images" in gan.protocols()["accuracy"]
    with pytest.raises(ValueError, match=r"batches \(images, labels\), got one"):
        gan.evaluate(test.map(lambda x, y: x), verbose=0)


def test_accuracy_needs_no_metric_given_to_compile():
    gan = tiny()
    gan.compile()
    (images, labels), _ = batch()
    gan.average_discriminator.get_layer("class_logits").scale.assign([0.0] * 3)
    gan.average_discriminator.get_layer("class_logits").bias.assign([0.0, 1.0, 0.0])
    (accuracy,) = gan.evaluate(images.numpy(), labels.numpy(), verbose=0)
    assert accuracy == pytest.approx(np.mean(labels.numpy() == 1))


def pixels():
    x = keras.Input(SHAPE)
    return keras.Model(x, keras.layers.Flatten()(x), name="pixels")


def test_the_classifier_s_average_forgets_the_first_weights():
    gan = tiny(classifier_ema=0.5)
    gan.compile()
    kept = gan.discriminator.get_weights()
    for step in range(12):
        gan.train_step(batch(seed=step))
        decay = min(0.5, (1 + step) / (10 + step))
        new = gan.discriminator.get_weights()
        kept = [decay * a + (1 - decay) * b for a, b in zip(kept, new, strict=True)]
    for a, b in zip(gan.average_discriminator.get_weights(), kept, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_the_default_classifier_is_the_authors():
    gan = SemiSupervisedGAN(unsupervised_weight=0.25)
    widths = [
        layer.units for layer in gan.discriminator.layers if "dense" in layer.name
    ]
    assert widths == [1000, 500, 250, 250, 250]
    spreads = [x.stddev for x in gan.discriminator.layers if hasattr(x, "stddev")]
    assert spreads == [0.3, 0.5, 0.5, 0.5, 0.5, 0.5]
    copy = SemiSupervisedGAN.from_config(gan.get_config())
    assert copy.unsupervised_weight == 0.25


@pytest.mark.parametrize(
    "change",
    [
        lambda pair, more: more,
        lambda pair, more: (pair[0], more),
        lambda pair, more: (pair[0], pair[1], more),
        lambda pair, more: (pair, more[:, :3]),
        lambda pair, more: ((pair[0], tf.one_hot(pair[1], 3)), more),
    ],
)
def test_other_batches_are_refused(change):
    gan = tiny()
    gan.compile()
    with pytest.raises(ValueError, match=r"expects batches|was built for|integers"):
        gan.fit(batches(2).map(change))


def test_labels_that_are_no_classes_stop_the_step():
    gan = tiny()
    gan.compile()
    (images, labels), unlabelled = batch()
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels from 0 to 2"):
        gan.train_step(((images, labels + 1), unlabelled))


def test_bad_arguments_are_errors():
    with pytest.raises(ValueError, match="classifier_ema"):
        tiny(classifier_ema=1.0)
    with pytest.raises(ValueError, match=r"classifier_ema in .* got None"):
        tiny(classifier_ema=None)
    with pytest.raises(ValueError, match="unsupervised_weight to be a finite number"):
        tiny(unsupervised_weight=-1)
    with pytest.raises(ValueError, match="class logits"):
        tiny(num_classes=4)
