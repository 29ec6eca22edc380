import json
import subprocess
import sys

import numpy as np
import pytest
from features.feature_doubles import conv_network
from PIL import Image
from testing import ROOT

import gan_zoo
from gan_zoo import metrics
from gan_zoo.metrics.__main__ import METRICS, Stopped, compute, table
from gan_zoo.metrics.real_statistics import StatisticsFile
from gan_zoo.metrics.sources import open_source


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path / "cache"))


def images(path, seed, count=40, shape=(28, 28)):
    pixels = np.random.default_rng(seed).integers(0, 256, (count, *shape), "uint8")
    np.save(path, pixels)
    return open_source(str(path)), pixels[..., None].astype("float32") / 127.5 - 1


def test_numbers_are_those_of_the_metrics(tmp_path):
    real, real_images = images(tmp_path / "real.npy", 0)
    fake, fake_images = images(tmp_path / "fake.npy", 1, count=70)
    results = compute(real, fake, "mnist", ["frechet", "precision_recall"])
    values = {n["name"]: n["value"] for n in results["numbers"]}
    frechet, balls = metrics.FrechetDistance("mnist"), metrics.PrecisionRecall("mnist")
    for metric in (frechet, balls):
        metric.update_state(real_images, fake_images)
    expected = {"frechet_mnist": float(frechet.result())} | balls.result()
    assert values == pytest.approx(expected, rel=1e-4)
    assert list(values) == ["frechet_mnist", "precision_mnist", "recall_mnist"]
    assert results["numbers"][0]["protocol"] == frechet.protocol()
    assert "40 real, 70 fake" in frechet.protocol()


def test_by_default_every_metric_that_the_features_allow(tmp_path):
    real, _ = images(tmp_path / "real.npy", 0)
    fake, _ = images(tmp_path / "fake.npy", 1)
    names = {n["name"] for n in compute(real, fake, "mnist")["numbers"]}
    for name in ("classifier_score", "mmd_p", "classifier_p", "coverage", "kernel"):
        assert f"{name}_mnist" in names
    names = {n["name"] for n in compute(real, fake, conv_network())["numbers"]}
    assert "classifier_score_tiny" not in names
    assert "frechet_tiny" in names
    with pytest.raises(TypeError, match="classif"):
        compute(real, fake, conv_network(), ["classifier_score"])
    with pytest.raises(ValueError, match="Expected metrics among"):
        compute(real, fake, "mnist", ["fid"])


def test_copies_of_the_training_images_are_found(tmp_path):
    real, _ = images(tmp_path / "real.npy", 0)
    training, _ = images(tmp_path / "training.npy", 1, count=50)
    results = compute(real, training, "mnist", ["frechet"], training)
    values = {n["name"]: n["value"] for n in results["numbers"]}
    assert values["nearer_mnist"] == 1.0
    assert values["nearer_p_mnist"] < 1e-6


def test_the_table_has_numbers_files_and_protocols(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for seed in range(6):
        pixels = np.random.default_rng(seed).integers(0, 256, (9, 7, 3), "uint8")
        Image.fromarray(pixels).save(folder / f"{seed}.png")
    (folder / "broken.png").write_bytes(b"")
    real, _ = images(tmp_path / "real.npy", 0)
    results = compute(real, open_source(str(folder)), "mnist", ["frechet"])
    again = compute(real, open_source(str(folder)), "mnist", ["frechet"])
    assert again["numbers"][0]["value"] == results["numbers"][0]["value"]
    assert [side["cached"] for side in again["sides"]] == [True, True]
    text = table(results)
    assert "6 images" in text
    assert "1 could not be read\n    broken.png" in text
    assert "frechet_mnist  " in text
    assert "\nfrechet_mnist: 40 real, 6 fake; no more images than the 64 feat" in text
    assert text.count("mnist network") == 1
    assert "from the cache" in table(again)


def test_what_cannot_be_computed_does_not_cost_the_rest(tmp_path):
    """Five images: fewer than the splits of the classifier score and than k + 1."""
    real, _ = images(tmp_path / "real.npy", 0, count=5)
    fake, _ = images(tmp_path / "fake.npy", 1, count=5)
    results = compute(real, fake, "mnist", training=real)
    numbers = {n["name"]: n for n in results["numbers"]}
    assert len(numbers) == 19
    without = {name for name, n in numbers.items() if n["value"] is None}
    assert without == {
        "classifier_score_mnist",
        "classifier_score_mnist_std",
        "kernel_mnist_std",
        "density_mnist",
        "coverage_mnist",
        "nearer_mnist",
        "nearer_p_mnist",
        "copied_mnist",
    }
    assert "splits=10" in numbers["classifier_score_mnist"]["problem"]
    assert "training set" in numbers["nearer_mnist"]["problem"]
    assert numbers["frechet_mnist"]["problem"] is None
    text = table(results)
    assert "coverage_mnist" in text
    assert "  not computed: Expected k from 1 to 4" in text
    assert "frechet_mnist: 5 real, 5 fake" in text
    assert "density_coverage_mnist: " not in text  # nothing to say how


def test_numbers_of_too_few_images_say_so(tmp_path):
    real, _ = images(tmp_path / "real.npy", 0)
    fake, _ = images(tmp_path / "fake.npy", 1)
    results = compute(real, fake, "mnist", ["frechet", "kernel"])
    numbers = {n["name"]: n for n in results["numbers"]}
    assert "covariance is singular" in numbers["frechet_mnist"]["protocol"]
    assert numbers["kernel_mnist"]["value"] is not None
    assert numbers["kernel_mnist_std"]["value"] is None
    assert "every subset is all images" in numbers["kernel_mnist_std"]["problem"]
    text = table(results)
    assert "covariance is singular" in text
    assert "not computed: every subset is all images of both sides" in text
    assert "all images at once" in text


def test_long_lists_of_files_are_cut(tmp_path):
    real, _ = images(tmp_path / "real.npy", 0)
    told = compute(real, real, "mnist", ["frechet"])
    told["sides"][0]["skipped"] = [f"{i}.png: broken" for i in range(14)]
    text = table(told)
    assert "14 could not be read" in text
    assert "9.png: broken\n    ... and 4 more" in text
    assert "10.png" not in text


def test_one_image_or_none_that_are_finite(tmp_path):
    one, _ = images(tmp_path / "one.npy", 0, count=1)
    numbers = compute(one, one, "mnist", ["kernel", "sliced_wasserstein"])["numbers"]
    values = {n["name"]: n["value"] for n in numbers}
    assert values == {
        "kernel_mnist": None,
        "kernel_mnist_std": None,
        "swd_mnist": pytest.approx(0),
    }

    class Diverged:
        name, dim, description = "diverged", 2, "not a number"

        def __call__(self, images):
            return np.full((len(images), 2), np.nan, "float32")

    results = compute(one, one, Diverged(), ["precision_recall", "kernel_test"])
    assert {n["problem"] for n in results["numbers"]} >= {"the result is nan"}
    assert "NaN" not in json.dumps(results)
    assert "precision_diverged  not computed" in table(results).replace("   ", " ")


def test_an_interrupt_leaves_the_numbers_so_far(tmp_path, monkeypatch):
    class Interrupted(metrics.KernelDistance):
        def result(self):
            raise KeyboardInterrupt

    monkeypatch.setitem(METRICS, "kernel", lambda features, _: Interrupted(features))
    real, _ = images(tmp_path / "real.npy", 0)
    with pytest.raises(Stopped) as stopped:
        compute(real, real, "mnist", ["frechet", "kernel", "precision_recall"])
    assert isinstance(stopped.value, KeyboardInterrupt)
    results = stopped.value.results
    assert [n["name"] for n in results["numbers"]] == ["frechet_mnist"]
    assert "frechet_mnist  " in table(results)
    assert "40 images" in table({**results, "numbers": []})


def test_data_sorted_by_class_is_not_told_from_itself(tmp_path):
    """Of 1,200 digits the kernel test keeps 1,000."""
    _, test = gan_zoo.data.load("mnist_sample", batch_size=2000, labels=True)
    digits, labels = (x.numpy()[:1200] for x in next(iter(test)))
    digits = np.round((digits + 1) * 127.5).astype("uint8")
    np.save(tmp_path / "sorted.npy", digits[np.argsort(labels)])
    np.save(tmp_path / "mixed.npy", digits)
    sides = (open_source(str(tmp_path / f"{x}.npy")) for x in ("sorted", "mixed"))
    numbers = compute(*sides, "mnist", ["kernel_test"])["numbers"]
    assert numbers[1]["name"] == "mmd_p_mnist"
    assert numbers[1]["value"] > 0.05
    assert "of which 1000 drawn" in numbers[1]["protocol"]


def test_statistics_in_place_of_the_real_images(tmp_path):
    real, _ = images(tmp_path / "real.npy", 0)
    fake, _ = images(tmp_path / "fake.npy", 1)
    path = tmp_path / "stats.npz"
    names = ["frechet", "classifier_score", "kernel"]
    of_images = compute(real, fake, "mnist", names, save_statistics=path)["numbers"]
    results = compute(StatisticsFile(str(path)), fake, "mnist", names)
    numbers = {n["name"]: n for n in results["numbers"]}
    for expected in of_images[:3]:
        assert numbers[expected["name"]]["value"] == pytest.approx(expected["value"])
    assert "stats.npz (number of images unknown), 40 fake" in table(results)
    assert numbers["kernel_mnist"]["value"] is None
    assert "real images themselves for kernel" in numbers["kernel_mnist"]["problem"]
    assert results["sides"][0]["images"] is None
    assert f"{path}: statistics, number of images unknown\n" in table(results)
    assert [side["name"] for side in results["sides"][1:]] == [fake.name]
    with pytest.raises(ValueError, match=r"Expected mu \(5,\).*\(64,\) and \(64, 64\)"):
        compute(StatisticsFile(str(path)), fake, conv_network())


def test_copies_are_not_looked_for_without_real_images(tmp_path):
    fake, _ = images(tmp_path / "fake.npy", 1)
    np.savez(tmp_path / "stats.npz", mu=np.zeros(64), sigma=np.eye(64))
    real = StatisticsFile(str(tmp_path / "stats.npz"))
    numbers = compute(real, fake, "mnist", ["frechet"], training=fake)["numbers"]
    assert [n["name"] for n in numbers if n["problem"] is None] == ["frechet_mnist"]
    assert "real images themselves for memorisation" in numbers[-1]["problem"]


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "gan_zoo.metrics", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_the_command_line(tmp_path):
    images(tmp_path / "a.npy", 0)
    images(tmp_path / "b.npy", 1)
    sides = tmp_path / "a.npy", tmp_path / "b.npy"
    told = tmp_path / "deep" / "told.json"
    done = command(
        *sides, "--features=mnist", f"--json={told}", "--metrics=frechet,kernel"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    numbers = json.loads(told.read_text())["numbers"]
    assert f"{numbers[0]['value']:.6g}" in done.stdout
    assert json.loads(told.read_text())["features"] in done.stdout
    wrong = command(tmp_path / "a.npy", tmp_path / "c.npy", "--features=mnist")
    assert wrong.returncode == 1
    assert "FileNotFoundError" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert set(METRICS) > {"frechet", "kernel"}


def test_from_the_command_line_of_what_cannot_be_done(tmp_path):
    images(tmp_path / "a.npy", 0, count=3)
    side = tmp_path / "a.npy"
    told = tmp_path / "told.json"
    small = command(
        side, side, "--features=mnist", "--metrics=density_coverage", f"--json={told}"
    )
    assert small.returncode == 1
    assert "density_mnist   not computed: " in small.stdout
    assert "None of the numbers" in small.stderr
    assert json.loads(told.read_text())["numbers"][0]["value"] is None
    wrong = command(side, side, "--features=mnist", f"--json={tmp_path}")
    assert wrong.returncode == 1
    assert "IsADirectoryError: Expected a file" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert not wrong.stdout


def test_statistics_from_the_command_line(tmp_path):
    images(tmp_path / "a.npy", 0)
    images(tmp_path / "b.npy", 1)
    path, told = tmp_path / "deep" / "stats.npz", tmp_path / "told.json"
    options = "--features=mnist", "--metrics=frechet", f"--json={told}"
    save = f"--save_statistics={path}"
    done = command(tmp_path / "a.npy", tmp_path / "b.npy", *options, save)
    assert done.returncode == 0, done.stderr[-2000:]
    value = json.loads(told.read_text())["numbers"][0]["value"]
    done = command(path, tmp_path / "b.npy", *options)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(told.read_text())["numbers"][0]["value"] == pytest.approx(value)
    wrong = command(path, tmp_path / "b.npy", *options, save)
    assert wrong.returncode == 1
    assert "ValueError: Expected real images for --real_count and" in wrong.stderr
    wrong = command(
        tmp_path / "a.npy", tmp_path / "b.npy", *options, "--save_statistics=stats.txt"
    )
    assert wrong.returncode == 1
    assert "Expected the name of an .npz file, got stats.txt" in wrong.stderr
