"""Tiny systems of every kind of input that no model of the zoo uses yet."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

import gan_zoo
from gan_zoo.inputs import Attributes, Features, Image, Mask, Text
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.objectives import losses

SHAPE, ROWS = (4, 4, 1), 24
WORDS = ("red", "green", "heart", "star")


def flat(*tensors):
    return keras.layers.Concatenate()([keras.layers.Flatten()(x) for x in tensors])


def to_image(x):
    x = keras.layers.Dense(16, "tanh")(x)
    return keras.layers.Reshape(SHAPE)(x)


def bag_of_words(numbers):
    """The mean of the embeddings of the words that there are, 0 for no words."""
    embedded = keras.layers.Embedding(len(WORDS) + 2, 3)(numbers)
    there = ops.expand_dims(ops.cast(ops.greater(numbers, 0), "float32"), -1)
    count = ops.maximum(ops.sum(there, axis=1), 1.0)
    return ops.sum(embedded * there, axis=1) / count


class Conditional(gan_zoo.GAN):
    """A GAN whose two players are told something of each image."""

    @property
    def batch_parts(self):
        return super().batch_parts | self.conditions


@keras.saving.register_keras_serializable("tests")
class TextGAN(Conditional):
    conditions = {"texts": Text(WORDS, 3)}

    @staticmethod
    def build():
        z, image = keras.Input((2,)), keras.Input(SHAPE)
        words, again = (keras.Input((3,), dtype="int32") for _ in "gd")
        generator = keras.Model([z, words], to_image(flat(z, bag_of_words(words))))
        score = keras.layers.Dense(1)(flat(image, bag_of_words(again)))
        critic = keras.Model([image, again], score)
        return TextGAN(SHAPE, 2, generator=generator, discriminator=critic, ema=0.9)


@keras.saving.register_keras_serializable("tests")
class FeaturesGAN(Conditional):
    conditions = {"features": Features((3,))}

    @staticmethod
    def build():
        z, image = keras.Input((2,)), keras.Input(SHAPE)
        features, again = keras.Input((3,)), keras.Input((3,))
        generator = keras.Model([z, features], to_image(flat(z, features)))
        score = keras.layers.Dense(1)(flat(image, again))
        critic = keras.Model([image, again], score)
        return FeaturesGAN(
            SHAPE, 2, generator=generator, discriminator=critic, critic_steps=2
        )


class Translating(ImageToImage):
    """A translator under conditions, against a critic of images alone."""

    tracked = ("d_loss", "g_loss")
    directions = {"edit": Direction("generator", "images", "images")}

    def __init__(self, generator=None, discriminator=None, **kwargs):
        def players():
            image = keras.Input(SHAPE)
            score = keras.layers.Dense(1)(keras.layers.Flatten()(image))
            g = generator or self.paper_generator()
            d = discriminator or keras.Model(image, score)
            return {"d": {"discriminator": d}, "g": {"generator": g}}

        super().__init__({"images": SHAPE}, players, **kwargs)

    def paper_generator(self):
        image = keras.Input(SHAPE)
        others = [keras.Input(c.shape) for c in self.conditions.values()]
        return keras.Model([image, *others], to_image(flat(image, *others)))

    def paper_optimizers(self):
        return {player: keras.optimizers.SGD(0.1) for player in ("d", "g")}

    def train_step(self, data):
        ((images, *conditions),) = self.minibatches(data)

        def generator():
            fake = forward(self.generator, [images, *conditions])
            score = forward(self.discriminator, fake)
            loss = losses.non_saturating_generator_loss(score)
            loss += ops.mean(ops.abs(fake - images))
            return loss, {"g_loss": loss}, fake

        def discriminator():
            scores = [forward(self.discriminator, x) for x in (images, fake)]
            loss = losses.minimax_discriminator_loss(*scores)
            return loss, {"d_loss": loss}

        fake = self.update("g", generator)
        self.update("d", discriminator)
        return self.finish_step()


@keras.saving.register_keras_serializable("tests")
class AttributesTranslator(Translating):
    conditions = {"attributes": Attributes(["smiling", "glasses"])}

    @staticmethod
    def build():
        return AttributesTranslator(ema=0.9)


@keras.saving.register_keras_serializable("tests")
class MaskTranslator(Translating):
    conditions = {"mask": Mask(SHAPE), "guide": Image(SHAPE)}

    @staticmethod
    def build():
        return MaskTranslator()


SYSTEMS = {
    "Text": TextGAN,
    "Features": FeaturesGAN,
    "Attributes": AttributesTranslator,
    "Mask": MaskTranslator,
}


def arrays():
    """One array for each name that a batch of these systems has."""
    rng = np.random.default_rng(0)
    words = np.array([*WORDS, "?", ""])
    return {
        "images": rng.uniform(-1, 1, (ROWS, *SHAPE)).astype("float32"),
        "guide": rng.uniform(-1, 1, (ROWS, *SHAPE)).astype("float32"),
        "texts": np.array([" ".join(row) for row in rng.choice(words, (ROWS, 4))]),
        "features": rng.normal(size=(ROWS, 3)).astype("float32"),
        "attributes": rng.integers(0, 2, (ROWS, 2)),
        "mask": rng.integers(0, 2, (ROWS, 4, 4, 1)).astype("uint8"),
    }


def data_for(model, rows=4):
    """A data set of dicts, with more in them than the model asks for."""
    data = tf.data.Dataset.from_tensor_slices(arrays())
    return data.batch(rows, drop_remainder=True)


def conditions_for(model, count):
    given = arrays()
    return {name: given[name][:count] for name in model.conditions}


def spread(system):
    model = system.build()
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.5), g_optimizer=keras.optimizers.SGD(0.5)
    )
    return model, data_for(model)


SPREADS = {name: lambda s=system: spread(s) for name, system in SYSTEMS.items()}
