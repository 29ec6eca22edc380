"""The GAN model zoo for TensorFlow and Keras.

Importing this package loads no framework: each name is imported when it is first used.
"""

import importlib

from gan_zoo.startup import prepare

__version__ = "0.1.0"

prepare()

# Where each public name is from; a name without a place is a module of its own.
_FROM = {
    "gan_zoo.models.autoencoders.autoencoder": ("Autoencoder",),
    "gan_zoo.models.autoencoders.vae": ("VAE", "GaussianVAE"),
    "gan_zoo.models.autoencoders.vaegan": ("VAEGAN",),
    "gan_zoo.models.classifiers.semi_supervised": ("SemiSupervisedGAN",),
    "gan_zoo.models.image_to_image.attributegan": ("AttributeGAN",),
    "gan_zoo.models.image_to_image.bicyclegan": ("BicycleGAN",),
    "gan_zoo.models.image_to_image.cut": ("CUT",),
    "gan_zoo.models.image_to_image.cyclegan": ("CycleGAN",),
    "gan_zoo.models.image_to_image.discogan": ("DiscoGAN",),
    "gan_zoo.models.image_to_image.dualgan": ("DualGAN",),
    "gan_zoo.models.image_to_image.esrgan": ("ESRGAN", "RRDBNet"),
    "gan_zoo.models.image_to_image.face_completion": ("FaceCompletion",),
    "gan_zoo.models.image_to_image.mgan": ("MGAN",),
    "gan_zoo.models.image_to_image.pix2pix": ("Pix2Pix",),
    "gan_zoo.models.image_to_image.residual_attributegan": ("ResidualAttributeGAN",),
    "gan_zoo.models.image_to_image.spade": ("SPADE",),
    "gan_zoo.models.image_to_image.srgan": ("SRGAN", "SRResNet"),
    "gan_zoo.models.image_to_image.stargan": ("StarGAN",),
    "gan_zoo.models.image_to_image.unit": ("UNIT",),
    "gan_zoo.models.noise_to_image.acgan": ("ACGAN",),
    "gan_zoo.models.noise_to_image.began": ("BEGAN",),
    "gan_zoo.models.noise_to_image.cgan": ("CGAN",),
    "gan_zoo.models.noise_to_image.dcgan": ("DCGAN",),
    "gan_zoo.models.noise_to_image.dragan": ("DRAGAN",),
    "gan_zoo.models.noise_to_image.ebgan": ("EBGAN",),
    "gan_zoo.models.noise_to_image.gan": ("GAN",),
    "gan_zoo.models.noise_to_image.gmmn": ("GMMN",),
    "gan_zoo.models.noise_to_image.hinge": ("HingeGAN",),
    "gan_zoo.models.noise_to_image.improved": ("ImprovedGAN",),
    "gan_zoo.models.noise_to_image.infogan": ("InfoGAN",),
    "gan_zoo.models.noise_to_image.lsgan": ("LSGAN",),
    "gan_zoo.models.noise_to_image.minimax": ("MinimaxGAN",),
    "gan_zoo.models.noise_to_image.mmd_gan": ("MMDGAN",),
    "gan_zoo.models.noise_to_image.projection": ("ProjectionGAN",),
    "gan_zoo.models.noise_to_image.r3gan": ("R3GAN",),
    "gan_zoo.models.noise_to_image.relativistic": (
        "RelativisticAverageGAN",
        "RelativisticAverageHingeGAN",
        "RelativisticAverageLSGAN",
        "RelativisticGAN",
    ),
    "gan_zoo.models.noise_to_image.sngan": ("SNGAN",),
    "gan_zoo.models.noise_to_image.stylegan": ("StyleGAN",),
    "gan_zoo.models.noise_to_image.stylegan2": ("StyleGAN2",),
    "gan_zoo.models.noise_to_image.wgan": ("WGAN",),
    "gan_zoo.models.noise_to_image.wgan_gp": ("WGANGP",),
    "gan_zoo.objectives": ("kernels", "likelihoods", "losses", "penalties"),
    "gan_zoo.serving": ("export",),
}
_MODULES = (
    "addons",
    "augment",
    "backend",
    "callbacks",
    "data",
    "features",
    "inputs",
    "layers",
    "metrics",
    "models",
    "networks",
    "objectives",
    "optimizers",
    "runs",
    "serving",
    "theory",
)
_PLACES = {name: place for place, names in _FROM.items() for name in names}

__all__ = [*_PLACES, *_MODULES]


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"gan_zoo.{name}")
    if name in _PLACES:
        value = getattr(importlib.import_module(_PLACES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'gan_zoo' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
