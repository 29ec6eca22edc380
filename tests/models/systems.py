"""Every system of the zoo, tiny, and data that it takes, for test_systems.py."""

import functools

import keras
import numpy as np
import tensorflow as tf
from models.system import collected

import gan_zoo
from gan_zoo import layers
from gan_zoo.models.noise_to_image.class_conditional import ClassConditionalGAN
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


def build_gan(system=gan_zoo.GAN):
    return system(
        SHAPE,
        5,
        generator=gan.relu_generator(SHAPE, 5, 16),
        discriminator=gan.maxout_discriminator(SHAPE, 8, 2),
        ema=0.9,
    )


def build_minimax():
    return build_gan(gan_zoo.MinimaxGAN)


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


def build_improved(**kwargs):
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
        **kwargs,
    )


def build_matched():
    return build_improved(feature_matching=True)


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


COLLECTED = collected()
NOISE_TO_IMAGE = {name: system.tiny for name, system in COLLECTED.items()} | {
    "GAN": build_gan,
    "MinimaxGAN": build_minimax,
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
    "ImprovedGAN, features matched": build_matched,
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
    if isinstance(model, ClassConditionalGAN):
        return data.map(lambda x: (x, tf.range(rows) % model.num_classes))
    return data


def conditions_of(model, count):
    """One value per image of whatever the model can be asked for."""
    given = {
        "labels": np.arange(count) % 3,
        "codes": np.linspace(-1, 1, 2 * count, dtype="float32").reshape(count, 2),
    }
    return {name: given[name] for name in model.conditions}


def spread(build, rate, rows=4, **kwargs):
    """A model on SGD, which shows a wrong scale of gradients; data of 12 steps."""
    model = build()
    rates = rate if isinstance(rate, dict) else dict.fromkeys(model.players, rate)
    optimizers = {
        f"{player}_optimizer": keras.optimizers.SGD(rates[player])
        for player in model.players
    }
    model.compile(**optimizers, **kwargs)
    return model, data_for(model, rows, steps=12)


def build_linear_cyclegan():
    def linear():
        image = keras.Input(SHAPE)
        start = keras.initializers.RandomNormal(stddev=0.5)
        conv = keras.layers.Conv2D(1, 1, kernel_initializer=start)
        return keras.Model(image, conv(image))

    names = ("generator_a_to_b", "generator_b_to_a")
    names += ("discriminator_a", "discriminator_b")
    networks = {name: linear() for name in names}
    return gan_zoo.CycleGAN(SHAPE, pool_size=6, ema=0.9, **networks)


# Of a generator whose gradients are small at first.
_FASTER_G = {"d": 0.5, "g": 2000.0}
# name: builder, learning rate, such that every player moves, and rows where four would
# magnify rounding too much
_SPREADS = {
    "GAN": (build_gan, _FASTER_G),
    "MinimaxGAN": (build_minimax, _FASTER_G),
    "DCGAN": (build_dcgan, 0.02),
    "LSGAN": (build_lsgan, {"d": 0.02, "g": 200.0}),
    "HingeGAN": (build_hinge, 0.02),
    "DRAGAN": (build_dragan, 0.02),
    "WGAN": (build_wgan, {"d": 0.02, "g": 1.0}),
    "WGANGP": (build_wgan_gp, 0.02),
    "CGAN": (build_cgan, 0.02),
    "ACGAN": (build_acgan, 0.002, 8),
    "SNGAN": (build_sngan, 0.02),
    "ProjectionGAN": (build_projection, 0.02),
    "InfoGAN": (build_infogan, 0.001, 16),
    "ImprovedGAN": (build_improved, 0.05),
    "ImprovedGAN, features matched": (build_matched, 0.05),
    "SemiSupervisedGAN": (build_semi_supervised, {"d": 0.02, "g": 0.2}),
    # Four rows a replica: a whole group of the minibatch standard deviation.
    "StyleGAN": (build_stylegan, 0.005, 8),
    # Of 1×1 convolutions: residual blocks amplify rounding to 1e-2 within ten steps.
    "CycleGAN": (build_linear_cyclegan, 0.01),
    "Autoencoder": (build_autoencoder, 0.02),
    "GMMN": (build_gmmn, 0.2),
    "GMMN of codes": (build_code_gmmn, 0.2),
    "MMDGAN": (build_mmd_gan, {"d": 0.02, "g": 1.0}),
    "VAE": (build_vae, 0.02),
    "GaussianVAE": (build_gaussian_vae, 0.002),
    # Eight rows: batch norm of a dense layer over four magnifies rounding.
    "VAEGAN": (build_vaegan, 0.001, 8),
}
_SPREADS |= {
    name: (system.spreads or system.tiny, system.rate, system.rows)
    for name, system in COLLECTED.items()
}
SPREADS = {name: functools.partial(spread, *how) for name, how in _SPREADS.items()}
SPREADS["GAN, four steps at a time"] = functools.partial(
    spread, build_gan, _FASTER_G, steps_per_execution=4
)
