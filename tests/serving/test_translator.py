import numpy as np
import pytest
import tensorflow as tf
from models.image_to_image.test_face_completion import of_images as of_faces
from models.image_to_image.test_stargan import of_attributes
from serving.alone import called_alone

import gan_zoo
from gan_zoo.models.image_to_image.cyclegan import CycleGAN
from gan_zoo.networks.cyclegan import resnet_generator
from gan_zoo.networks.pix2pix import unet_generator
from gan_zoo.serving import export, load

PHOTOS = np.random.default_rng(0).integers(0, 256, (20, 6, 10, 3)).astype("uint8")


@pytest.fixture(scope="module")
def model(translating, tmp_path_factory):
    path = tmp_path_factory.mktemp("serving") / "inverter" / "1"
    return load(export(translating, path, max_images=30))


def _files(images):
    return [tf.io.encode_png(x).numpy() for x in images]


def _opened(files):
    return [tf.io.decode_png(x).numpy() for x in files]


def test_bytes_in_bytes_out(model):
    np.testing.assert_array_equal(model.translate(PHOTOS), 255 - PHOTOS)
    np.testing.assert_array_equal(model.translate(PHOTOS, "invert"), 255 - PHOTOS)
    grey = PHOTOS[..., :1]
    twice = grey.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_array_equal(model.translate(grey, "enlarge"), twice)
    assert model.translate(PHOTOS[:0]).shape == (0, 6, 10, 3)


def test_files_of_different_sizes(model):
    images = [PHOTOS[0], PHOTOS[1, :5], PHOTOS[2, :, :3]]
    made = model.call("invert_png", image_bytes=_files(images))["png_bytes"]
    for image, translated in zip(images, _opened(made), strict=True):
        np.testing.assert_array_equal(translated, 255 - image)
    jpeg = [tf.io.encode_jpeg(PHOTOS[0]).numpy()]
    (made,) = _opened(model.call("invert_png", image_bytes=jpeg)["png_bytes"])
    assert made.shape == (6, 10, 3)
    assert model.call("invert_png", image_bytes=[])["png_bytes"].shape == (0,)


def test_errors_are_clean_and_not_the_end(model):
    with pytest.raises(tf.errors.InvalidArgumentError, match="at most 30 rows"):
        model.translate(np.zeros((31, 6, 10, 3), "uint8"))
    with pytest.raises(tf.errors.InvalidArgumentError):
        model.call("invert_png", image_bytes=[b"no picture"])
    with pytest.raises(TypeError, match="uint8"):
        model.translate(np.zeros((1, 6, 10, 3), "float32"))
    with pytest.raises(ValueError, match=r"Expected an endpoint in .*enlarge"):
        model.translate(PHOTOS, "shrink")
    np.testing.assert_array_equal(model.translate(PHOTOS), 255 - PHOTOS)


def test_cyclegan_translates_as_in_python(as_bytes, tmp_path):
    gan = CycleGAN(
        (16, 16, 3),
        (16, 16, 1),
        identity_weight=0.0,
        generator_a_to_b=resnet_generator((16, 16, 3), 1, width=4, blocks=1),
        generator_b_to_a=resnet_generator((16, 16, 1), 3, width=4, blocks=1),
    )
    model = load(export(gan, tmp_path / "cyclegan" / "1"))
    images = np.random.default_rng(1).integers(0, 256, (17, 16, 16, 3)).astype("uint8")
    for direction, given in (("a_to_b", images), ("b_to_a", images[..., :1])):
        wanted = gan.translate(given.astype("float32") / 127.5 - 1, direction)
        np.testing.assert_array_equal(
            model.translate(given, direction), as_bytes(wanted)
        )
    made = model.call("a_to_b_png", image_bytes=_files(images[:1]))["png_bytes"]
    np.testing.assert_array_equal(_opened(made), model.translate(images[:1]))
    # Photos of another size, since the networks take any.
    made = model.call("a_to_b_png", image_bytes=_files(PHOTOS[:1]))["png_bytes"]
    wanted = gan.translate(PHOTOS[:1].astype("float32") / 127.5 - 1)
    np.testing.assert_array_equal(_opened(made), as_bytes(wanted))


def test_pix2pix_draws_its_noise_from_a_seed(as_bytes, tmp_path):
    gan = gan_zoo.Pix2Pix((16, 16, 3), generator=unet_generator((16, 16, 3), width=4))
    model = load(export(gan, tmp_path / "pix2pix" / "1"))
    images = np.random.default_rng(1).integers(0, 256, (17, 16, 16, 3)).astype("uint8")
    scaled = images.astype("float32") / 127.5 - 1
    made = model.translate(images, seed=5)
    np.testing.assert_array_equal(made, as_bytes(gan.translate(scaled, seed=5)))
    assert (made != model.translate(images, seed=6)).any()
    np.testing.assert_array_equal(
        model.translate(images), model.translate(images, seed=0)
    )
    files = model.call("a_to_b_png", image_bytes=_files(images[16:]), seed=5)
    np.testing.assert_array_equal(_opened(files["png_bytes"]), made[16:])


@pytest.mark.parametrize("make", [of_attributes, of_faces])
def test_conditions_with_tensorflow_alone(make, as_bytes, tmp_path):
    """Attributes, or a mask and a guide; of images, and of files."""
    gan = make()
    path = export(gan, tmp_path / "1", warmup=False)
    draw, (name,) = np.random.default_rng(0), gan.directions
    images = draw.integers(0, 256, (3, 8, 8, 1), "uint8")
    given = {"attributes": np.float32([[0, 1], [1, 1], [1, 0]])}
    if make is of_faces:
        mask = draw.integers(0, 2, (3, 8, 8, 1)).astype("float32")
        given = {"mask": mask, "guide": images[::-1].copy()}
    one_for_all = {key: rows[:1] for key, rows in given.items()}
    files = {"image_bytes": np.array(_files(images), object)}
    made, same, pngs = called_alone(
        path,
        tmp_path,
        (name, {"images": images, **given}),
        ("serving_default", {"images": images, **one_for_all}),
        (f"{name}_png", {**files, **given}),
    )
    scaled = images / 127.5 - 1
    if "guide" in given:
        given["guide"] = given["guide"] / 127.5 - 1
    wanted = as_bytes(gan.translate(scaled, **given))
    np.testing.assert_array_equal(made["images"], wanted)
    np.testing.assert_array_equal(_opened(pngs["png_bytes"]), wanted)
    first = {key: rows[0] for key, rows in given.items()}
    wanted = as_bytes(gan.translate(scaled, **first))
    np.testing.assert_array_equal(same["images"], wanted)
    assert (made["images"] != same["images"]).any()


def test_a_seed_is_asked_for_only_where_something_is_drawn(model):
    assert "seed" not in model.specs("invert")


def test_a_loaded_model_takes_names(tmp_path):
    model = of_attributes()
    served = load(export(model, tmp_path / "1", warmup=False))
    x = (np.zeros((2, 8, 8, 1)) + [[[[9]]], [[[200]]]]).astype("uint8")
    by_number = served.translate(x, attributes=[0, 1])
    for named in ("glasses", ["glasses"], {"glasses": 1}):
        np.testing.assert_array_equal(served.translate(x, attributes=named), by_number)
    with pytest.raises(ValueError, match="out of smiling, glasses, got hat"):
        served.translate(x, attributes="hat")
