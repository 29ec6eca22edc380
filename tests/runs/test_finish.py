import shlex

import numpy as np
import tensorflow as tf
from small_networks import small_discriminator, small_generator

import gan_zoo
from gan_zoo.runs import Settings, finish

RESULTS = [
    ("val_frechet", 1.23456, "frechet: a network of 128 features; 10 real, 20 fake"),
    ("accuracy", 0.5, "share of 9 images"),
]


def tiny():
    return gan_zoo.GAN(
        (28, 28, 1),
        4,
        generator=small_generator((28, 28, 1), 4),
        discriminator=small_discriminator((28, 28, 1), 4),
    )


def test_the_table_says_what_was_measured_in_short():
    lines = finish._table(RESULTS).splitlines()
    assert lines == [
        "",
        "val_frechet  1.235  10 real, 20 fake",
        "accuracy       0.5  share of 9 images",
    ]
    assert "Not measured" in finish._table([])


def test_next_steps_are_commands_to_paste(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["recipes/dcgan.py"])
    run = tmp_path / "runs" / "dcgan"
    text = finish._next_steps(run, run / "report.html", 20, export=True)
    assert "xdg-open runs/dcgan/report.html" in text
    assert "python recipes/dcgan.py --run_dir=runs/dcgan --epochs=20" in text
    assert f"-v {run}/export:/models/dcgan -e MODEL_NAME=dcgan" in text
    flags = ["--model=LSGAN", "--epochs=10", "--run_dir=x", "--dataset=folder:my faces"]
    monkeypatch.setattr("sys.argv", ["recipes/faces.py", *flags])
    text = finish._next_steps(run, run / "report.html", 20, export=False)
    kept = "--model=LSGAN '--dataset=folder:my faces'"
    assert f"python recipes/faces.py {kept} --run_dir=runs/dcgan --epochs=20" in text
    assert "docker" not in text
    fixed = finish._next_steps(run, run / "report.html", None, export=False)
    assert "Train longer" not in fixed


def test_commands_of_folders_with_spaces_can_be_pasted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["my recipes/dcgan.py"])
    run = tmp_path / "my runs" / "faces, 64 x 64 (new)"
    text = finish._next_steps(run, run / "report.html", 20, export=True)
    name, folder = "faces_64_x_64_new_", "my runs/faces, 64 x 64 (new)"
    volume = f"{run}/export:/models/{name}"
    serve = ["docker", "run", "-p", "8501:8501", "-v", volume, "-e"]
    assert [shlex.split(line[18:]) for line in text.splitlines()[1:]] == [
        ["xdg-open", f"{folder}/report.html"],
        ["python", "my recipes/dcgan.py", f"--run_dir={folder}", "--epochs=20"],
        [*serve, f"MODEL_NAME={name}", "tensorflow/serving"],
    ]


def test_the_served_model_bears_the_run_s_name(tmp_path):
    run = tmp_path / "digits (new)"
    (run / "samples").mkdir(parents=True)
    model = tiny()
    gan_zoo.callbacks.save_grid(
        run / "samples" / "epoch-0001.png", model.generate(4, seed=0)
    )
    finish.finish("Digits", Settings(features=None), model, run, 6.0, [], export=True)
    config = (run / "export" / "model.config").read_text()
    assert 'name: "digits_new_"' in config  # as in the command that serves it
    report = (run / "report.html").read_text()
    assert "peak memory" in report
    assert "Nothing was measured" in report
    # What was not trained further is not exported again.
    exported = (run / "model.keras").stat().st_mtime_ns
    for changed in (False, True):
        finish.finish(
            "Digits", Settings(features=None), model, run, 6.0, [], True, (), changed
        )
        assert ((run / "model.keras").stat().st_mtime_ns > exported) == changed


def test_what_is_measured_is_told_with_its_protocol():
    model = tiny()
    model.compile(metrics=[gan_zoo.metrics.SlicedWasserstein()])
    images = np.random.default_rng(0).uniform(-1, 1, (8, 28, 28, 1)).astype("float32")
    test = tf.data.Dataset.from_tensor_slices(images).batch(4)

    def measure(model, test, settings):
        return [("more", 1.0, "by hand")]

    numbers = finish.final_numbers(measure, Settings(), model, test)
    assert [name for name, *_ in numbers[-1:]] == ["more"]
    assert all("real" in protocol for _, _, protocol in numbers[:-1])
    assert finish.final_numbers(None, Settings(), tiny(), None) == []


def test_memory_and_machine_are_told():
    assert 2**20 < finish.peak_memory() < 2**50
    assert "cores" in finish.machine()


def test_neighbours_are_looked_for_among_what_memory_holds(tmp_path, monkeypatch):
    settings = Settings(features="mnist", batch_size=4)
    for images, drawn in ((4, False), (5, True)):
        monkeypatch.setattr(finish, "NEIGHBOURS_BYTES", images * 28 * 28 * 4)
        path = tmp_path / f"{images}.png"
        finish._draw_neighbours(tiny(), settings, path)
        assert path.exists() == drawn
