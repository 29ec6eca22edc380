"""Mode coverage again: techniques for the discriminator, and other models.

Targets, batches, steps, seeds, schedules and measures are those of `modes`. Two systems
change the discriminator. The gradient norm of SNGAN's D is at most 1 everywhere.
ImprovedGAN's D sees how close the samples of a batch are to each other. Two systems add
a network. MMDGAN's critic learns codes by which a kernel distinguishes samples from
data. VAEGAN has an encoder, and the generator must reconstruct the data from its codes.
Two systems have no discriminator. GMMN compares samples with data by a fixed kernel.
GaussianVAE maximises a lower bound of the likelihood.

Every network is the perceptron of `modes`, with the output layers that its class needs.
Each class has its default settings. Where a default is meant for images, `SETTINGS`
replaces it by a value that fits the scale of the points. Nothing is tuned for mode
coverage. Two decisions were made after a first run. MMDGAN has no rank term, since it
diverges with it. GaussianVAE ignores its code, so it has a second row with a fixed
standard deviation. A class without `critic_steps` updates every player once in a step.
For it the schedules differ in the momentum only.

References: those of the classes.
"""

import math
import pathlib

import keras
import numpy as np
from keras import ops

import gan_zoo
from gan_zoo import layers
from gan_zoo.networks.blocks import to_logit
from gan_zoo.networks.gan import mlp
from gan_zoo.theory import modes

SETTINGS = modes.SETTINGS | {
    # Of ImprovedGAN's minibatch discrimination (paper: 100). Fewer save time.
    "kernels": 5,
    # Of MMDGAN: a code has as many numbers as a point.
    "code_dim": 2,
    # MMDGAN's μ (authors' code: 16). It rewards the generator for codes outside the
    # range of the data. Images are bounded, but points are not, and went to 1e7.
    "rank_weight": 0.0,
    # VAEGAN's γ. The paper's 1e-5 is for a sum over 16,384 features. Here are 128.
    "similarity_weight": 1e-3,
    # Of GMMN, as squares: from the width of a mode to the gap between modes.
    "bandwidths": [0.01, 0.1, 1.0, 10.0],
    # Standard deviation of p(x|z) where it is fixed. The data's modes have 0.02, 0.05.
    "decoder_std": 0.1,
}


def _sngan(seed, s):
    x = points = keras.Input((2,))
    for number in range(s["depth"] + 1):
        last = number == s["depth"]
        layer = layers.SpectralDense(
            1 if last else s["width"],
            activation=None if last else "relu",
            kernel_initializer=_initializer(seed, number),
        )
        x = layer(x)
        # The exact singular vectors. The random ones do not depend on our seed.
        left, _, right = np.linalg.svd(ops.convert_to_numpy(layer.kernel).T)
        layer.u.assign(left[:, 0])
        layer.v.assign(right[0])
    return gan_zoo.SNGAN(
        (2,),
        s["latent_dim"],
        generator=_generator(seed, s),
        discriminator=keras.Model(points, x),
        critic_steps=s["critic_steps"],
        prior="normal",
        seed=seed,
    )


def _improved(seed, s):
    plain = _discriminator(seed, s)
    start = keras.initializers.LecunNormal(_layer_seed(seed, s["depth"] + 1))
    x = layers.MinibatchDiscrimination(s["kernels"], kernel_initializer=start)(
        _features(plain)
    )
    return gan_zoo.ImprovedGAN(
        (2,),
        s["latent_dim"],
        generator=_generator(seed, s),
        discriminator=keras.Model(
            plain.input, to_logit(x, _initializer(seed, s["depth"]))
        ),
        critic_steps=s["critic_steps"],
        prior="normal",
        seed=seed,
    )


def _mmdgan(seed, s):
    size = s["width"], s["depth"]
    return gan_zoo.MMDGAN(
        (2,),
        s["latent_dim"],
        generator=_generator(seed, s),
        encoder=mlp(2, s["code_dim"], *size, seed=2 * seed + 1),
        decoder=mlp(s["code_dim"], 2, *size, seed=_third_seed(seed)),
        rank_weight=s["rank_weight"],
        clip=s["clip"],
        critic_steps=s["critic_steps"],
        warmup_generator_steps=0,
        warmup_critic_steps=s["critic_steps"],
        seed=seed,
    )


def _vaegan(seed, s):
    plain = _discriminator(seed, s)
    return gan_zoo.VAEGAN(
        (2,),
        s["latent_dim"],
        encoder=_two_headed(2, s["latent_dim"], _third_seed(seed), s),
        decoder=_generator(seed, s),
        discriminator=keras.Model(plain.input, [plain.output, _features(plain)]),
        similarity_weight=s["similarity_weight"],
        seed=seed,
    )


def _gmmn(seed, s):
    return gan_zoo.GMMN(
        (2,),
        s["latent_dim"],
        generator=_generator(seed, s),
        bandwidths=s["bandwidths"],
        prior="normal",
        seed=seed,
    )


def _gaussian_vae(seed, s):
    return gan_zoo.GaussianVAE(
        (2,),
        s["latent_dim"],
        encoder=_two_headed(2, s["latent_dim"], _third_seed(seed), s),
        decoder=_two_headed(s["latent_dim"], 2, 2 * seed, s),
        seed=seed,
    )


def _gaussian_vae_fixed_std(seed, s):
    plain = _generator(seed, s)
    log_variances = 0.0 * plain.output + 2.0 * math.log(s["decoder_std"])
    return gan_zoo.GaussianVAE(
        (2,),
        s["latent_dim"],
        encoder=_two_headed(2, s["latent_dim"], _third_seed(seed), s),
        decoder=keras.Model(plain.input, [plain.output, log_variances]),
        seed=seed,
    )


# Functions of (seed, settings), which build a system. The settings include a
# schedule.
SYSTEMS = {
    "SNGAN": _sngan,
    "ImprovedGAN": _improved,
    "MMDGAN": _mmdgan,
    "VAEGAN": _vaegan,
    "GMMN": _gmmn,
    "GaussianVAE": _gaussian_vae,
    "GaussianVAE, σ 0.1": _gaussian_vae_fixed_std,
}
WITH_CRITIC_STEPS = ("SNGAN", "ImprovedGAN", "MMDGAN")


# Parts of the networks. Generator and discriminator start as in `modes`.


def _generator(seed, s):
    return mlp(s["latent_dim"], 2, s["width"], s["depth"], seed=2 * seed)


def _discriminator(seed, s):
    return mlp(2, 1, s["width"], s["depth"], seed=2 * seed + 1)


def _features(network):
    """The input of the last layer of a perceptron, (n, width)."""
    return network.layers[-1].input


def _two_headed(inputs, outputs, start, s):
    """A perceptron with two outputs, means and log variances, (n, outputs) each."""
    network = mlp(inputs, 2 * outputs, s["width"], s["depth"], seed=start)
    return keras.Model(network.input, ops.split(network.output, 2, axis=-1))


def _third_seed(seed):
    """The seed of a third network. It is unique for seeds below 50."""
    return 100 + seed


def _layer_seed(seed, layer):
    """The seed of a layer of D, as in `mlp`."""
    return 100 * (2 * seed + 1) + layer


def _initializer(seed, layer):
    return keras.initializers.GlorotUniform(_layer_seed(seed, layer))


def train(schedule, target, objective, seed, **settings):
    """Trains a system on a target and returns samples of it.

    Args:
        schedule: one of `modes.SCHEDULES`.
        target: "ring" or "grid" of `gan_zoo.data.toy`.
        objective: one of `SYSTEMS`.
        seed: integer seed of the weights, the data and the noise.
        **settings: replace those of `SETTINGS`.

    Returns:
        float32 array (2500, 2).
    """
    s = SETTINGS | modes.SCHEDULES[schedule] | settings
    if objective not in WITH_CRITIC_STEPS:
        s["critic_steps"] = 1
    return modes.train_and_sample(SYSTEMS[objective](seed, s), target, seed, s)


def measure(path=None, objectives=tuple(SYSTEMS), seeds=modes.SEEDS, **settings):
    """As `modes.measure`, for `SYSTEMS` and with `SETTINGS`."""
    return modes.measure(path, objectives, seeds, train, **SETTINGS | settings)


summary = modes.summary


def draw(path, measured=None):
    """As `modes.draw`, for the results of this module."""
    path = pathlib.Path(path)
    measured = measured or measure(path.with_suffix(".json"))
    above = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.1), "ncols": 2}
    return modes.draw(path, measured, **above)
