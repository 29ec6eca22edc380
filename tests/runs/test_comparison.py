import csv

import numpy as np
import pytest
from PIL import Image
from small_networks import small_discriminator, small_generator
from tensorflow.python.framework import config  # the way back is not public

import gan_zoo
from gan_zoo import runs
from gan_zoo.runs import comparison

SETTINGS = runs.Settings(batch_size=20, epochs=1, steps_per_epoch=2, features="mnist")


class Diverging(gan_zoo.GAN):
    def generator_loss(self, fake_scores):
        return super().generator_loss(fake_scores) * float("nan")


def recipe(model):
    def build(image_shape, preset):
        return model(
            image_shape,
            generator=small_generator(image_shape),
            discriminator=small_discriminator(image_shape),
        )

    return runs.Recipe(build)


@pytest.fixture(autouse=True)
def _determinism_stays_in_this_file():
    yield
    config.disable_op_determinism()


def test_table_has_each_cell_s_numbers_and_goes_on(tmp_path, capsys):
    cells = {
        ("deep & wide", "GAN"): recipe(gan_zoo.GAN),
        ("deep & wide", "NaN"): recipe(Diverging),
        ("narrow", "NaN"): recipe(Diverging),
    }
    assert comparison.compare(cells, SETTINGS, tmp_path, stop_after=1) == 130
    assert not (tmp_path / "table.csv").exists()
    assert comparison.compare(cells, SETTINGS, tmp_path, title="Three") == 0
    with open(tmp_path / "table.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    done = comparison.numbers_of(tmp_path / "deep_wide" / "gan")
    assert done["frechet_mnist"] > 100
    assert [row["frechet_mnist"] for row in rows] == [
        str(done["frechet_mnist"]), "", "",
    ]  # fmt: skip
    assert "step 1" in (tmp_path / "narrow" / "nan" / "diverged.txt").read_text()
    picture = np.asarray(Image.open(tmp_path / "table.png"))
    assert picture.std() > 10

    before = (tmp_path / "deep_wide" / "gan" / "results.json").stat().st_mtime_ns
    capsys.readouterr()
    assert comparison.compare(cells, SETTINGS, tmp_path) == 0
    after = (tmp_path / "deep_wide" / "gan" / "results.json").stat().st_mtime_ns
    assert before == after
    assert "1 of 3: deep & wide, GAN" in capsys.readouterr().out


def test_other_settings_are_refused(tmp_path):
    cells = {("a", "b"): recipe(gan_zoo.GAN)}
    comparison.compare(cells, SETTINGS, tmp_path)
    other = runs.Settings(batch_size=10, epochs=1, steps_per_epoch=2)
    with pytest.raises(ValueError, match="batch_size"):
        comparison.compare(cells, other, tmp_path)
