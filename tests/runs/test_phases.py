"""A run of several phases, killed anywhere, ends as the run in peace."""

import functools
import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from small_networks import small_discriminator, small_generator
from tensorflow.python.framework import config  # the way back is not public
from testing import ROOT

import gan_zoo
from gan_zoo import runs
from gan_zoo.callbacks import EarlyPictures
from gan_zoo.callbacks.checkpoint import checkpoints
from gan_zoo.callbacks.pictures import about_picture, pictures_in
from gan_zoo.networks import gmmn

SETTINGS = runs.Settings(
    image_size=8, batch_size=50, epochs=2, steps_per_epoch=3, features=None, seed=1
)
# Of the autoencoder's phase, then of the model itself.
FIRST, SECOND = 4, 6

pytestmark = [
    pytest.mark.filterwarnings("ignore:Expected batches of about 1,000 images"),
    pytest.mark.filterwarnings("ignore:Expected a fitted autoencoder"),
]


@pytest.fixture(autouse=True)
def _determinism_stays_in_this_file():
    yield
    config.disable_op_determinism()


def build(image_shape, preset):
    autoencoder = gan_zoo.Autoencoder(
        image_shape,
        4,
        encoder=gmmn.autoencoder_encoder(image_shape, 4, 8),
        decoder=gmmn.autoencoder_decoder(image_shape, 4, 8),
    )
    return gan_zoo.GMMN(
        image_shape,
        3,
        generator=gmmn.gmmn_code_generator(4, 3, [8]),
        autoencoder=autoencoder,
        ema=0.9,
    )


def phases(settings, preset):
    return [
        runs.Phase(
            "autoencoder",
            epochs=2,
            batch_size=25,
            steps_per_epoch=2,
            model=lambda model: model.autoencoder,
        )
    ]


RECIPE = runs.Recipe(build, phases=phases)


def run(folder, stop_after=None, settings=SETTINGS):
    return runs.run(RECIPE, settings, folder, export=False, stop_after=stop_after)


def tensors(folder):
    newest = max(checkpoints(folder / "checkpoints"))
    reader = tf.train.load_checkpoint(str(newest / "state"))
    return {
        name: reader.get_tensor(name)
        for name in reader.get_variable_to_shape_map()
        if not name.startswith(("save_counter", "_CHECKPOINTABLE"))
    }


@pytest.fixture(scope="module")
def peace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("peace")
    assert run(folder) == 0
    return folder


def test_each_phase_leaves_its_logs(peace):
    first = (peace / "phases" / "autoencoder" / "metrics.csv").read_text().split()
    assert [line.split(",")[1] for line in first] == ["step", "2", "4"]
    last = (peace / "metrics.csv").read_text().split()
    assert [line.split(",")[1] for line in last] == ["step", "3", "6"]
    assert len(list((peace / "samples").glob("epoch-*"))) == 2


def test_pictures_between_epochs_leave_the_run_as_it_is(
    peace, tmp_path, monkeypatch, capsys
):
    at_each_step = functools.partial(EarlyPictures, first=0.0, every=0.0)
    monkeypatch.setattr("gan_zoo.runs.phases.EarlyPictures", at_each_step)
    assert run(tmp_path) == 0
    for name, value in tensors(peace).items():
        np.testing.assert_array_equal(value, tensors(tmp_path)[name], err_msg=name)
    assert "Picture of step 1: " in capsys.readouterr().out
    first, *_ = pictures_in(tmp_path / "samples")
    assert about_picture(first) == (1, "step 1, averaged weights")
    for picture in (peace / "samples").glob("epoch-*"):
        assert (
            picture.read_bytes() == (tmp_path / "samples" / picture.name).read_bytes()
        )


# Within a phase, at the end of its epochs, and at the border between the two.
@pytest.mark.parametrize("stops", [[1], [2], [4], [5], [7], [1, 3, 4, 6, 7, 9]])
def test_a_run_stopped_anywhere_goes_on_bit_for_bit(peace, tmp_path, stops):
    for steps in stops:
        assert run(tmp_path, stop_after=steps) == 130
    assert run(tmp_path) == 0
    wanted, got = tensors(peace), tensors(tmp_path)
    assert wanted.keys() == got.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(value, got[name], err_msg=name)


def test_a_run_killed_before_the_border_was_saved_goes_on(peace, tmp_path):
    """As if the process had died after the last step of the first phase."""
    assert run(tmp_path, stop_after=FIRST) == 130
    assert not (tmp_path / "checkpoints").exists()
    assert run(tmp_path) == 0
    for name, value in tensors(peace).items():
        np.testing.assert_array_equal(value, tensors(tmp_path)[name], err_msg=name)


def test_a_run_killed_around_the_border_ends_as_the_run_in_peace(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "kill_phases.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    wanted, got = tensors(tmp_path / "peace"), tensors(tmp_path / "killed")
    assert wanted.keys() == got.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(value, got[name], err_msg=name)
    # Nothing half written is left, in either phase.
    assert not [*(tmp_path / "killed").glob("**/checkpoints/.*")]


def test_the_earlier_phase_trained_what_the_later_one_uses(peace):
    newest = max(checkpoints(peace / "phases" / "autoencoder" / "checkpoints"))
    assert json.loads((newest / "meta.json").read_text())["step"] == FIRST
    values = [v for v in tensors(peace).values() if v.shape == (8, 4)]
    assert values  # the encoder's last kernel is in the last checkpoint as well


def test_what_a_phase_needs_is_prepared_again_before_its_weights_are_loaded(tmp_path):
    prepared = []

    def two(settings, preset):
        return [
            runs.Phase(
                "first", 1, steps_per_epoch=2, prepare=lambda m: prepared.append(1)
            ),
            runs.Phase(
                "second", 1, steps_per_epoch=2, prepare=lambda m: prepared.append(2)
            ),
        ]

    recipe = runs.Recipe(lambda shape, preset: tiny(shape), phases=two)

    def run(stop_after=None):
        prepared.clear()
        settings = runs.Settings(image_size=8, epochs=1, steps_per_epoch=2)
        runs.run(recipe, settings, tmp_path, export=False, stop_after=stop_after)
        return list(prepared)

    assert run(stop_after=1) == [1]
    assert run(stop_after=3) == [1, 2]
    assert run() == [1, 2]


def tiny(shape):
    return gan_zoo.GAN(
        shape,
        generator=small_generator(shape),
        discriminator=small_discriminator(shape, 4),
    )
