import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from gan_zoo import backend
from gan_zoo.inputs import Attributes
from gan_zoo.models.image_to_image.base import Direction, ImageToImage

SHAPE = (4, 4, 1)
NAMES = ("bright", "dark")


class Noisy(keras.layers.Layer):
    """Adds noise, also outside of training."""

    def call(self, x):
        return x + 0.1 * backend.normal(tuple(ops.shape(x)))

    def compute_output_shape(self, shape):
        return shape


@keras.saving.register_keras_serializable("gan_zoo_tests")
class Editing(ImageToImage):
    """Moves images of any size by their attributes, with noise; and halves them."""

    tracked = ("g_loss",)
    directions = {
        "edit": Direction("editor", "photo", "photo"),
        "halve": Direction("halver", "photo", "sketch"),
    }

    def __init__(self, image_shape=(None, None, 1), ema=None, conditions=True):
        self.asks = conditions

        def players():
            image, told = keras.Input((None, None, 1)), keras.Input((2,))
            moved = keras.layers.Dense(1, kernel_initializer="ones")(told)
            moved = Noisy()(image) + keras.layers.Reshape((1, 1, 1))(moved)
            half = keras.layers.Rescaling(0.5)(image)
            inputs = [image, told] if conditions else image
            if not conditions:
                moved = keras.layers.Conv2D(1, 1, kernel_initializer="ones")(image)
            editor = keras.Model(inputs, moved)
            halver = keras.Model(inputs, half)
            return {"g": {"editor": editor, "halver": halver}}

        domains = {"photo": image_shape, "sketch": image_shape}
        super().__init__(domains, players, ema=ema)

    @property
    def conditions(self):
        return {"attributes": Attributes(NAMES)} if self.asks else {}


def images(n=5, side=4):
    draw = np.random.default_rng(0)
    return draw.uniform(-0.5, 0.5, (n, side, side, 1)).astype("float32")


def test_the_first_direction_is_the_default_and_any_size_will_do():
    model, x = Editing(conditions=False), images()
    np.testing.assert_allclose(model.translate(x), x, atol=1e-6)
    np.testing.assert_array_equal(model.translate(x, "halve"), x / 2)
    wide = images(3, 6)
    made = model.translate(wide, "halve", batch_size=2)
    np.testing.assert_array_equal(made, wide / 2)
    assert made.dtype == np.float32
    assert model.translate(x[:0], "halve").shape == (0, *SHAPE)
    with pytest.raises(ValueError, match=r"\['edit', 'halve'\], got 'sharpen'"):
        model.translate(x, "sharpen")


def test_conditions_are_one_for_all_or_one_per_image():
    model, x = Editing(), images(2)
    first = model.translate(x, attributes=[1, 0])
    np.testing.assert_allclose(first - x, 1, atol=0.5)  # the noise is small
    np.testing.assert_array_equal(model.translate(x, attributes="bright"), first)
    each = model.translate(x, attributes=[[1, 0], [1, 1]])
    np.testing.assert_array_equal(each[0], first[0])
    np.testing.assert_allclose(each[1] - x[1], 2, atol=0.5)


def test_the_same_seed_draws_the_same_noise():
    model, x = Editing(), images(3)
    first, again, other = (
        model.translate(x, attributes="dark", seed=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first, other).all()


@pytest.mark.parametrize("seed", ["a", None, 2**80])
def test_seeds_are_integers(seed):
    with pytest.raises(ValueError, match="Expected seed to be an integer"):
        Editing().translate(images(), attributes="dark", seed=seed)


def test_what_is_missing_or_not_taken_is_named():
    with pytest.raises(TypeError, match=r"needs \['attributes'\] as well.*attributes="):
        Editing().translate(images())
    with pytest.raises(
        TypeError, match=r"takes \['attributes'\] besides.*\['labels'\]"
    ):
        Editing().translate(images(), labels=1, attributes="dark")
    with pytest.raises(TypeError, match="takes nothing besides images; got"):
        Editing(conditions=False).translate(images(), attributes="dark")
    with pytest.raises(ValueError, match="attributes of shape"):
        Editing().translate(images(3), attributes=[[1, 0], [0, 1]])


def test_images_of_another_kind_are_refused():
    model = Editing(SHAPE, conditions=False)
    with pytest.raises(ValueError, match="another number of channels"):
        model.translate(np.zeros((2, 4, 4, 3), "float32"))
    with pytest.raises(ValueError, match="float images"):
        model.translate(np.zeros((2, *SHAPE), "uint8"))
    with pytest.raises(TypeError, match="Expected an array of images"):
        model.translate(tf.data.Dataset.from_tensor_slices(images()))


def test_networks_of_any_size_translate_images_of_other_sizes_than_they_learn():
    model, x = Editing(SHAPE), images(2, 6)
    bright = model.translate(x, attributes="bright", seed=3)
    assert bright.shape == x.shape
    # To find what sizes the networks take draws no noise.
    again = Editing().translate(x, attributes="bright", seed=3)
    np.testing.assert_array_equal(again, bright)


def test_a_batch_holds_an_image_of_each_domain():
    model = Editing(SHAPE, conditions=False)
    assert list(model.batch_parts) == ["images_photo", "images_sketch"]
    assert model.image_shape == SHAPE
    with pytest.raises(ValueError, match="for images_sketch of shape"):
        model.batch.check((images(), images(side=6)))


def test_metrics_compare_translations_with_images_of_the_target():
    class Halving(Editing):
        directions = dict(reversed(Editing.directions.items()))

    model, x = Halving(SHAPE, conditions=False), tf.constant(images())
    real, fake = model.real_and_fake(x, -x)
    np.testing.assert_array_equal(real, -x)
    np.testing.assert_array_equal(fake, x / 2)


def test_translations_are_those_of_the_averages():
    model, x = Editing(ema=0.5, conditions=False), images()
    model.editor.layers[-1].kernel.assign([[[[3.0]]]])
    np.testing.assert_allclose(model.translate(x), x, atol=1e-6)
    plain = Editing(conditions=False)
    plain.editor.layers[-1].kernel.assign([[[[3.0]]]])
    np.testing.assert_allclose(plain.translate(x), 3 * x, atol=1e-6)


@pytest.mark.parametrize("shape", [28, (0, 4, 1), (4, 4, None), ("4", 4, 1)])
def test_shapes_that_are_none_are_refused_by_the_argument_s_name(shape):
    with pytest.raises(ValueError, match="image_shape to be"):
        Editing(shape)
