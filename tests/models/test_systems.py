"""What docs/papers.md says of every system: it saves, spreads, exports, runs mixed."""

import keras
import numpy as np
import pytest
import replicas
import tensorflow as tf

import gan_zoo
from gan_zoo import layers
from gan_zoo.models.noise_to_image.class_conditional import ClassConditional
from gan_zoo.networks import (
    acgan,
    cgan,
    cyclegan,
    dcgan,
    gan,
    gmmn,
    improved,
    infogan,
    mmd_gan,
    sngan,
    stylegan,
    vae,
    vaegan,
    wgan_gp,
)

SHAPE = (8, 8, 1)
IMAGES = tf.random.stateless_uniform((240, *SHAPE), (0, 1), -1, 1)


def batches(rows, count):
    return tf.data.Dataset.from_tensor_slices(IMAGES[: rows * count]).batch(
        rows, drop_remainder=True
    )


def build_gan():
    return gan_zoo.GAN(
        SHAPE,
        5,
        generator=gan.relu_generator(SHAPE, 5, 16),
        discriminator=gan.maxout_discriminator(SHAPE, 8, 2),
        ema=0.9,
    )


def build_dcgan():
    return gan_zoo.DCGAN(
        SHAPE,
        5,
        generator=dcgan.dcgan_generator(SHAPE, 5, 4),
        discriminator=dcgan.dcgan_discriminator(SHAPE, 4),
    )


def build_with_dcgan_networks(system, **kwargs):
    return system(
        SHAPE,
        5,
        generator=dcgan.dcgan_generator(SHAPE, 5, 4),
        discriminator=dcgan.dcgan_discriminator(SHAPE, 4, batch_norm=False),
        **kwargs,
    )


def build_lsgan():
    return build_with_dcgan_networks(gan_zoo.LSGAN, targets=(-1, 1, 0))


def build_hinge():
    return build_with_dcgan_networks(gan_zoo.HingeGAN)


def build_dragan():
    return build_with_dcgan_networks(gan_zoo.DRAGAN, ema=0.9)


def build_wgan():
    # The first generator update comes at the second step.
    return build_with_dcgan_networks(
        gan_zoo.WGAN, critic_steps=2, warmup_generator_steps=2, warmup_critic_steps=4
    )


def build_cgan():
    return gan_zoo.CGAN(
        SHAPE,
        5,
        num_classes=3,
        generator=cgan.conditional_dcgan_generator(SHAPE, 5, 3, 4),
        discriminator=cgan.conditional_dcgan_discriminator(SHAPE, 3, 4),
    )


def build_acgan():
    # Three halvings of 8×8 would leave batch norm single pixels.
    shape = (32, 32, 1)
    return gan_zoo.ACGAN(
        shape,
        5,
        num_classes=3,
        generator=acgan.acgan_generator(shape, 5, 3, 8),
        discriminator=acgan.acgan_discriminator(shape, 3, 2),
        critic_steps=2,
    )


def build_sngan():
    return gan_zoo.SNGAN(
        SHAPE,
        5,
        generator=sngan.sngan_generator(SHAPE, 5, 4),
        discriminator=sngan.sngan_discriminator(SHAPE, 4),
        critic_steps=2,
        ema=0.9,
    )


def build_projection():
    return gan_zoo.ProjectionGAN(
        SHAPE,
        5,
        num_classes=3,
        generator=sngan.sngan_generator(SHAPE, 5, 4, num_classes=3),
        discriminator=sngan.sngan_discriminator(SHAPE, 4, num_classes=3),
        critic_steps=2,
    )


def build_infogan():
    return gan_zoo.InfoGAN(
        SHAPE,
        5,
        num_classes=3,
        generator=infogan.infogan_generator(SHAPE, 5, 3, 2, 4, 16),
        discriminator=infogan.infogan_discriminator(SHAPE, 3, 2, 4, 16),
    )


def build_wgan_gp():
    return gan_zoo.WGANGP(
        SHAPE,
        5,
        generator=wgan_gp.wgan_gp_generator(SHAPE, 5, 4),
        discriminator=wgan_gp.wgan_gp_critic(SHAPE, 4),
        critic_steps=3,
    )


def build_improved():
    image = keras.Input(SHAPE)
    x = layers.WeightNormConv2D(4, 3, 2, "same", activation="leaky_relu")(image)
    x = keras.layers.Flatten()(layers.GaussianNoise(0.2)(x))
    x = layers.MinibatchDiscrimination(6, 3)(x)
    return gan_zoo.ImprovedGAN(
        SHAPE,
        5,
        generator=dcgan.dcgan_generator(SHAPE, 5, 4),
        discriminator=keras.Model(image, gan.to_logit(x)),
        historical_weight=0.1,
    )


def build_semi_supervised():
    return gan_zoo.SemiSupervisedGAN(
        SHAPE,
        5,
        num_classes=3,
        generator=improved.semi_supervised_generator(SHAPE, 5, 16),
        discriminator=improved.semi_supervised_classifier(SHAPE, 3, (16, 8)),
    )


def build_stylegan():
    return gan_zoo.StyleGAN(
        SHAPE,
        8,
        generator=stylegan.stylegan_generator(
            SHAPE, 8, 8, 2, width=8, capacity=64, activation="tanh"
        ),
        discriminator=stylegan.stylegan_discriminator(SHAPE, 8, 64),
        r1=1.0,
        r1_interval=2,
        ema=0.9,
    )


def build_cyclegan():
    return gan_zoo.CycleGAN(
        SHAPE,
        generator_a_to_b=cyclegan.resnet_generator(SHAPE, width=4, blocks=1),
        generator_b_to_a=cyclegan.resnet_generator(SHAPE, width=4, blocks=1),
        discriminator_a=cyclegan.patch_discriminator(SHAPE, width=4, n_layers=1),
        discriminator_b=cyclegan.patch_discriminator(SHAPE, width=4, n_layers=1),
        pool_size=6,
        ema=0.9,
    )


def build_autoencoder():
    return gan_zoo.Autoencoder(
        SHAPE,
        6,
        encoder=gmmn.autoencoder_encoder(SHAPE, 6, 16),
        decoder=gmmn.autoencoder_decoder(SHAPE, 6, 16),
        ema=0.9,
    )


def build_gmmn():
    return gan_zoo.GMMN(
        SHAPE, 5, generator=gmmn.gmmn_generator(SHAPE, 5, [16, 16]), ema=0.9
    )


def build_code_gmmn():
    return gan_zoo.GMMN(
        SHAPE,
        5,
        generator=gmmn.gmmn_code_generator(6, 5, [16, 16]),
        autoencoder=build_autoencoder(),
    )


def build_mmd_gan():
    return gan_zoo.MMDGAN(
        SHAPE,
        5,
        generator=dcgan.dcgan_generator(SHAPE, 5, 4, 4),
        encoder=mmd_gan.mmd_gan_encoder(SHAPE, 3, 4),
        decoder=mmd_gan.mmd_gan_decoder(SHAPE, 3, 4),
        critic_steps=2,
        warmup_generator_steps=1,
        warmup_critic_steps=4,
    )


def build_vae():
    return gan_zoo.VAE(
        SHAPE,
        5,
        encoder=vae.vae_encoder(SHAPE, 5, 16),
        decoder=vae.bernoulli_decoder(SHAPE, 5, 16),
        ema=0.9,
    )


def build_gaussian_vae():
    return gan_zoo.GaussianVAE(
        SHAPE,
        5,
        encoder=vae.vae_encoder(SHAPE, 5, 16),
        decoder=vae.normal_decoder(SHAPE, 5, 16),
    )


def build_vaegan():
    return gan_zoo.VAEGAN(
        SHAPE,
        5,
        encoder=vaegan.vaegan_encoder(SHAPE, 5, 4, 8),
        decoder=vaegan.vaegan_decoder(SHAPE, 5, [4, 4, 4, 4]),
        discriminator=vaegan.vaegan_discriminator(SHAPE, [4, 4, 4, 4], 8),
        similarity_weight=0.1,
        ema=0.9,
    )


NOISE_TO_IMAGE = {
    "GAN": build_gan,
    "DCGAN": build_dcgan,
    "LSGAN": build_lsgan,
    "HingeGAN": build_hinge,
    "DRAGAN": build_dragan,
    "WGAN": build_wgan,
    "WGANGP": build_wgan_gp,
    "SNGAN": build_sngan,
    "CGAN": build_cgan,
    "ACGAN": build_acgan,
    "ProjectionGAN": build_projection,
    "InfoGAN": build_infogan,
    "ImprovedGAN": build_improved,
    "SemiSupervisedGAN": build_semi_supervised,
    "StyleGAN": build_stylegan,
    "GMMN": build_gmmn,
    "GMMN of codes": build_code_gmmn,
    "MMDGAN": build_mmd_gan,
    "VAE": build_vae,
    "GaussianVAE": build_gaussian_vae,
    "VAEGAN": build_vaegan,
}
SYSTEMS = NOISE_TO_IMAGE | {
    "Autoencoder": build_autoencoder,
    "CycleGAN": build_cyclegan,
}


def data_for(model, rows=4, steps=4):
    data = batches(rows, steps * model.batches_per_step)
    if model.image_shape != SHAPE:
        data = data.map(lambda x: tf.image.resize(x, model.image_shape[:2]))
    if isinstance(model, gan_zoo.CycleGAN):
        return tf.data.Dataset.zip(data, data.map(lambda x: -x))
    if isinstance(model, gan_zoo.SemiSupervisedGAN):
        labels = tf.data.Dataset.from_tensor_slices(tf.range(240) % 3)
        labels = labels.batch(rows, drop_remainder=True)
        return tf.data.Dataset.zip((data, labels), data.map(lambda x: -x))
    if isinstance(model, ClassConditional):
        return data.map(lambda x: (x, tf.range(rows) % model.num_classes))
    return data


def conditions_of(model, count):
    """One value per image of whatever the model can be asked for."""
    given = {
        "labels": np.arange(count) % 3,
        "codes": np.linspace(-1, 1, 2 * count, dtype="float32").reshape(count, 2),
    }
    return {name: given[name] for name in model.conditions}


def state(model):
    optimizers = [model.optimizer_of(player) for player in model.players]
    variables = model.weights + [v for o in optimizers for v in o.variables]
    return [v.numpy() for v in variables]


@pytest.mark.parametrize("build", SYSTEMS.values(), ids=SYSTEMS)
def test_saves(build, tmp_path):
    """A loaded model goes on as the uninterrupted one, bit for bit."""
    model = build()
    data = data_for(model)
    model.compile()
    model.fit(data, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for each in (model, loaded):
        each.fit(data, verbose=0)
    for a, b in zip(state(model), state(loaded), strict=True):
        np.testing.assert_array_equal(a, b)


def made_by(model):
    if isinstance(model, gan_zoo.CycleGAN):
        return model.translate(IMAGES[:2].numpy())
    if isinstance(model, gan_zoo.Autoencoder):
        return model.reconstruct(IMAGES[:2].numpy())
    return model.generate(2)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("build", SYSTEMS.values(), ids=SYSTEMS)
def test_mixed(build, policy):
    """Trains without NaN, with float32 weights, and float32 images come out."""
    keras.mixed_precision.set_dtype_policy(policy)
    model = build()
    model.compile()
    before = {p: [v.numpy() for v in model.variables_of(p)] for p in model.players}
    for _ in range(6):  # a first loss scale of 2**15 and more is lowered on the way
        model.fit(data_for(model), verbose=0)
    assert all(np.isfinite(w).all() for w in model.get_weights())
    for player, values in before.items():
        assert int(model.optimizer_of(player).iterations.numpy()) > 0
        moved = zip(values, model.variables_of(player), strict=True)
        assert any((a != b.numpy()).any() for a, b in moved)
    images = made_by(model)
    assert images.dtype == np.float32
    assert np.isfinite(images).all()


@pytest.mark.parametrize("build", NOISE_TO_IMAGE.values(), ids=NOISE_TO_IMAGE)
def test_exports(build, tmp_path):
    """The SavedModel answers the Python model's numbers."""
    model = build()
    path = gan_zoo.export(model, tmp_path / "1", warmup=False)
    loaded = tf.saved_model.load(str(path))
    z = tf.random.stateless_normal((3, model.latent_dim), (0, 1))
    given = conditions_of(model, 3)
    served = loaded.serving_default(
        z=z,
        **{
            k: tf.constant(v, c.dtype)
            for (k, v), c in zip(given.items(), model.conditions.values(), strict=True)
        },
    )
    np.testing.assert_array_equal(
        served["images"], model.sample_in_batches(z.numpy(), **given)
    )


def build_spread_gan():
    return spread(build_gan(), 0.5)


def build_spread_gan_in_fours():
    return spread(build_gan(), 0.5, steps_per_execution=4)


def build_spread_dcgan():
    return spread(build_dcgan(), 0.02)


def build_spread_lsgan():
    return spread(build_lsgan(), 0.02)


def build_spread_hinge():
    return spread(build_hinge(), 0.02)


def build_spread_dragan():
    return spread(build_dragan(), 0.02)


def build_spread_wgan():
    return spread(build_wgan(), 0.02)


def build_spread_cgan():
    return spread(build_cgan(), 0.02)


def build_spread_acgan():
    return spread(build_acgan(), 0.002, rows=8)


def build_spread_sngan():
    return spread(build_sngan(), 0.02)


def build_spread_projection():
    return spread(build_projection(), 0.02)


def build_spread_infogan():
    return spread(build_infogan(), 0.001, rows=16)


def build_spread_wgan_gp():
    return spread(build_wgan_gp(), 0.02)


def build_spread_improved():
    return spread(build_improved(), 0.05)


def build_spread_semi_supervised():
    return spread(build_semi_supervised(), 0.02)


def build_spread_stylegan():
    # Four rows a replica: a whole group of the minibatch standard deviation.
    return spread(build_stylegan(), 0.005, rows=8)


def build_spread_cyclegan():
    # Of 1×1 convolutions: residual blocks amplify rounding to 1e-2 within ten steps.
    def linear():
        image = keras.Input(SHAPE)
        start = keras.initializers.RandomNormal(stddev=0.5)
        conv = keras.layers.Conv2D(1, 1, kernel_initializer=start)
        return keras.Model(image, conv(image))

    names = ("generator_a_to_b", "generator_b_to_a")
    names += ("discriminator_a", "discriminator_b")
    networks = {name: linear() for name in names}
    return spread(gan_zoo.CycleGAN(SHAPE, pool_size=6, ema=0.9, **networks), 0.01)


def build_spread_autoencoder():
    return spread(build_autoencoder(), 0.02)


def build_spread_gmmn():
    return spread(build_gmmn(), 0.2)


def build_spread_code_gmmn():
    return spread(build_code_gmmn(), 0.2)


def build_spread_mmd_gan():
    return spread(build_mmd_gan(), 0.02)


def build_spread_vae():
    return spread(build_vae(), 0.02)


def build_spread_gaussian_vae():
    return spread(build_gaussian_vae(), 0.002)


def build_spread_vaegan():
    # Eight rows: batch norm of a dense layer over four magnifies rounding.
    return spread(build_vaegan(), 0.001, rows=8)


def spread(model, rate, rows=4, **kwargs):
    """SGD, which shows a wrong scale of gradients; twelve steps."""
    optimizers = {
        f"{player}_optimizer": keras.optimizers.SGD(rate) for player in model.players
    }
    model.compile(**optimizers, **kwargs)
    return model, data_for(model, rows, steps=12)


SPREADS = (
    "build_spread_gan",
    "build_spread_gan_in_fours",
    "build_spread_dcgan",
    "build_spread_lsgan",
    "build_spread_hinge",
    "build_spread_dragan",
    "build_spread_wgan",
    "build_spread_wgan_gp",
    "build_spread_cgan",
    "build_spread_acgan",
    "build_spread_sngan",
    "build_spread_projection",
    "build_spread_infogan",
    "build_spread_improved",
    "build_spread_semi_supervised",
    "build_spread_stylegan",
    "build_spread_cyclegan",
    "build_spread_autoencoder",
    "build_spread_gmmn",
    "build_spread_code_gmmn",
    "build_spread_mmd_gan",
    "build_spread_vae",
    "build_spread_gaussian_vae",
    "build_spread_vaegan",
)


@pytest.mark.parametrize("builder", SPREADS)
def test_spreads(builder):
    """Two replicas end as one device does."""
    gap, moved = replicas.differences(__file__, *SPREADS)[builder]
    assert gap < 1e-5
    assert moved > 1e-3


def test_a_checkpoint_of_two_replicas_loads_on_one_device():
    assert replicas.reloads(__file__, "build_spread_stylegan") == 0.0
