import itertools
import json

import numpy as np
import pytest
from testing import ROOT

import gan_zoo
from gan_zoo.metrics.modes import mode_coverage
from gan_zoo.theory import modes

FEW = {"steps": {"ring": 50, "grid": 50}, "width": 8}


@pytest.mark.parametrize(("target", "count"), [("ring", 8), ("grid", 25)])
def test_the_data_fills_every_mode(target, count):
    """Share within three deviations in the plane: 1 − exp(−9/2)."""
    samples = gan_zoo.data.toy.sample(target, 20_000)
    centres = gan_zoo.data.toy.modes(target)
    found, quality = mode_coverage(samples, *centres, share=0.8)
    assert found == count
    assert quality == pytest.approx(1 - np.exp(-4.5), abs=0.003)


def test_a_training_is_repeatable_and_its_seed_matters():
    first, again = (modes.train("DCGAN", "ring", "GAN", 0, **FEW) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (2500, 2)
    other = modes.train("DCGAN", "ring", "GAN", 1, **FEW)
    assert not np.isclose(first, other).all()


def test_results_are_path_and_not_trained_again(tmp_path):
    path = tmp_path / "deep" / "modes.json"
    chosen = {"objectives": ("WGAN",), "seeds": (0, 1)} | FEW
    first = modes.measure(path, **chosen)
    assert len(first) == 2 + 2 * 2 * 2  # the data's, then schedule × target × seed
    assert [len(r.points) for r in first] == [400, 400] + [400, 0] * 4
    assert json.loads(path.read_text())["settings"]["steps"]["ring"] == 50
    before = path.read_bytes()
    assert modes.measure(path, **chosen) == first
    assert path.read_bytes() == before
    part = modes.measure(path, objectives=("WGAN",), seeds=(1,), **FEW)
    assert [r.seed for r in part[2:]] == [1] * 4
    assert part[2] in first
    with pytest.raises(ValueError, match="results of the settings"):
        modes.measure(path, width=9)


def test_the_table_the_picture_and_the_line(tmp_path):
    def result(schedule, target, seed):
        points = [[0.0, 1.0]] if seed == 0 else []
        return modes.Result(schedule, target, "GAN", seed, seed + 3, seed, 0.2, points)

    keys = itertools.product(modes.SCHEDULES, modes.TARGETS, (0, 2))
    measured = [result(*key) for key in keys]
    mean = modes.table(measured)["DCGAN", "ring", "GAN"]
    assert mean == modes.Mean((4.0, 1.0), (1.0, 1.0), 0.2)
    assert modes.draw(tmp_path / "m.png", measured) is measured
    assert (tmp_path / "m.png").stat().st_size < 100_000
    assert "; DCGAN ring GAN 4.0 ± 1.0, 1.0 ± 1.0, 20 %" in modes.summary(measured)


PICTURE = ROOT / "docs" / "images" / "theory" / "modes.png"


@pytest.fixture(scope="module")
def published():
    """The results behind the picture in the docs; nothing is trained anew."""
    results = modes.measure(PICTURE.with_suffix(".json"))
    assert len(results) == 2 + 2 * 2 * 7 * 5
    return modes.table(results)


def test_the_docs_table_holds_the_published_results(published):
    page = (ROOT / "docs" / "theory.md").read_text()
    for objective in modes.OBJECTIVES:
        keys = [
            modes.format_mean(published[schedule, target, objective])
            for target, schedule in itertools.product(modes.TARGETS, modes.SCHEDULES)
        ]
        assert f"| `{objective}` | {' | '.join(keys)} |" in page


@pytest.mark.slow
def test_the_settings_decide_who_collapses():
    """Takes minutes. GAN finds one mode with WGAN-GP's schedule, all with DCGAN's."""

    def filled(schedule, objective):
        samples = modes.train(schedule, "ring", objective, 0)
        return modes.evaluate(schedule, "ring", objective, 0, samples).filled

    assert filled("WGAN-GP", "GAN") <= 2
    assert filled("WGAN-GP", "WGANGP") == 8
    assert filled("DCGAN", "HingeGAN") >= 5
    assert filled("DCGAN", "WGAN") <= 2
