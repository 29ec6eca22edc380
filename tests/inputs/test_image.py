import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.inputs import Image
from gan_zoo.inputs.image import check_image_shape, from_bytes

INVALID = tf.errors.InvalidArgumentError


def images(largest):
    ramp = np.linspace(-1, 1, 8 * 2 * 2, dtype="float32")
    return largest * ramp.reshape(8, 2, 2, 1)


@pytest.mark.parametrize(
    ("largest", "limit", "fine"),
    [
        (1, None, True),
        (4, None, True),
        (5, None, False),
        (1, 1.0, True),
        (2, 1.0, False),
    ],
)
def test_numbers_beyond_the_limit_are_refused(largest, limit, fine):
    x, kind = images(largest), Image((2, 2, 1), limit)
    if fine:
        kind.check_array("images", x)
        np.testing.assert_array_equal(kind.checked("images", tf.constant(x)), x)
        return
    with pytest.raises(ValueError, match=rf"\[-1, 1\], got values up to {largest}\. "):
        kind.check_array("images", x)
    with pytest.raises(INVALID, match=rf"\[-1, 1\].*127\.5.* Got: {largest}"):
        kind.checked("images", tf.constant(x))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused_anywhere(bad):
    x = np.zeros((70, 2, 2, 1), "float32")
    x[-1, 1, 1, 0] = bad
    kind = Image((2, 2, 1))
    with pytest.raises(ValueError, match=r"finite numbers.*isfinite"):
        kind.check_array("images", x)
    with pytest.raises(INVALID, match=r"Got: (nan|inf)"):
        kind.checked("images", tf.constant(x))


def test_images_without_a_dark_pixel_are_warned_of():
    kind = Image((2, 2, 1))
    with pytest.warns(UserWarning, match=r"0 \.\.\. 1 write 2 \* x - 1"):
        kind.check_array("images", np.abs(images(1)))
    # Without a warning: too few to tell, nothing but one grey, integers.
    kind.check_array("images", np.abs(images(1))[:7])
    kind.check_array("images", 0 * images(1))
    kind.check_array("images", np.ones((8, 2, 2, 1), "int64"))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("dtype", ["float32", tf.bfloat16.as_numpy_dtype])
def test_vectors_without_a_range_must_be_finite_too(bad, dtype):
    kind, x = Image((2,)), np.full((70, 2), 9, dtype)
    kind.check_array("vectors", x)
    x[-1, 1] = bad
    with pytest.raises(ValueError, match=r"vectors of finite numbers.*axis=\(1,\)"):
        kind.check_array("vectors", x)
    with pytest.raises(INVALID, match=r"vectors of finite.*Leave out.*Got: (nan|inf)"):
        kind.checked("vectors", tf.constant(x))


def test_vectors_have_a_range_where_a_model_has_a_limit():
    x = tf.fill((3, 2), 9.0)
    np.testing.assert_array_equal(Image((2,)).checked("images", x), x)
    with pytest.raises(INVALID, match="Got: 9"):
        Image((2,), limit=1.0).checked("images", x)


def test_no_images_are_fine():
    x = tf.zeros((0, 2, 2, 1))
    assert Image((2, 2, 1)).checked("images", x).shape == (0, 2, 2, 1)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4, 8, 8), "without channels. Write images"),
        ((8, 8, 1), "Batch the data set"),
        ((4, 8), "2 axes. Batch the data set"),
        ((2, 4, 8, 8, 1), "5 axes. Remove an axis"),
        (
            (None, None, None, 1),
            r"not stated.*tf\.ensure_shape\(x, \(None, 8, 8, 1\)\)",
        ),
        (
            (4, 8, 8, 3),
            r"number of channels. .*rgb_to_grayscale\(x\), .* image_shape=\(8, 8, 3\)",
        ),
        ((4, 8, 9, 1), r"another size. .* with image_shape=\(8, 9, 1\)"),
        ((4, 64), r"another shape. Write tf\.reshape\(x, \(-1, 8, 8, 1\)\)"),
        ((None, 1, 8, 8), r"channels first.*tf\.transpose\(x, \(0, 2, 3, 1\)\)"),
        ((None, 1, None, None), r"channels first"),
        ((4, 2, 8, 8), r"another size|number of channels"),
    ],
)
def test_messages_say_what_differs(shape, message):
    with pytest.raises(ValueError, match=message):
        Image((8, 8, 1)).check_spec("GAN", "images", tf.TensorSpec(shape))


@pytest.mark.parametrize(
    ("shape", "other", "advised"),
    [
        ((8, 8, 1), (9, 8, 1), True),
        ((8, 8, 1), (9, 8, 3), True),
        ((None, None, 1), (9, 8, 3), False),
        ((8, 8, 1), (8, 8, 3), False),
        ((8,), (9,), False),
    ],
)
def test_images_of_another_size_may_be_resized(shape, other, advised):
    """Default networks may refuse a size, so another model is not the only advice."""
    with pytest.raises(ValueError, match="build a model with") as caught:
        Image(shape).check_spec("GAN", "images", tf.TensorSpec((4, *other)))
    for words in ("sides that halve evenly", "load(..., image_size=...)"):
        assert (words in str(caught.value)) is advised


def test_vectors_and_images_are_reshaped_to_each_other_as_advised():
    x = np.zeros((4, 8, 8, 1))
    images, vectors = Image((8, 8, 1)), Image((64,))
    with pytest.raises(ValueError, match=r"tf\.reshape\(x, \(-1, 64\)\)"):
        vectors.check_spec("GAN", "images", x)
    flat = tf.reshape(x, (-1, 64))
    vectors.check_spec("GAN", "images", flat)
    with pytest.raises(ValueError, match=r"tf\.reshape\(x, \(-1, 8, 8, 1\)\)"):
        images.check_spec("GAN", "images", flat)
    images.check_spec("GAN", "images", tf.reshape(flat, (-1, 8, 8, 1)))


def test_channels_come_last():
    theirs = np.zeros((4, 3, 8, 6), "float32")
    for kind in (Image((8, 6, 3)), Image((None, None, 3))):
        with pytest.raises(ValueError, match="channels first"):
            kind.check_spec("GAN", "images", theirs)
        moved = tf.transpose(theirs, (0, 2, 3, 1))
        kind.check_spec("GAN", "images", moved)
    # Three rows of pixels are no sign of it where the channels fit.
    Image((None, None, 3)).check_spec("GAN", "images", np.zeros((4, 3, 8, 3)))


def test_the_advice_for_open_sides_can_be_followed():
    kind = Image((8, 8, 1))
    data = tf.data.Dataset.from_generator(
        lambda: iter(np.zeros((4, 2, 8, 8, 1), "float32")),
        output_signature=tf.TensorSpec((None, None, None, 1)),
    )
    with pytest.raises(ValueError, match="ensure_shape"):
        kind.check_spec("GAN", "images", data.element_spec)
    stated = data.map(lambda x: tf.ensure_shape(x, (None, 8, 8, 1)))
    kind.check_spec("GAN", "images", stated.element_spec)
    resized = data.map(lambda x: tf.image.resize(x, (8, 8)))
    kind.check_spec("GAN", "images", resized.element_spec)


def test_networks_of_any_size_take_any_size():
    kind = Image((None, None, 3))
    for shape in ((None, 8, 9, 3), (None, None, None, 3)):
        kind.check_spec("Pix2Pix", "images", tf.TensorSpec(shape))
    with pytest.raises(ValueError, match="channels"):
        kind.check_spec("Pix2Pix", "images", tf.TensorSpec((None, 8, 8, 1)))


def test_integers_are_refused_with_the_fix():
    with pytest.raises(ValueError, match=r"got uint8.*127\.5 - 1"):
        Image((2,)).check_spec("GAN", "images", np.zeros((4, 2), "uint8"))


def test_bytes_equal_numpy_s_division():
    every = np.arange(256, dtype="uint8")
    wanted = every.astype("float32") / 127.5 - 1
    np.testing.assert_array_equal(from_bytes(every), wanted)
    np.testing.assert_array_equal(tf.function(from_bytes)(every), wanted)


@pytest.mark.parametrize(
    "wrong", [(), 28, (0, 28, 1), (2.5, 3, 1), "ab", (28, 0), (2, 8, 8, 1)]
)
def test_shapes_that_are_none(wrong):
    with pytest.raises(ValueError, match=r"of at least 1, got.*give all sides"):
        check_image_shape(wrong)


def test_shapes_without_channels_get_them():
    with pytest.raises(ValueError, match=r"pass image_shape_b=\(28, 32, 1\)\."):
        check_image_shape(np.array([28, 32]), "image_shape_b")
    with pytest.raises(ValueError, match=r"pass image_shape=\(8, 8, 1\)\."):
        check_image_shape((8, 8), sides_open=True)


def test_open_sides_are_for_networks_of_any_size():
    assert check_image_shape((None, None, 3), sides_open=True) == (None, None, 3)
    for wrong in ((None, None, None), (0, None, 3)):
        with pytest.raises(ValueError, match="give all sides"):
            check_image_shape(wrong, sides_open=True)
    with pytest.raises(ValueError, match="give all sides"):
        check_image_shape((None, None, 3))


def check(spec, shape=(4, 4, 1)):
    """As `fit` and `evaluate` look at a batch before they read it."""
    Image(shape).check_spec("GAN", "images", spec)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_float_images_pass_as_arrays_and_as_specs(dtype):
    check(tf.TensorSpec((None, 4, 4, 1), dtype))
    if dtype != "bfloat16":
        check(np.zeros((2, 4, 4, 1), dtype))


def test_bytes_are_refused_with_the_fix():
    with pytest.raises(ValueError, match=r"got uint8.*127.5 - 1"):
        check(np.zeros((2, 4, 4, 1), "uint8"))


def test_a_single_image_and_another_shape_are_refused_with_the_fix():
    check(np.zeros((2, 4, 4, 1)))
    with pytest.raises(ValueError, match=r"single ones.*ds.batch"):
        check(np.zeros((4, 4, 1)))
    with pytest.raises(ValueError, match=r"with image_shape=\(4, 6, 1\)"):
        check(np.zeros((2, 4, 6, 1)))


def test_images_without_channels_get_them():
    """Such as those of keras.datasets.mnist."""
    for images in (np.zeros((2, 4, 4)), tf.TensorSpec((None, 4, 4))):
        with pytest.raises(ValueError, match=r"Write images\[\.\.\., None\]"):
            check(images)
    with pytest.raises(ValueError, match="single ones"):
        check(np.zeros((2, 4, 4)), (4, 4, 3))


def test_images_of_several_sizes_are_passed_one_after_the_other():
    several = [np.zeros((4, 4, 1), "float32"), np.zeros((6, 4, 1), "float32")]
    with pytest.raises(
        ValueError, match=r"one shape, got .*\(4, 4, 1\), \(6, 4, 1\)\."
    ):
        Image((None, None, 1)).of_user("CUT", several)
    same = Image((4, 4, 1)).of_user("CUT", several[:1])
    assert same.shape == (1, 4, 4, 1)
