"""What a system takes when nothing is said: the settings of its paper or its authors.

Each number stands here once more, so that none changes unseen; where a class takes
others than its paper, its docstring says so under "Differs from the paper".
"""

import keras
import pytest
from models.system import collected
from testing import classes_of_systems

import gan_zoo


def adam(learning_rate, beta_1, beta_2=0.999, epsilon=1e-7):
    return keras.optimizers.Adam, {
        "learning_rate": learning_rate,
        "beta_1": beta_1,
        "beta_2": beta_2,
        "epsilon": epsilon,
    }


def sgd(learning_rate, momentum):
    return keras.optimizers.SGD, {"learning_rate": learning_rate, "momentum": momentum}


def rmsprop(learning_rate, rho, epsilon):
    return keras.optimizers.RMSprop, {
        "learning_rate": learning_rate,
        "rho": rho,
        "momentum": 0.0,
        "epsilon": epsilon,
    }


def adagrad(learning_rate):
    numbers = {"initial_accumulator_value": 0.1, "epsilon": 1e-7}
    return keras.optimizers.Adagrad, {"learning_rate": learning_rate} | numbers


def pytorch_rmsprop(learning_rate):
    # PyTorch's ε of 1e-8, which Keras has under the root.
    return rmsprop(learning_rate, rho=0.99, epsilon=1e-16)


def both(optimizer):
    return {"d": optimizer, "g": optimizer}


MNIST = {"image_shape": (28, 28, 1), "ema": None}
GAN = MNIST | {"latent_dim": 100, "critic_steps": 1, "prior": "normal"}
UNIFORM = GAN | {"prior": "uniform"}
MIYATO = GAN | {"image_shape": (32, 32, 3), "latent_dim": 128, "critic_steps": 5}
CLIPPED = {
    "critic_steps": 5,
    "clip": 0.01,
    "warmup_generator_steps": 25,
    "warmup_critic_steps": 100,
}
VAE = MNIST | {"latent_dim": 20, "prior": "normal"}

# name: optimizers by player, and arguments
SETTINGS = {
    "GAN": ({"d": sgd(0.05, 0.5), "g": sgd(0.1, 0.5)}, GAN),
    "MinimaxGAN": (both(adam(2e-4, 0.5)), GAN),
    "DCGAN": (both(adam(2e-4, 0.5)), UNIFORM),
    "LSGAN": (both(adam(2e-4, 0.5)), UNIFORM | {"targets": (0, 1, 1)}),
    "HingeGAN": (both(pytorch_rmsprop(2e-4)), GAN),
    "DRAGAN": (both(adam(2e-4, 0.5)), UNIFORM | {"gradient_penalty": 10, "slope": 1}),
    "WGAN": (both(pytorch_rmsprop(5e-5)), GAN | CLIPPED),
    "WGANGP": (
        both(adam(1e-4, 0.0, 0.9)),
        GAN | {"latent_dim": 128, "critic_steps": 5, "gradient_penalty": 10},
    ),
    "SNGAN": (both(adam(2e-4, 0.0, 0.9)), MIYATO),
    "ProjectionGAN": (both(adam(2e-4, 0.0, 0.9)), MIYATO | {"num_classes": 10}),
    "CGAN": (both(adam(2e-4, 0.5)), UNIFORM | {"num_classes": 10}),
    "ACGAN": (both(adam(2e-4, 0.5)), GAN | {"num_classes": 10}),
    "InfoGAN": (
        {"d": adam(2e-4, 0.5), "g": adam(1e-3, 0.5)},
        UNIFORM
        | {"latent_dim": 62, "num_classes": 10, "num_codes": 2}
        | {"class_weight": 1, "code_weight": 0.1},
    ),
    "ImprovedGAN": (
        both(adam(3e-4, 0.5, epsilon=1e-4)),
        # The paper gives no weight of the history.
        UNIFORM
        | {"real_target": 0.9, "historical_weight": 1e-3, "feature_matching": False},
    ),
    "SemiSupervisedGAN": (
        both(adam(3e-3, 0.5, epsilon=1e-4)),
        UNIFORM
        | {"num_classes": 10, "unsupervised_weight": 0.5, "classifier_ema": 0.9999},
    ),
    "StyleGAN": (
        both(adam(1e-3, 0.0, 0.99, epsilon=1e-8)),
        GAN
        | {"image_shape": (32, 32, 1), "latent_dim": 512, "ema": 0.999}
        | {"r1": 10, "r1_interval": 1},
    ),
    "GMMN": (
        {"g": adam(1e-3, 0.9)},
        # Four times 2, 5, 10, 20, 40 and 80: images are twice as wide as the paper's.
        MNIST
        | {"latent_dim": 10, "prior": "uniform", "autoencoder": None}
        | {"bandwidths": (8, 20, 40, 80, 160, 320)},
    ),
    "Autoencoder": ({"autoencoder": adam(1e-3, 0.9)}, MNIST | {"code_dim": 32}),
    "MMDGAN": (
        both(pytorch_rmsprop(5e-5)),
        GAN
        | CLIPPED
        | {"latent_dim": 10, "bandwidths": (1, 2, 4, 8, 16)}
        | {"reconstruction_weight": 8, "rank_weight": 16},
    ),
    "VAE": ({"vae": adagrad(0.02)}, VAE),
    "GaussianVAE": ({"vae": adagrad(0.02)}, VAE),
    "VAEGAN": (
        {player: rmsprop(3e-4, rho=0.9, epsilon=1e-8) for player in ("e", "g", "d")},
        VAE
        | {"image_shape": (64, 64, 3), "latent_dim": 128, "similarity_weight": 1e-5},
    ),
    "CycleGAN": (
        # 100 epochs of horse2zebra's 1,334 zebras, and as many down to 0.
        both(
            adam(
                gan_zoo.optimizers.ConstantThenLinear(2e-4, 133_400, 133_400),
                0.5,
                epsilon=1e-8,
            )
        ),
        MNIST
        | {"image_shape": (256, 256, 3), "image_shape_b": (256, 256, 3)}
        | {"cycle_weight": 10, "identity_weight": 0.5, "pool_size": 50}
        | {"constant_steps": 133_400, "linear_steps": 133_400},
    ),
} | {
    # Those that their own test files name.
    name: (system.optimizers, system.settings)
    for name, system in collected().items()
}


def test_every_system_has_its_settings_here():
    assert set(SETTINGS) == {cls.__name__ for cls in classes_of_systems()}


def unnamed(optimizer):
    return {k: v for k, v in optimizer.get_config().items() if k != "name"}


@pytest.mark.parametrize("name", SETTINGS)
def test_defaults_are_the_paper_s(name):
    optimizers, arguments = SETTINGS[name]
    model = getattr(gan_zoo, name)()
    model.compile()
    assert set(model.players) == set(optimizers)
    for player, (cls, numbers) in optimizers.items():
        given = model.optimizer_of(player)
        assert type(given) is cls
        # Whole, so that no clipping, decay or the like comes in.
        assert unnamed(given) == unnamed(cls(**numbers)), player
    config = model.get_config()
    kept = {k: config[k] if k in config else getattr(model, k) for k in arguments}
    assert kept == arguments
    networks = {key for key, value in config.items() if isinstance(value, dict)}
    assert set(config) - networks - {"seed", "name"} <= set(arguments)


def test_defaults_for_codes_are_the_authors():
    gmmn = gan_zoo.GMMN(autoencoder=gan_zoo.Autoencoder())
    assert gmmn.bandwidths == (1,)
    assert gmmn.generator.output.shape == (None, 32)


def test_nine_tenths_of_stylegan_s_training_images_are_mixed():
    generator = gan_zoo.StyleGAN().generator
    kind = gan_zoo.layers.StyleMixing
    (mixing,) = (layer for layer in generator.layers if isinstance(layer, kind))
    assert mixing.probability == 0.9
