"""The README's Python blocks run as printed, in one session."""

import re

import numpy as np
import pytest
from PIL import Image
from testing import ROOT, classes_of_systems, shorten_fit

import gan_zoo
from gan_zoo import metrics
from gan_zoo.models.base.networks import non_finite

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.fixture
def quick(monkeypatch):
    shorten_fit(monkeypatch)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """The working folder, with the folder of photos that the README loads."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for i in range(80):
        pixels = random.integers(0, 256, (70, 80, 3), dtype="uint8")
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{i}.png")
    return tmp_path


def test_blocks_run_as_printed(photos, quick):
    tmp_path, names = photos, {}
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)
    assert names["images"].shape == (16, 28, 28, 1)
    assert (tmp_path / "samples" / "epoch-0001.png").exists()
    assert (tmp_path / "serving" / "gan" / "1" / "saved_model.pb").exists()
    assert len(BLOCKS) >= 5


@pytest.mark.slow
def test_blocks_train_to_their_last_epoch(photos):
    """Samples of what was trained are finite, and most are read as digits."""
    names, learned = {}, {}
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)
        for name in re.findall(r"(\w+)\.fit\(", block):
            model = names[name]
            assert non_finite(model.variables) is None
            if name == "photo_gan":  # of photos that are noise
                continue
            metric = metrics.ConfidentShare()
            metric.update_state(None, model.generate(1000, seed=0))
            learned[name] = float(metric.result())
    assert set(learned) == {"gan", "cgan", "classifier", "vae"}
    # The classifier's generator matches features, and blurred digits are a VAE's.
    wanted = {"gan": 0.6, "cgan": 0.6, "classifier": 0.2, "vae": 0.3}
    assert all(learned[name] > share for name, share in wanted.items()), learned
    predicted = names["classifier"].predict_classes(names["images"])
    assert np.ptp(predicted) > 0
    labels = metrics.confusion_matrix(names["cgan"])
    assert metrics.label_accuracy(labels) > 0.7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "model", "batch_size", "least"),
    [("architecture", "gmmn", 1000, 0.3), ("metrics", "gan", 100, 0.5)],
)
def test_blocks_of_other_pages_train_to_their_last_epoch(
    page, model, batch_size, least, tmp_path, monkeypatch
):
    """Those that go on with a model and data of the reader's, here of digits."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / f"{page}.md").read_text()
    block = next(
        b for b in re.findall(r"```python\n(.*?)```", text, re.S) if "fit" in b
    )
    train, test = gan_zoo.data.load("mnist_sample", batch_size=batch_size)
    names = {"gan_zoo": gan_zoo, "train": train, "test": test}
    names["gan"] = gan_zoo.GAN((28, 28, 1), ema=0.99)
    exec(compile(block, f"{page}.md", "exec"), names)
    trained = names[model]
    assert non_finite(trained.variables) is None
    metric = metrics.ConfidentShare()
    metric.update_state(None, trained.generate(1000, seed=0))
    assert metric.result() > least


def test_the_table_names_models_of_the_zoo():
    """Not all of them: docs/papers.md is the complete list, see test_layout.py."""
    table = README.partition("## What is in the zoo")[2].partition("##")[0]
    first_cells = re.findall(r"^\| (`.*?) \|", table, re.M)
    named = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}
    assert len(named) >= 20
    assert named <= {cls.__name__ for cls in classes_of_systems()}
