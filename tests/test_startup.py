import inspect
import json
import os
import subprocess
import sys

import keras
import pytest
from models.system import data_for
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo import startup


def run(code, check=True, **environment):
    env = {k: v for k, v in os.environ.items() if k != startup.LEVEL} | environment
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=env,
        check=check,
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
    assert names["networks"].pix2pix.unet_generator
    assert "pix2pix" in dir(gan_zoo.networks)
    assert names["DCGAN"] is gan_zoo.DCGAN
    with pytest.raises(AttributeError, match="no attribute 'DCGANN'"):
        _ = gan_zoo.DCGANN


def test_tensorflow_starts_quietly_unless_asked_to_speak():
    code = "import gan_zoo, tensorflow as tf; print(tf.constant(1).numpy())"
    for level in ({}, {startup.LEVEL: "3"}):
        quiet = run(code, **level)
        assert (quiet.stdout, quiet.stderr) == ("1\n", "")
    assert "I0000" in run(code, **{startup.LEVEL: "0"}).stderr


@pytest.mark.parametrize(
    ("level", "kept"), [("1", "WEF"), ("2", "EF"), ("3", "F"), ("0", "IWEF")]
)
def test_a_level_that_was_set_holds_from_the_first_line(
    level, kept, monkeypatch, capfd
):
    monkeypatch.setenv(startup.LEVEL, level)
    with startup.quiet():
        for letter in "IWEF":
            os.write(2, f"{letter}0000 00:00:1.2 3 a.cc:1] a line\n".encode())
    assert [line[0] for line in capfd.readouterr().err.splitlines()] == list(kept)
    assert os.environ[startup.LEVEL] == level


def test_what_others_write_while_tensorflow_starts_is_kept(capfd):
    with startup.without_lines(startup.LINES["3"]):
        os.write(2, b"I0000 00:00:1.2 3 port.cc:153] oneDNN custom operations\n")
        os.write(2, b"a warning of somebody else: \xff\n")
    assert capfd.readouterr().err == "a warning of somebody else: \ufffd\n"


def test_asking_whether_a_package_is_there_changes_nothing():
    code = (
        "import importlib.util, gan_zoo\n"
        "assert importlib.util.find_spec('tensorflow')\n"
        "assert importlib.util.find_spec('keras')\n"
        "import keras, tensorflow\n"
        "name = 'gan_zoo>WGANGP'\n"
        "print(keras.saving.get_registered_object(name).__name__)"
    )
    done = run(code)
    assert done.stderr == ""
    assert done.stdout == "WGANGP\n"


def test_a_crash_while_tensorflow_starts_is_seen():
    code = (
        "import os\nfrom gan_zoo import startup\n"
        "with startup.without_lines(startup.LINES['3']):\n"
        "    os.write(2, b'I0000 about the machine\\nF0000 no AVX instructions\\n')\n"
        "    os.abort()"
    )
    done = run(code, check=False)
    assert done.returncode
    assert done.stderr == "F0000 no AVX instructions\n"


def test_a_process_started_meanwhile_does_not_hold_up_the_import():
    code = (
        "import subprocess, sys, time\nfrom gan_zoo import startup\n"
        "with startup.without_lines(startup.LINES['3']):\n"
        "    left = subprocess.Popen([sys.executable, '-c', 'input()'], "
        "stdin=subprocess.PIPE)\n"
        "print('imported')\nleft.communicate(b'\\n')"
    )
    assert run(code).stdout == "imported\n"


def test_errors_are_logged_where_a_gpu_may_fail(monkeypatch):
    def load(name):
        if name not in driver:
            raise OSError(name)

    monkeypatch.setattr(startup.ctypes, "CDLL", load)
    driver = []
    assert startup.level() == "3"
    driver = ["libcuda.so.1"]
    assert startup.level() == "2"


# On a processor, TensorFlow gives up one optimization of the graph of this training.
TRAINED_AND_FAILED = """
import gan_zoo, numpy, tensorflow as tf
from gan_zoo.networks import dcgan
gan = gan_zoo.DCGAN(
    (8, 8, 1), 5,
    generator=dcgan.dcgan_generator((8, 8, 1), 5, 4),
    discriminator=dcgan.dcgan_discriminator((8, 8, 1), 4, batch_norm=False),
)
gan.compile()
gan.fit(numpy.full((4, 8, 8, 1), -0.5, "float32"), batch_size=4, verbose=0)
for fail in (lambda: tf.io.read_file("/no/such/file"),
             lambda: tf.io.write_file("/proc/no/such", "x"),
             lambda: tf.zeros(1 << 44)):
    try:
        fail()
    except tf.errors.OpError as error:
        print(type(error).__name__, error)
"""


def test_training_logs_nothing_and_errors_are_python_s_exceptions():
    done = run(TRAINED_AND_FAILED)
    assert done.stderr == ""
    read, write, memory = done.stdout.splitlines()
    assert "NotFoundError" in read
    assert "/no/such/file; No such file" in read
    assert "/proc/no; No such file" in write
    assert "ResourceExhaustedError" in memory
    assert "OOM when allocating tensor with shape[17592186044416]" in memory


def test_what_ends_the_process_is_logged():
    code = (
        "import gan_zoo, tensorflow as tf\n"
        "tf.function(lambda x: x + 1, jit_compile=True)(tf.constant(1.0))"
    )
    done = run(code, check=False, XLA_FLAGS="--no_such_flag")
    assert done.returncode
    assert "Unknown flag in XLA_FLAGS: --no_such_flag" in done.stderr


def test_every_registered_class_is_known():
    classes = startup.registered_classes()
    assert classes["StyleGAN"] == "gan_zoo.models.noise_to_image.stylegan"
    known = keras.saving.get_custom_objects()
    for name in gan_zoo._PLACES:
        getattr(gan_zoo, name)
    ours = {key for key in known if key.startswith("gan_zoo>")}
    assert ours == {f"gan_zoo>{name}" for name in classes}


def every_kind_of_metric():
    """Of few numbers each: they are made once for every system and loaded again."""
    m, few = gan_zoo.metrics, {"max_images": 2}
    digits = gan_zoo.features.resolve("mnist")
    x = keras.Input((8, 8, 1))
    own = keras.Model(x, keras.layers.Flatten()(x), name="own")
    return [
        m.ClassifierScore(digits, splits=2, **few),
        m.ClassifierTest(digits, **few),
        m.ConfidentShare(0.8),
        m.DensityCoverage(digits, k=2, **few),
        m.FrechetDistance(digits),
        m.FrechetDistance(own),
        m.KernelDistance(digits, subsets=3, subset_size=2, **few),
        m.KernelTest(digits, permutations=20, **few),
        m.Memorisation(None, digits, **few),
        m.ModeCoverage([[0.0] * 64], std=0.5),
        m.MultiScaleSimilarity(),
        m.PatchDistance((8, 8, 1), **few),
        m.PeakSignalToNoise(border=1),
        m.PrecisionRecall(digits, k=2, **few),
        m.SlicedWasserstein(digits, projections=4, **few),
        m.StackedModes(share=0.1),
        m.StructuralSimilarity(luma=True),
    ]


def test_every_kind_of_metric_is_there():
    public = {getattr(gan_zoo.metrics, name) for name in gan_zoo.metrics.__all__}
    bases = {
        gan_zoo.metrics.ImageMetric,
        gan_zoo.metrics.SampleMetric,
        gan_zoo.metrics.FeatureSampleMetric,
    }
    kinds = {each for each in public if isinstance(each, type)} - bases
    kinds = {kind for kind in kinds if issubclass(kind, gan_zoo.metrics.ImageMetric)}
    assert kinds == {type(metric) for metric in every_kind_of_metric()}


def described(model):
    """One line: the class of a model, its steps, the configs of its metrics."""
    metrics = [(type(m).__name__, m.get_config()) for m in model.image_metrics]
    return json.dumps([type(model).__name__, model.trained_steps, metrics])


LOAD = """
import json, pathlib, sys
{imports}
{described}
for file in sorted(pathlib.Path(sys.argv[1]).glob(sys.argv[2])):
    print(described(keras.models.load_model(file)))
"""


def load(folder, names, imports):
    code = LOAD.format(imports=imports, described=inspect.getsource(described))
    return subprocess.run(
        [sys.executable, "-c", code, folder, names],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Every system with every kind of metric; the best file of a `fit`."""
    folder, lines = tmp_path_factory.mktemp("models"), []
    metrics = every_kind_of_metric()
    for number, name in enumerate(sorted(SYSTEMS)):
        model = SYSTEMS[name].tiny()
        model.compile(metrics=metrics)
        model.save(folder / f"{number:02d}.keras")
        lines.append(described(model))
    model = SYSTEMS["GAN"].tiny()
    model.compile(metrics=[gan_zoo.metrics.FrechetDistance("mnist")])
    keep = keras.callbacks.ModelCheckpoint(
        folder / "best.keras", "val_frechet_mnist", save_best_only=True, mode="min"
    )
    data = data_for(model)
    model.fit(data, validation_data=data, callbacks=[keep], verbose=0)
    return folder, [*lines, described(model)]


def test_a_saved_model_loads_in_a_new_process(files):
    folder, lines = files
    done = load(folder, "*.keras", "import gan_zoo, keras")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == lines


def test_a_saved_model_loads_where_keras_is_imported_first(files):
    folder, lines = files
    done = load(folder, "best.keras", "import keras, gan_zoo")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == lines[-1:]


def test_without_the_package_the_error_says_what_to_import(files):
    folder, _ = files
    done = load(folder, "best.keras", "import keras")
    assert done.returncode
    assert "make sure they are all imported" in done.stderr
    assert "gan_zoo.models." in done.stderr
