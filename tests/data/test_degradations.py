import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import gan_zoo
from gan_zoo.data.degradations import (
    compressed,
    degradation,
    enlarged,
    guides,
    rectangles,
    reduced,
    strokes,
)


def photos(count=3, side=32, channels=3):
    """Smooth pictures, as uint8."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (count, side // 4, side // 4, channels))
    return tf.cast(tf.image.resize(small, (side, side)), tf.uint8)


def test_reduced_images_are_pillow_s_bicubic():
    images = photos()
    made = reduced(images, 4).numpy()
    for image, ours in zip(images.numpy(), made, strict=True):
        theirs = Image.fromarray(image).resize((8, 8), Image.Resampling.BICUBIC)
        assert np.abs(ours.astype(int) - np.asarray(theirs)).max() <= 1


def test_enlarged_images_keep_a_constant_and_their_range():
    flat = np.full((1, 4, 4, 1), 0.3, "float32")
    np.testing.assert_allclose(
        enlarged(flat, 4), np.full((1, 16, 16, 1), 0.3), atol=1e-6
    )
    sharp = np.where(np.arange(8) % 2, 1.0, -1.0)[None, :, None, None] * np.ones(
        (1, 8, 8, 1)
    )
    assert np.abs(enlarged(sharp, 2)).max() <= 1


@pytest.mark.parametrize("channels", [1, 3])
def test_compressed_images_are_those_of_a_jpeg_file(channels):
    images = photos(channels=channels)
    made = compressed(images, 10).numpy()
    assert made.shape == images.shape
    for image, ours in zip(images.numpy(), made, strict=True):
        file = io.BytesIO()
        Image.fromarray(np.squeeze(image)).save(file, "JPEG", quality=10)
        theirs = np.asarray(Image.open(file)).reshape(ours.shape)
        assert np.abs(ours.astype(int) - theirs).mean() < 2
        assert np.abs(ours.astype(int) - image).mean() > 2


def test_rectangles_have_the_sides_that_are_drawn():
    images = np.zeros((2, 40, 20, 3))
    drawn = tf.constant([[0.0, 1.0, 0.0, 0.0], [0.4, 0.0, 1.0, 0.5]])
    masks = rectangles(images, lambda _: drawn).numpy()[..., 0]
    wanted = np.zeros((2, 40, 20))
    wanted[0, :10, :10] = 1  # a quarter of the height, half of the width
    wanted[1, 26:, 7:13] = 1  # 0.35 at the bottom; a quarter, from 0.375 on
    np.testing.assert_array_equal(masks[0], wanted[0])
    assert np.abs(masks[1] - wanted[1]).sum() <= 14


def test_strokes_are_broad_and_bend_twice():
    images = np.zeros((1, 48, 48, 3))
    # From the middle of the left side to the right, half an image long.
    drawn = tf.constant([[0.5, 0.0, 0.0, 1.0]])
    straight = tf.constant([[0.5, 0.5, 0.0, 0.0]])
    mask = strokes(images, lambda tag: drawn if tag < 4 else straight)
    mask = mask.numpy()[0, ..., 0]
    rows, columns = np.nonzero(mask)
    assert (rows.min(), rows.max()) == (20, 27)  # a twelfth of 48 on each side
    assert (columns.min(), columns.max()) == (0, 27)
    assert mask[23, :24].all()
    # Down by a right angle after 8 pixels, and up again after as many.
    around = tf.constant([[1.0, 0.0, 0.0, 0.0]])
    mask = strokes(images, lambda tag: drawn if tag < 4 else around)
    mask = mask.numpy()[0, ..., 0]
    rows, columns = np.nonzero(mask)
    assert (rows.min(), rows.max()) == (20, 35)
    assert (columns.min(), columns.max()) == (0, 19)
    assert mask[23, :8].all()
    assert mask[24:32, 8].all()
    assert mask[32, 8:16].all()
    assert not mask[30:, :4].any()


@pytest.mark.parametrize("kind", ["rectangles", "strokes"])
def test_masks_of_a_data_set_are_the_same_in_a_resumed_run(kind):
    options = {"degrade": f"mask:{kind}", "image_size": 28}
    train, test = gan_zoo.data.load("mnist_sample", 10, start=0, **options)
    resumed, _ = gan_zoo.data.load("mnist_sample", 10, start=2, **options)
    batches = list(train.take(3).as_numpy_iterator())
    for ours, theirs in zip(batches[2], next(resumed.as_numpy_iterator()), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    images, masks = batches[0]
    assert images.shape == masks.shape == (10, 28, 28, 1)
    assert set(np.unique(masks)) == {0, 1}
    assert len({mask.tobytes() for mask in masks}) == 10
    shares = np.concatenate([m for _, m in batches]).mean((1, 2, 3))
    assert 0.05 < shares.mean() < 0.4
    # Those of the training depend on the seed, and test masks do not.
    drawn, other = gan_zoo.data.load("mnist_sample", 10, seed=5, start=0, **options)
    assert (next(drawn.as_numpy_iterator())[1] != masks).any((1, 2, 3)).all()
    np.testing.assert_array_equal(
        next(test.as_numpy_iterator())[1], next(other.as_numpy_iterator())[1]
    )


def test_a_data_set_of_pairs_of_small_and_large():
    train, test = gan_zoo.data.load(
        "fluent_sample/flat", 8, degrade="bicubic:4", flip=True
    )
    small, large = next(iter(train))
    assert small.shape == (8, 8, 8, 3)
    assert large.shape == (8, 32, 32, 3)
    again = reduced(tf.cast(tf.round((large + 1) * 127.5), tf.uint8), 4)
    np.testing.assert_allclose(small, tf.cast(again, tf.float32) / 127.5 - 1, atol=1e-6)
    sizes = [len(images) for _, images in test]
    assert sum(sizes) == 138
    blocks, images = next(
        iter(gan_zoo.data.load("fluent_sample/flat", 8, degrade="jpeg:10")[0])
    )
    assert 0.01 < np.abs(blocks - images).mean() < 0.2


def test_guides_are_mirrored_images_in_another_light():
    images = photos(2)
    drawn = tf.constant([[0.5, 0.5, 0, 0], [0.0, 1.0, 0, 0]])
    made = guides(images, lambda _: drawn).numpy()
    np.testing.assert_array_equal(made[0], images[0, :, ::-1])
    levels = (images[1, :, ::-1].numpy().astype(float) - 127.5) * 0.8 + 152.5
    np.testing.assert_allclose(made[1], np.clip(levels, 0, 255), atol=0.51)
    train, _ = gan_zoo.data.load("avatar_sample", 4, degrade="guided:strokes")
    whole, masks, beside = next(iter(train))
    assert whole.shape == beside.shape == (4, 32, 32, 3)
    assert masks.shape == (4, 32, 32, 1)
    mirrored = np.abs(beside - whole[:, :, ::-1]).mean()
    assert 0.01 < mirrored < 0.25
    assert mirrored < np.abs(beside - np.roll(whole[:, :, ::-1], 1, 0)).mean()


@pytest.mark.parametrize(
    "text",
    [
        "bicubic",
        "bicubic:1",
        "bicubic:x",
        "jpeg:0",
        "jpeg:101",
        "mask:dots",
        "blur",
        "guided:x",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match=f"Expected degrade as .* got '{text}'"):
        degradation(text)


def test_what_cannot_be_degraded_is_refused():
    with pytest.raises(ValueError, match="images alone"):
        gan_zoo.data.load("mnist_sample", labels=True, degrade="jpeg:10")
    with pytest.raises(ValueError, match="images alone"):
        gan_zoo.data.load("fluent_sample/paired", degrade="jpeg:10")
    with pytest.raises(ValueError, match=r"multiples of 3, got .*image_size=27"):
        gan_zoo.data.load("mnist_sample", degrade="bicubic:3")
