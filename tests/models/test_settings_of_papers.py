"""What a system takes when nothing is said: the settings of its paper or its authors.

Each number stands once more in the system's test file, so that none changes unseen;
where a class takes others than its paper, its docstring says so under "Differs from the
paper".
"""

import gc

import pytest
from models.systems import SYSTEMS

import gan_zoo

NAMED = {name: each for name, each in SYSTEMS.items() if each.settings is not None}


@pytest.fixture(autouse=True)
def _models_of_full_size_are_freed():
    yield
    gc.collect()  # a model and its parts refer to each other


def unnamed(optimizer):
    return {k: v for k, v in optimizer.get_config().items() if k != "name"}


@pytest.mark.parametrize("name", NAMED)
def test_defaults_are_the_paper_s(name):
    optimizers, arguments = NAMED[name].optimizers, NAMED[name].settings
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
    assert set(config) - networks - {"seed", "name", "shared_layers"} <= set(arguments)


def test_defaults_for_codes_are_the_authors():
    gmmn = gan_zoo.GMMN(autoencoder=gan_zoo.Autoencoder())
    assert gmmn.bandwidths == (1,)
    assert gmmn.generator.output.shape == (None, 32)


def test_nine_tenths_of_stylegan_s_training_images_are_mixed():
    generator = gan_zoo.StyleGAN().generator
    kind = gan_zoo.layers.StyleMixing
    (mixing,) = (layer for layer in generator.layers if isinstance(layer, kind))
    assert mixing.probability == 0.9
