import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam
from stylegan2_golden import (
    CASES,
    channels_last,
    check_close,
    check_gradients,
    given,
    gradients,
    loaded_case,
)

import gan_zoo
from gan_zoo.augment.augmentation import Augmentation
from gan_zoo.networks.stylegan2 import stylegan2_discriminator, stylegan2_generator
from gan_zoo.objectives import penalties

SHAPE = (8, 8, 1)


def tiny(num_classes=None, **kwargs):
    sizes = {"width": 8, "capacity": 64, "mapping_depth": 2, "num_classes": num_classes}
    defaults = {"r1": 1.0, "r1_interval": 2, "path_length_interval": 2, "ema": 0.9}
    return gan_zoo.StyleGAN2(
        SHAPE,
        8,
        num_classes=num_classes,
        generator=stylegan2_generator(SHAPE, 8, 8, **sizes),
        discriminator=stylegan2_discriminator(SHAPE, **sizes),
        **(defaults | kwargs),
    )


def of_classes():
    return tiny(num_classes=3)


def scaled(interval):
    c = interval / (interval + 1)
    return adam(2e-3 * c, 0.0, 0.99**c, epsilon=1e-8)


SYSTEMS = {
    "StyleGAN2": System(
        tiny=tiny,
        settings={
            "image_shape": (64, 64, 3),
            "latent_dim": 512,
            "num_classes": None,
            "critic_steps": 1,
            "prior": "normal",
            "ema": 0.5 ** (32 / 10_000),
            "r1": 10,
            "r1_interval": 16,
            "path_length": 2,
            "path_length_interval": 8,
        },
        optimizers={"d": scaled(16), "g": scaled(8)},
        rate=0.005,
        rows=8,  # a whole group of the minibatch standard deviation for each replica
    ),
    "StyleGAN2 with classes": System(tiny=of_classes, rate=0.005, rows=8),
}


@pytest.fixture(scope="module", params=CASES)
def loaded(request):
    return loaded_case(request.param)


def test_the_path_length_penalty_equals_the_authors(loaded):
    arrays, g, _, variables, cfg = loaded
    half = slice(0, len(arrays["in/pl_noise_raw"]))  # of the latents
    inputs = given(arrays, cfg, arrays["in/z"][half], half)
    noise = channels_last(arrays["in/pl_noise_raw"]) / cfg["res"]
    mapping, synthesis = map(g.get_layer, ("mapping", "synthesis"))
    old = arrays["in/pl_mean0"]
    with tf.GradientTape() as tape:
        w = mapping(inputs, training=False)
        styles = tf.repeat(w[:, None], synthesis.input.shape[1], axis=1)
        lengths = penalties.path_lengths(synthesis, styles, noise)
        mean = tf.reduce_mean(lengths)
        average = old + 0.01 * (mean - old)
        loss = 2.0 * penalties.path_length_loss(lengths, average, mean, 0.01)
    check_close(average, arrays["out/pl_mean_after"])
    check_close((lengths - average) ** 2, arrays["out/pl_penalty_per_sample"], 1e-4)
    found = gradients(tape, loss, variables["G"])
    check_gradients(found, arrays, "out/Greg_grad/")


def test_r1_and_its_gradient_equal_the_authors(loaded):
    arrays, _, d, variables, cfg = loaded
    x = tf.constant(channels_last(arrays["in/x"]))

    def score(images):
        return d(given(arrays, cfg, images), training=True)

    with tf.GradientTape() as tape:
        r1 = penalties.zero_centred_penalty(score, x)
        loss = 7.0 / 2 * r1
    check_close(r1, np.mean(arrays["out/r1_penalty_per_sample"]), 1e-4)
    found = gradients(tape, loss, variables["D"])
    rel = 2e-2 if cfg["res"] == 64 else 1e-4
    check_gradients(found, arrays, "out/Dreg_grad/", rel)


def test_the_losses_and_their_gradients_equal_the_authors(loaded):
    arrays, g, d, variables, cfg = loaded
    model = tiny()
    x = channels_last(arrays["in/x"])
    with tf.GradientTape(persistent=True) as tape:
        fake = g(given(arrays, cfg, arrays["in/z"]), training=False)
        scores = d(given(arrays, cfg, fake), training=True)
        g_loss = model.generator_loss(scores)
        real_scores = d(given(arrays, cfg, x), training=True)
        apart = d(given(arrays, cfg, tf.stop_gradient(fake)), training=True)
        d_loss = model.discriminator_loss(real_scores, apart)
    check_close(g_loss, arrays["out/Gmain_loss_per_sample"].mean())
    check_close(d_loss, arrays["out/Dmain_loss_per_sample"].mean())
    check_gradients(gradients(tape, g_loss, variables["G"]), arrays, "out/Gmain_grad/")
    check_gradients(gradients(tape, d_loss, variables["D"]), arrays, "out/Dmain_grad/")


def test_truncation_ends_at_the_cutoff_as_the_authors(loaded):
    arrays, g, d, _, cfg = loaded
    shape = (cfg["res"], cfg["res"], 3)
    gan = gan_zoo.StyleGAN2(
        shape,
        cfg["z_dim"],
        num_classes=cfg["c_dim"] or None,
        generator=g,
        discriminator=d,
        ema=None,
    )
    z = arrays["in/z"]
    conditions = {}
    if cfg["c_dim"]:
        conditions = {"labels": np.argmax(arrays["in/c"], axis=-1).astype("int32")}
    check_close(gan.styles(z, 0.7, **conditions), arrays["out/ws_psi0.7"])
    styles = gan.styles(z, 0.5, cutoff=4, **conditions)
    check_close(styles, arrays["out/ws_psi0.5_cutoff4"])
    made = gan.sample_in_batches(z, truncation=0.7, **conditions)
    wanted = channels_last(arrays["out/img_const_psi0.7"])
    check_close(made, np.clip(wanted, -1, 1), 1e-4)


def test_both_penalties_are_steps_of_their_own():
    """They move the players where they are due, and only there."""
    counts, lengths = [], []
    gan = tiny(r1_interval=3, path_length_interval=2)
    gan.compile(run_eagerly=True)
    x = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype("float32")
    for _ in range(4):
        gan.train_on_batch(x)
        optimizers = gan.d_optimizer, gan.g_optimizer
        counts.append([int(o.iterations) for o in optimizers])
        lengths.append(float(gan.mean_length))
    assert counts == [[2, 2], [3, 3], [4, 5], [6, 6]]
    assert 0 < lengths[0] == lengths[1] < lengths[2]


def test_without_a_weight_there_is_no_penalty_and_adam_is_not_scaled():
    gan = tiny(r1=0.0, path_length=0.0)
    gan.compile(run_eagerly=True)
    x = np.zeros((4, *SHAPE), "float32")
    logs = gan.train_on_batch(x, return_dict=True)
    assert float(logs["penalty"]) == float(logs["path_length"]) == 0
    for player in "dg":
        optimizer = gan.optimizer_of(player)
        assert int(optimizer.iterations) == 1
        np.testing.assert_allclose(optimizer.learning_rate, 2e-3, rtol=1e-6)
        assert optimizer.beta_2 == 0.99


def test_r1_goes_through_the_augmentation():
    """Of images that all become black, no pixel changes the score."""

    @keras.saving.register_keras_serializable("tests")
    class Black(Augmentation):
        def change(self, images):
            return 0.0 * images - 1.0

    def penalty(augment):
        gan = tiny(augment=augment, path_length=0.0)
        gan.compile(run_eagerly=True)
        x = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype("float32")
        return float(gan.train_on_batch(x, return_dict=True)["penalty"])

    assert penalty(None) > 0
    assert penalty(Black()) == 0


def test_numbers_out_of_range_are_refused():
    for wrong in ({"r1": -1}, {"r1_interval": 0}, {"path_length": -1}):
        with pytest.raises(ValueError, match=f"Expected {next(iter(wrong))}"):
            tiny(**wrong)


def test_the_paper_s_networks_have_the_authors_sizes():
    """Those that their code prints for configuration F at 1024×1024."""
    shape = (1024, 1024, 3)
    g, d = stylegan2_generator(shape), stylegan2_discriminator(shape)
    assert sum(np.prod(v.shape) for v in g.trainable_variables) == 30_370_060
    assert sum(np.prod(v.shape) for v in d.trainable_variables) == 29_012_513
