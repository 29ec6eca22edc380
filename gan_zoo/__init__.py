"""The GAN model zoo for TensorFlow and Keras."""

import importlib

from gan_zoo import (
    addons,
    backend,
    kernels,
    layers,
    likelihoods,
    losses,
    models,
    networks,
    optimizers,
    penalties,
    schedules,
)
from gan_zoo.models.image_to_image.cyclegan import CycleGAN
from gan_zoo.models.noise_to_image.acgan import ACGAN
from gan_zoo.models.noise_to_image.autoencoder import Autoencoder
from gan_zoo.models.noise_to_image.cgan import CGAN
from gan_zoo.models.noise_to_image.dcgan import DCGAN
from gan_zoo.models.noise_to_image.dragan import DRAGAN
from gan_zoo.models.noise_to_image.gan import GAN, MinimaxGAN
from gan_zoo.models.noise_to_image.gmmn import GMMN
from gan_zoo.models.noise_to_image.hinge import HingeGAN
from gan_zoo.models.noise_to_image.improved import ImprovedGAN
from gan_zoo.models.noise_to_image.infogan import InfoGAN
from gan_zoo.models.noise_to_image.lsgan import LSGAN
from gan_zoo.models.noise_to_image.mmd_gan import MMDGAN
from gan_zoo.models.noise_to_image.projection import ProjectionGAN
from gan_zoo.models.noise_to_image.semi_supervised import SemiSupervisedGAN
from gan_zoo.models.noise_to_image.sngan import SNGAN
from gan_zoo.models.noise_to_image.stylegan import StyleGAN
from gan_zoo.models.noise_to_image.vae import VAE, GaussianVAE
from gan_zoo.models.noise_to_image.vaegan import VAEGAN
from gan_zoo.models.noise_to_image.wgan import WGAN
from gan_zoo.models.noise_to_image.wgan_gp import WGANGP

__version__ = "0.1.0"

# Rooms that are TensorFlow's own are loaded at first use: models need none of them.
_LATER = (
    "callbacks",
    "comparison",
    "data",
    "experiment",
    "metrics",
    "serving",
    "theory",
)

__all__ = [
    "ACGAN",
    "CGAN",
    "DCGAN",
    "DRAGAN",
    "GAN",
    "GMMN",
    "LSGAN",
    "MMDGAN",
    "SNGAN",
    "VAE",
    "VAEGAN",
    "WGAN",
    "WGANGP",
    "Autoencoder",
    "CycleGAN",
    "GaussianVAE",
    "HingeGAN",
    "ImprovedGAN",
    "InfoGAN",
    "MinimaxGAN",
    "ProjectionGAN",
    "SemiSupervisedGAN",
    "StyleGAN",
    "addons",
    "backend",
    "export",
    "kernels",
    "layers",
    "likelihoods",
    "losses",
    "models",
    "networks",
    "optimizers",
    "penalties",
    "schedules",
    *_LATER,
]


def __getattr__(name):
    if name == "export":
        return importlib.import_module("gan_zoo.serving").export
    if name in _LATER:
        return importlib.import_module(f"gan_zoo.{name}")
    raise AttributeError(f"module 'gan_zoo' has no attribute {name!r}")
