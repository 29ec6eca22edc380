"""`python -m gan_zoo.translate` on files as people have them."""

import itertools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from models.image_to_image.test_face_completion import of_images as of_faces
from models.image_to_image.test_stargan import of_attributes, of_classes
from PIL import Image
from small_networks import patch_critic

import gan_zoo
from gan_zoo import translate

SHAPE = (16, 16, 3)


def negative():
    """A model whose translation is the negative, of any size."""
    image = keras.Input((None, None, 3))
    made = keras.layers.Conv2D(3, 1, use_bias=False, name="turned")(image)
    network = keras.Model(image, made)
    network.set_weights([-np.eye(3)[None, None]])
    return gan_zoo.CUT(
        SHAPE, generator=network, discriminator=patch_critic(SHAPE), layers=["turned"]
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    negative().save(folder / "model.keras")
    gan_zoo.export(negative(), folder / "export" / "1", warmup=False)
    return {"keras": folder / "model.keras", "export": folder / "export"}


def picture(*size, channels=3):
    shape = (*size, channels) if channels > 1 else size
    return np.random.default_rng(0).integers(0, 256, shape).astype("uint8")


def read(path):
    with Image.open(path) as image:
        return np.asarray(image)


def run(*arguments):
    return translate.main([str(a) for a in arguments])


@pytest.mark.parametrize("kind", ["keras", "export"])
def test_a_folder_of_images_of_any_size_and_kind(kind, models, tmp_path, capsys):
    source, target = tmp_path / "in", tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    wide, alpha = picture(21, 34), picture(7, 9, channels=4)
    Image.fromarray(wide).save(source / "wide.png")
    Image.fromarray(alpha).save(source / "deep" / "alpha.png")
    Image.fromarray(picture(16, 16, channels=1)).save(source / "grey.bmp")
    turned = Image.fromarray(picture(12, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    turned.save(source / "turned.png", exif=exif)
    Image.new("RGB", (24, 24), (200, 40, 90)).save(source / "photo.jpg")
    (source / "broken.png").write_bytes(b"\x89PNG")
    (source / "notes.txt").write_text("not an image")
    assert run(models[kind], source, target) == 0
    np.testing.assert_array_equal(read(target / "wide.png"), 255 - wide)
    made = read(target / "deep" / "alpha.png")
    np.testing.assert_array_equal(made[..., 3], alpha[..., 3])
    # What lies behind is laid on white, as a viewer shows it.
    white = Image.new("RGBA", (9, 7), "white")
    shown = Image.alpha_composite(white, Image.fromarray(alpha)).convert("RGB")
    np.testing.assert_array_equal(made[..., :3], 255 - np.asarray(shown))
    grey = picture(16, 16, channels=1)
    np.testing.assert_array_equal(read(target / "grey.bmp")[..., 1], 255 - grey)
    upright = np.rot90(picture(12, 20), -1)
    np.testing.assert_array_equal(read(target / "turned.png"), 255 - upright)
    photo = read(target / "photo.jpg").astype(int)
    assert np.abs(photo - [55, 215, 165]).max() <= 3
    assert sorted(path.name for path in target.rglob("*.*")) == [
        *("alpha.png", "grey.bmp", "photo.jpg", "turned.png", "wide.png"),
    ]
    shown = capsys.readouterr()
    assert f"5 of 6 images are in {target}." in shown.out
    assert "left out: broken.png: cannot identify image file" in shown.err


def test_files_that_are_there_are_kept_unless_asked(models, tmp_path, capsys):
    source, target = tmp_path / "one.png", tmp_path / "out"
    Image.fromarray(picture(16, 16)).save(source)
    assert run(models["keras"], source, target) == 0
    (target / "one.png").write_bytes(b"mine")
    assert run(models["keras"], source, target) == 1
    assert (target / "one.png").read_bytes() == b"mine"
    assert "see --overwrite" in capsys.readouterr().err
    assert run(models["keras"], source, target, "--overwrite") == 0
    np.testing.assert_array_equal(read(target / "one.png"), 255 - picture(16, 16))


def test_attributes_by_name_and_by_number(tmp_path):
    model = of_attributes()
    model.save(tmp_path / "model.keras")
    gan_zoo.export(model, tmp_path / "export" / "1", warmup=False)
    image = picture(8, 8, channels=1)
    Image.fromarray(image).save(tmp_path / "face.png")
    for kind, value in (
        ("model.keras", "glasses"),
        ("model.keras", "0,1"),
        ("export", "0,1"),
        ("export", "glasses"),
    ):
        out = tmp_path / f"out {kind} {value}"
        arguments = (tmp_path / kind, tmp_path / "face.png", out)
        assert run(*arguments, f"--attributes={value}") == 0
        x = image[None, ..., None].astype("float32") / 127.5 - 1
        made = model.translate(x, attributes="glasses")[0, ..., 0]
        wanted = np.clip(np.round((made + 1) * 127.5), 0, 255)
        np.testing.assert_array_equal(read(out / "face.png"), wanted)


def test_images_of_another_size_are_left_out_by_a_model_of_one(tmp_path, capsys):
    image = keras.Input(SHAPE)
    made = keras.layers.Conv2D(3, 1, name="made")(image)
    fixed = gan_zoo.CUT(
        SHAPE,
        generator=keras.Model(image, made),
        discriminator=patch_critic(SHAPE),
        layers=["made"],
    )
    fixed.save(tmp_path / "model.keras")
    for name, side in (("right", 16), ("wrong", 20)):
        (tmp_path / "in").mkdir(exist_ok=True)
        Image.fromarray(picture(side, side)).save(tmp_path / "in" / f"{name}.png")
    assert run(tmp_path / "model.keras", tmp_path / "in", tmp_path / "out") == 0
    shown = capsys.readouterr().err
    assert "left out: wrong.png: CUT was built for images" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere", "in", "out"), "Expected a run folder, an exported model"),
        (("model.keras", "nothing", "out"), "a folder or an image, got nothing"),
        (("model.keras", "in", "in"), "another output folder"),
        (("model.keras", "empty", "out"), "Expected images in"),
        (("model.keras", "in", "in/a.png"), "got a file"),
        (("model.keras", "in", "out", "--direction=up"), "out of a_to_b"),
        (("export", "in", "out", "--direction=up"), "up"),
        (("export", "in", "out", "--attributes=smiling"), "nothing besides images"),
        (("export", "in", "out", "--mask=in"), "nothing besides images, got mask"),
        (("model.keras", "in", "out", "--mask=in"), "takes nothing besides images"),
        (("export", "in", "out", "--mask=nowhere"), "as --mask, got nowhere"),
        (("export", "in", "out", "--to=1"), "takes nothing besides images"),
        (("model.keras", "in", "out", "--to=1"), "takes nothing besides images"),
    ],
)
def test_wrong_commands_say_what_was_expected(
    arguments, message, models, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "empty").mkdir()
    Image.fromarray(picture(16, 16)).save("in/a.png")
    named = {"model.keras": models["keras"], "export": models["export"]}
    arguments = (named.get(arguments[0], arguments[0]), *arguments[1:])
    with pytest.raises(SystemExit) as exit:
        run(*arguments)
    assert exit.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["model.keras", "export"])
@pytest.mark.parametrize(
    "given",
    [
        *([], ["--attributes=hat"], ["--attributes=2,0"], ["--attributes=1"]),
        ["--to=1"],
    ],
)
def test_what_a_model_does_not_take_is_said_once(kind, given, tmp_path, capsys):
    """Before any image is read."""
    model = of_attributes()
    model.save(tmp_path / "model.keras")
    gan_zoo.export(model, tmp_path / "export" / "1", warmup=False)
    Image.fromarray(picture(8, 8, channels=1)).save(tmp_path / "face.png")
    with pytest.raises(SystemExit):
        run(tmp_path / kind, tmp_path / "face.png", tmp_path / "out", *given)
    shown = capsys.readouterr().err
    assert "attributes" in shown
    if kind == "export" and given == ["--attributes=hat"]:
        assert "Expected numbers" in shown
        assert "glasses" in shown  # the names that it knows
    assert "left out" not in shown


def test_domains_by_name_and_by_number(tmp_path):
    model = of_classes()
    model.save(tmp_path / "model.keras")
    image = picture(8, 8, channels=1)
    Image.fromarray(image).save(tmp_path / "a.png")
    x = image[None, ..., None].astype("float32") / 127.5 - 1
    wanted = np.round((model.translate(x, to="drawing")[0, ..., 0] + 1) * 127.5)
    gan_zoo.export(model, tmp_path / "export" / "1", warmup=False)
    for kind, to in itertools.product(("model.keras", "export"), ("drawing", "1")):
        out = tmp_path / f"out {kind} {to}"
        assert run(tmp_path / kind, tmp_path / "a.png", out, f"--to={to}") == 0
        np.testing.assert_array_equal(read(out / "a.png"), wanted)


@pytest.mark.parametrize("to", ["9", "-1", "paint"])
@pytest.mark.parametrize("kind", ["model.keras", "export"])
def test_a_domain_that_is_not_there_is_said_once(kind, to, tmp_path, capsys):
    of_classes().save(tmp_path / "model.keras")
    gan_zoo.export(of_classes(), tmp_path / "export" / "1", warmup=False)
    Image.fromarray(picture(8, 8, channels=1)).save(tmp_path / "a.png")
    with pytest.raises(SystemExit):
        run(tmp_path / kind, tmp_path / "a.png", tmp_path / "out", f"--to={to}")
    shown = capsys.readouterr().err
    assert "drawing" in shown or "from 0 to 1" in shown
    assert "left out" not in shown


@pytest.mark.parametrize("kind", ["model.keras", "export"])
def test_masks_and_guides_are_images_of_the_same_names(kind, tmp_path, capsys):
    model = of_faces()
    model.save(tmp_path / "model.keras")
    gan_zoo.export(model, tmp_path / "export" / "1", warmup=False)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "masks" / "deep").mkdir(parents=True)
    face = picture(8, 8, channels=1)
    mask = np.zeros((8, 8), "uint8")
    mask[2:5, 1:6] = 255
    Image.fromarray(face).save(tmp_path / "in" / "deep" / "a.bmp")
    Image.fromarray(face).save(tmp_path / "in" / "without.png")
    Image.fromarray(mask).save(tmp_path / "masks" / "deep" / "a.png")
    Image.fromarray(face[::-1]).save(tmp_path / "guide.png")
    arguments = [tmp_path / kind, tmp_path / "in", tmp_path / "out"]
    arguments.append(f"--guide={tmp_path / 'guide.png'}")
    with pytest.raises(SystemExit):
        run(*arguments)
    assert "mask" in capsys.readouterr().err
    assert run(*arguments, f"--mask={tmp_path / 'masks'}") == 0
    shown = capsys.readouterr().err
    assert "left out: without.png: there is no" in shown
    x, guide = (y[None, ..., None] / 127.5 - 1 for y in (face, face[::-1]))
    made = model.translate(x, mask=mask // 255, guide=guide)[0, ..., 0]
    wanted = np.clip(np.round((made + 1) * 127.5), 0, 255)
    assert (wanted != face).any()
    np.testing.assert_array_equal(read(tmp_path / "out" / "deep" / "a.bmp"), wanted)


def test_what_an_earlier_call_wrote_below_the_input_is_no_input(models, tmp_path):
    Image.fromarray(picture(16, 16)).save(tmp_path / "a.png")
    target = tmp_path / "out"
    for _ in range(2):
        run(models["keras"], tmp_path, target, "--overwrite")
    assert [path.name for path in target.iterdir()] == ["a.png"]


def test_results_may_be_written_above_the_input(models, tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(picture(16, 16)).save(tmp_path / "in" / "a.png")
    assert run(models["keras"], tmp_path / "in", tmp_path) == 0
    assert (tmp_path / "a.png").is_file()


def test_images_of_four_channels_are_for_python(tmp_path, capsys):
    shape = (8, 8, 4)
    image = keras.Input(shape)
    made = keras.layers.Conv2D(4, 1, name="made")(image)
    gan_zoo.CUT(
        shape,
        generator=keras.Model(image, made),
        discriminator=patch_critic(shape),
        layers=["made"],
    ).save(tmp_path / "model.keras")
    Image.fromarray(picture(8, 8)).save(tmp_path / "a.png")
    with pytest.raises(SystemExit):
        run(tmp_path / "model.keras", tmp_path / "a.png", tmp_path / "out")
    assert "got one of 4 channels" in capsys.readouterr().err


def test_a_seed_does_no_harm_where_nothing_is_drawn(models, tmp_path):
    Image.fromarray(picture(16, 16)).save(tmp_path / "a.png")
    for kind, path in models.items():
        assert run(path, tmp_path / "a.png", tmp_path / kind, "--seed=1") == 0


def test_a_model_that_translates_nothing_is_refused(tmp_path, capsys):
    gan_zoo.GAN((8, 8, 1), 3).save(tmp_path / "gan.keras")
    Image.fromarray(picture(8, 8)).save(tmp_path / "a.png")
    with pytest.raises(SystemExit):
        run(tmp_path / "gan.keras", tmp_path / "a.png", tmp_path / "out")
    assert "translates images, got GAN" in capsys.readouterr().err


def test_the_command_itself_is_quiet(models, tmp_path):
    Image.fromarray(picture(16, 16)).save(tmp_path / "a.png")
    command = [sys.executable, "-m", "gan_zoo.translate", models["export"]]
    command += [tmp_path / "a.png", tmp_path / "out"]
    # As in a shell, where TensorFlow's log has no level yet.
    env = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    assert done.stderr == ""
    assert (tmp_path / "out" / "a.png").exists()


def test_one_image_may_have_a_name_of_its_own(models, tmp_path):
    Image.fromarray(picture(8, 8)).save(tmp_path / "in.png")
    paths = tmp_path / "in.png", tmp_path / "new" / "out.png"
    assert run(models["keras"], *paths) == 0
    np.testing.assert_allclose(read(paths[1]), 255.0 - read(paths[0]), atol=1)
    paths[1].write_bytes(b"mine")
    assert run(models["keras"], *paths) == 1
    assert paths[1].read_bytes() == b"mine"
    with pytest.raises(SystemExit):
        run(models["keras"], paths[0], paths[0], "--overwrite")
    (tmp_path / "folder.png").mkdir()
    assert run(models["keras"], paths[0], tmp_path / "folder.png") == 0
    assert (tmp_path / "folder.png" / "in.png").is_file()


def test_a_damaged_model_is_named(models, tmp_path, capsys):
    damaged = tmp_path / "half.keras"
    damaged.write_bytes(models["keras"].read_bytes()[:500])
    Image.fromarray(picture(8, 8)).save(tmp_path / "in.png")
    with pytest.raises(SystemExit):
        run(damaged, tmp_path / "in.png", tmp_path / "out")
    assert (
        "half.keras, got a file that cannot be loaded: it is damaged"
        in capsys.readouterr().err
    )
