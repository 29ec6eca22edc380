import os
import subprocess
import sys

import keras
import pytest
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo import startup


def run(code, **environment):
    env = {k: v for k, v in os.environ.items() if k != startup.LEVEL} | environment
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=env,
        check=True,
    )


def test_importing_the_package_loads_no_framework():
    done = run(
        "import sys, gan_zoo; dir(gan_zoo);"
        "print(sorted({'keras', 'tensorflow', 'numpy'} & set(sys.modules)))"
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_listed():
    for name in gan_zoo.__all__:
        assert getattr(gan_zoo, name) is not None
    assert set(gan_zoo.__all__) <= set(dir(gan_zoo))
    names = {}
    exec("from gan_zoo import *", names)
    assert names["DCGAN"] is gan_zoo.DCGAN
    with pytest.raises(AttributeError, match="no attribute 'DCGANN'"):
        _ = gan_zoo.DCGANN


def test_tensorflow_starts_quietly_unless_asked_to_speak():
    code = "import gan_zoo, tensorflow as tf; print(tf.constant(1).numpy())"
    quiet, loud = run(code), run(code, **{startup.LEVEL: "0"})
    assert (quiet.stdout, quiet.stderr) == ("1\n", "")
    assert "oneDNN" in loud.stderr


def test_what_others_write_while_tensorflow_starts_is_kept(capfd):
    with startup.quiet():
        os.write(2, b"I0000 00:00:1.2 3 port.cc:153] oneDNN custom operations\n")
        os.write(2, b"a warning of somebody else\n")
    assert capfd.readouterr().err == "a warning of somebody else\n"


def test_every_registered_class_is_known():
    classes = startup.registered_classes()
    assert classes["StyleGAN"] == "gan_zoo.models.noise_to_image.stylegan"
    known = keras.saving.get_custom_objects()
    for name in gan_zoo._PLACES:
        getattr(gan_zoo, name)
    ours = {key for key in known if key.startswith("gan_zoo>")}
    assert ours == {f"gan_zoo>{name}" for name in classes}


METRICS = [
    lambda: gan_zoo.metrics.ClassifierScore("mnist"),
    lambda: gan_zoo.metrics.ConfidentShare(),
    lambda: gan_zoo.metrics.DensityCoverage("mnist"),
    lambda: gan_zoo.metrics.FrechetDistance("mnist"),
    lambda: gan_zoo.metrics.KernelDistance("mnist"),
    lambda: gan_zoo.metrics.PrecisionRecall("mnist"),
    lambda: gan_zoo.metrics.SlicedWasserstein(),
]
LOAD = """
import pathlib, sys
{imports}
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(file)
    print(type(model).__name__, *sorted(type(m).__name__ for m in model.image_metrics))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Every system, compiled with one kind of metric after the other."""
    folder = tmp_path_factory.mktemp("models")
    lines = []
    for number, name in enumerate(sorted(SYSTEMS)):
        keras.utils.set_random_seed(0)
        model = SYSTEMS[name].tiny()
        metric = METRICS[number % len(METRICS)]()
        model.compile(metrics=[metric])
        model.save(folder / f"{number:02d}.keras")
        lines.append(f"{type(model).__name__} {type(metric).__name__}")
    return folder, lines


@pytest.mark.parametrize("imports", ["import keras, gan_zoo", "import gan_zoo, keras"])
def test_a_saved_model_loads_in_a_new_process(files, imports):
    folder, lines = files
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(imports=imports), folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == lines


def test_without_the_package_the_error_says_what_to_import(files):
    folder, _ = files
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(imports="import keras"), folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    assert "make sure they are all imported" in done.stderr
    assert "gan_zoo.models." in done.stderr
