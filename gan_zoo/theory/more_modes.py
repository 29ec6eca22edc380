"""Mode coverage again: techniques for the discriminator, and other players.

The targets, batches, steps, seeds, plans and measure of `modes`. Two systems change
what the discriminator can be or see: SNGAN's D has nowhere a slope above 1,
ImprovedGAN's sees how near the samples of a batch lie to each other. Two add a network:
MMDGAN's critic looks for the codes that tell samples from data by a kernel, VAEGAN has
an encoder, whose codes the generator must turn back into the data. Two have no
opponent: GMMN compares samples with data by a fixed kernel, GaussianVAE maximises a
bound of the likelihood.

Every network is the perceptron of `modes` with the ends its class asks for. Each class
has its own defaults, but where those are made for images, what `SETTINGS` says, at
sight of the scale; nothing was tuned for coverage. Two things came after a first look:
MMDGAN lost a term with which it diverges, and GaussianVAE, which ignores its code, got
a second row whose spread is fixed. A class without `critic_steps` moves every player
once in a step, so that to it the plans are two momenta.

References: those of the classes.
"""

import math
import pathlib

import keras
import numpy as np
from keras import ops

import gan_zoo
from gan_zoo import layers
from gan_zoo.networks.gan import mlp, to_logit
from gan_zoo.theory import modes

SETTINGS = modes.SETTINGS | {
    # ImprovedGAN's numbers per sample (paper: 100), on which its time depends.
    "kernels": 5,
    # MMDGAN's: two coordinates, so that a code can hold a point and no more.
    "code_dim": 2,
    # MMDGAN's μ (authors' code: 16). It rewards the generator for codes beyond the
    # data's; images have bounds, points have none and ran to 1e7.
    "rank_weight": 0.0,
    # VAEGAN's γ. The paper's 1e-5 weighs a sum over 16,384 features; here are 128.
    "similarity_weight": 1e-3,
    # GMMN's, squares of lengths: from the width of a mode to the gap between modes.
    "bandwidths": [0.01, 0.1, 1.0, 10.0],
    # Of p(x|z) where it is not learned; that of the data's modes is 0.02 and 0.05.
    "spread": 0.1,
}


def _sngan(seed, s):
    x = points = keras.Input((2,))
    for number in range(s["depth"] + 1):
        last = number == s["depth"]
        layer = layers.SpectralDense(
            1 if last else s["width"],
            activation=None if last else "relu",
            kernel_initializer=_start(seed, number),
        )
        x = layer(x)
        # The singular vectors, in place of a random start that no seed repeats.
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
    start = keras.initializers.LecunNormal(_number(seed, s["depth"] + 1))
    x = layers.MinibatchDiscrimination(s["kernels"], kernel_initializer=start)(
        _features(plain)
    )
    return gan_zoo.ImprovedGAN(
        (2,),
        s["latent_dim"],
        generator=_generator(seed, s),
        discriminator=keras.Model(plain.input, to_logit(x, _start(seed, s["depth"]))),
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
        decoder=mlp(s["code_dim"], 2, *size, seed=_third(seed)),
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
        encoder=_two_headed(2, s["latent_dim"], _third(seed), s),
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
        encoder=_two_headed(2, s["latent_dim"], _third(seed), s),
        decoder=_two_headed(s["latent_dim"], 2, 2 * seed, s),
        seed=seed,
    )


def _gaussian_vae_of_one_spread(seed, s):
    plain = _generator(seed, s)
    log_variances = 0.0 * plain.output + 2.0 * math.log(s["spread"])
    return gan_zoo.GaussianVAE(
        (2,),
        s["latent_dim"],
        encoder=_two_headed(2, s["latent_dim"], _third(seed), s),
        decoder=keras.Model(plain.input, [plain.output, log_variances]),
        seed=seed,
    )


# A name, and what makes the system of a seed and of settings, a plan's among them.
SYSTEMS = {
    "SNGAN": _sngan,
    "ImprovedGAN": _improved,
    "MMDGAN": _mmdgan,
    "VAEGAN": _vaegan,
    "GMMN": _gmmn,
    "GaussianVAE": _gaussian_vae,
    "GaussianVAE, σ 0.1": _gaussian_vae_of_one_spread,
}
WITH_CRITIC_STEPS = ("SNGAN", "ImprovedGAN", "MMDGAN")


# The networks' parts. Generator and discriminator start as in `modes`.


def _generator(seed, s):
    return mlp(s["latent_dim"], 2, s["width"], s["depth"], seed=2 * seed)


def _discriminator(seed, s):
    return mlp(2, 1, s["width"], s["depth"], seed=2 * seed + 1)


def _features(network):
    """What the last layer of a perceptron takes, (n, width)."""
    return network.layers[-1].input


def _two_headed(inputs, outputs, start, s):
    """A perceptron with two outputs, means and log variances, (n, outputs) each."""
    network = mlp(inputs, 2 * outputs, s["width"], s["depth"], seed=start)
    return keras.Model(network.input, ops.split(network.output, 2, axis=-1))


def _third(seed):
    """The start of a third network, no other's for seeds below 50."""
    return 100 + seed


def _number(seed, layer):
    """The start of a layer of D, as `mlp` has it."""
    return 100 * (2 * seed + 1) + layer


def _start(seed, layer):
    return keras.initializers.GlorotUniform(_number(seed, layer))


def train(plan, target, objective, seed, **settings):
    """Samples of a system that was trained on a target.

    Args:
        plan: one of `modes.PLANS`.
        target: "ring" or "grid" of `gan_zoo.data.toy`.
        objective: one of `SYSTEMS`.
        seed: integer from which weights, data and noise come.
        **settings: in place of those of `SETTINGS`.

    Returns:
        float32 array (2500, 2).
    """
    s = SETTINGS | modes.PLANS[plan] | settings
    if objective not in WITH_CRITIC_STEPS:
        s["critic_steps"] = 1
    return modes.trained_samples(SYSTEMS[objective](seed, s), target, seed, s)


def measure(kept=None, objectives=tuple(SYSTEMS), seeds=modes.SEEDS, **settings):
    """As `modes.measure`, of `SYSTEMS` and with `SETTINGS`."""
    return modes.measure(kept, objectives, seeds, train, **SETTINGS | settings)


summary = modes.summary


def draw(path, measured=None):
    """As `modes.draw`, of this module's `measure`."""
    path = pathlib.Path(path)
    measured = measured or measure(path.with_suffix(".json"))
    above = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.1), "ncols": 2}
    return modes.draw(path, measured, **above)
