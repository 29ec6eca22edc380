"""Small trained models, exported once for all tests of the room."""

import keras
import numpy as np
import pytest
from keras import ops

import gan_zoo
from gan_zoo.inputs import Label
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.serving import export

LIMIT = 300


def _network(layers):
    stack = keras.Sequential(layers)
    return keras.Model(stack.inputs[0], stack.outputs[0])


def _generator():
    return _network(
        [
            keras.Input((4,)),
            keras.layers.Dense(4 * 4 * 8, "relu"),
            keras.layers.Reshape((4, 4, 8)),
            keras.layers.BatchNormalization(),
            keras.layers.Conv2DTranspose(
                3, 4, 2, "same", activation="tanh", name="last"
            ),
        ]
    )


def _discriminator():
    return _network(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )


class Labelled(gan_zoo.GAN):
    """A class shifts the brightness, and so does a control."""

    conditions = {"labels": Label(3)}
    controls = {"shift": 0.25}

    def sample(self, z, labels, shift=0.25):
        generator = self.sampling_networks["generator"]
        shade = (ops.cast(labels, "float32") - 1.0) / 2.0 + shift
        made = generator([z, labels], training=False)
        # A variable outside its layer, as StyleGAN's mean style.
        images = generator.layers[-1].get_layer("last").bias + made / 4.0
        return ops.clip(images + shade[:, None, None, None], -1.0, 1.0)


class Translating(ImageToImage):
    """Inverts RGB images of any size; the way back takes the mean of the channels."""

    directions = {
        "invert": Direction("there", "rgb", "rgb"),
        "enlarge": Direction("back", "grey", "grey"),
    }

    def __init__(self):
        rgb, grey = keras.Input((None, None, 3)), keras.Input((None, None, 1))

        def players():
            return {
                "d": {"discriminator": _discriminator()},
                "g": {
                    "there": keras.Model(rgb, keras.layers.Rescaling(-1.0)(rgb)),
                    "back": keras.Model(grey, keras.layers.UpSampling2D()(grey)),
                },
            }

        super().__init__({"rgb": (None, None, 3), "grey": (None, None, 1)}, players)


@pytest.fixture(scope="session")
def gan():
    keras.utils.set_random_seed(0)
    model = gan_zoo.GAN(
        (8, 8, 3), 4, generator=_generator(), discriminator=_discriminator(), ema=0.9
    )
    # Fast enough that the average lies apart from the generator after eight steps.
    model.compile(g_optimizer=keras.optimizers.SGD(0.1, momentum=0.5))
    images = np.random.default_rng(0).uniform(-1, 1, (32, 8, 8, 3)).astype("float32")
    model.fit(images, batch_size=8, epochs=2, verbose=0)
    return model


@pytest.fixture(scope="session")
def exported(gan, tmp_path_factory):
    path = tmp_path_factory.mktemp("serving") / "tiny" / "1"
    return export(gan, path, max_images=LIMIT)


@pytest.fixture(scope="session")
def labelled():
    z, label = keras.Input((4,)), keras.Input((), dtype="int32")
    generator = keras.Model([z, label], _generator()(z))
    return Labelled((8, 8, 3), 4, generator=generator, discriminator=_discriminator())


@pytest.fixture(scope="session")
def translating():
    return Translating()


@pytest.fixture(scope="session")
def as_bytes():
    def round_to_bytes(images):
        return np.clip(np.round((images + 1) * 127.5), 0, 255).astype("uint8")

    return round_to_bytes
