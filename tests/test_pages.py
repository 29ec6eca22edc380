"""The Python blocks of the pages in docs/, but for those of test_readme.py."""

import re
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, small_networks
from testing import ROOT, shorten_fit

import gan_zoo
from gan_zoo.checks import check_weight
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_zoo.objectives import losses, penalties

IMAGES = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype("float32")


def blocks(page):
    text = (ROOT / "docs" / f"{page}.md").read_text()
    return re.findall(r"```python\n(.*?)```", text, re.S)


def block(page, word):
    """The one block that holds a word."""
    (found,) = [text for text in blocks(page) if word in text]
    return found


def run(page, word, **names):
    text = block(page, word)
    exec(compile(text, f"{page}.md", "exec"), names)
    return names


@pytest.fixture
def unregistered(monkeypatch):
    """Classes of a page that bear the names of the package's do not replace them."""
    monkeypatch.setattr(
        keras.saving, "register_keras_serializable", lambda package: lambda cls: cls
    )


VARIANT = {
    "GAN": GAN,
    "keras": keras,
    "gan_zoo": gan_zoo,
    "losses": losses,
    "penalties": penalties,
    "check_weight": check_weight,
    "dcgan_generator": dcgan_generator,
    "dcgan_discriminator": dcgan_discriminator,
}


def test_a_variant_of_the_objective(unregistered):
    """The page's LSGAN is the package's."""
    made = run("adding_a_variant", "class LSGAN", **VARIANT)["LSGAN"]
    ours, theirs = (cls(SHAPE, 5, **small_networks()) for cls in (made, gan_zoo.LSGAN))
    real, fake = tf.constant([[0.3], [2.0]]), tf.constant([[-1.0], [0.5]])
    assert ours.discriminator_loss(real, fake) == theirs.discriminator_loss(real, fake)
    assert ours.generator_loss(fake) == theirs.generator_loss(fake)


@pytest.mark.parametrize(("model", "word"), [("acgan", "real_c"), ("ebgan", "codes)")])
def test_the_lines_of_a_model_are_those_of_its_file(model, word):
    source = (ROOT / f"gan_zoo/models/noise_to_image/{model}.py").read_text()
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    shown = block("adding_a_variant", word).splitlines()
    shown = [line.strip() for line in shown if line.strip()]
    assert "\n".join(shown) in "\n".join(lines)


def test_a_parameter_of_one_s_own_trains_and_is_saved(unregistered):
    made = run("adding_a_variant", "class PenalisedGAN", **VARIANT)["PenalisedGAN"]
    gan = made(SHAPE, 5, **small_networks(), weight=2.0)
    gan.compile(run_eagerly=True)
    logs = gan.fit(IMAGES, batch_size=8, verbose=0).history
    assert logs["penalty"][0] > 0
    assert made.from_config(gan.get_config()).weight == 2.0
    with pytest.raises(ValueError, match="weight"):
        made(SHAPE, 5, **small_networks(), weight=-1.0)


def test_a_condition_of_one_s_own_is_asked_for():
    names = VARIANT | {"words": ("a", "red", "heart")}
    made = run("adding_a_variant", "class TextGAN", **names)["TextGAN"]
    z, text = keras.Input((5,)), keras.Input((16,), dtype="int32")
    image, beside = keras.Input(SHAPE), keras.Input((16,), dtype="int32")

    def pooled(ids):
        return keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(5, 4)(ids))

    x = keras.layers.Concatenate()([z, pooled(text)])
    x = keras.layers.Reshape(SHAPE)(keras.layers.Dense(64, "tanh")(x))
    score = keras.layers.Concatenate()([keras.layers.Flatten()(image), pooled(beside)])
    gan = made(
        SHAPE,
        5,
        generator=keras.Model([z, text], x),
        discriminator=keras.Model([image, beside], keras.layers.Dense(1)(score)),
    )
    gan.compile(run_eagerly=True)
    texts = np.array(["a red heart", "red"] * 4)
    gan.fit((IMAGES, texts), batch_size=8, verbose=0)
    assert gan.generate(2, texts="a heart").shape == (2, *SHAPE)


def test_a_first_translator(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shorten_fit(monkeypatch)
    made = run("images_to_images", "gan.fit")
    assert made["images"].shape == made["shaded"].shape
    assert (tmp_path / "serving/pix2pix/1/saved_model.pb").exists()


@pytest.mark.slow
def test_a_first_translator_learns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = run("images_to_images", "gan.fit")
    error, unchanged = (
        np.abs(images - made["shaded"]).mean()
        for images in (made["images"], made["flat"])
    )
    assert error < unchanged


def test_the_data_of_translators_are_their_batches():
    text = (ROOT / "docs" / "images_to_images.md").read_text()
    row = r"^\| `(gan_zoo\.\w+\(.*?\))` \| `(load\(.*?\))` \|$"
    rows = re.findall(row, text, re.M)
    assert len(rows) == 4
    for model, data in rows:
        gan = eval(model, {"gan_zoo": gan_zoo})
        train, _ = eval(data, {"load": gan_zoo.data.load})
        gan.batch.check(train.element_spec)


def test_serving_without_a_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gan = gan_zoo.WGANGP(SHAPE, 5, **small_networks())
    names = {"gan_zoo": gan_zoo, "tf": tf, "gan": gan}
    run("serving", "gan_zoo.export(", **names)
    served = run("serving", "gan_zoo.serving.load(", **names)["images"]
    alone = run("serving", "tf.saved_model.load(", **names)["images"]
    wanted = np.round((gan.generate(16, seed=0) + 1) * 127.5)
    np.testing.assert_array_equal(served, wanted)
    np.testing.assert_array_equal(alone, wanted)


@pytest.mark.parametrize("word", ["Client(", "PredictRequest", "export_onnx"])
def test_blocks_that_need_a_server_or_other_packages_are_python(word):
    compile(block("serving", word), "serving.md", "exec")


def test_a_model_is_freed_as_the_page_says():
    gan = gan_zoo.WGANGP(SHAPE, 5, **small_networks())
    names, alive = {"gan": gan}, weakref.ref(gan)
    del gan
    exec(compile(block("speed", "del gan"), "speed.md", "exec"), names)
    assert alive() is None


def test_every_block_is_tested():
    assert len(blocks("adding_a_variant")) == 5
    assert len(blocks("images_to_images")) == 2
    assert len(blocks("serving")) == 6
    assert len(blocks("speed")) == 1
