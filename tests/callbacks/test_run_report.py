import re
import shutil
import subprocess

import matplotlib.figure
import numpy as np
import pytest
from PIL import Image

from gan_zoo.callbacks import save_grid, write_report
from gan_zoo.callbacks.pictures import save_picture
from gan_zoo.callbacks.run_report import _curve, _groups, _spread

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None
)
TELL = """<script>addEventListener("load", () => document.body.dataset.widths =
[...document.images].map(image => image.naturalWidth).join())</script>"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_a_browser_shows_every_picture_and_complains_of_nothing(tmp_path):
    for epoch in range(3):
        image = np.full((4, 9, 9, 3), epoch / 2)
        save_grid(tmp_path / "samples" / f"epoch-{epoch + 1:04d}.png", image)
    save_grid(tmp_path / "neighbours.png", image, columns=4)
    (tmp_path / "metrics.csv").write_text("epoch,step,seconds,d_loss\n1,10,1.0,1\n")
    path = write_report(tmp_path, "A run", {}, [], {})
    page = path.with_name("told.html")
    page.write_text(path.read_text() + TELL)
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    done = subprocess.run(
        [BROWSER, *options, "--dump-dom", f"--user-data-dir={tmp_path}", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (widths,) = re.findall(r'data-widths="([^"]*)"', done.stdout)
    widths = [int(width) for width in widths.split(",")]
    assert widths[:3] == [19] * 3  # two images of 9 pixels and the line between
    assert widths[3] == 39  # the neighbours
    assert len(widths) == 5
    assert widths[4] > 400  # the curve
    assert "CONSOLE" not in done.stderr


def test_report_is_one_file_with_numbers_curves_and_pictures(tmp_path):
    for epoch in range(9):
        image = np.full((1, 4, 4, 1), epoch / 8)
        save_grid(tmp_path / "samples" / f"epoch-{epoch + 1:04d}.png", image)
    (tmp_path / "metrics.csv").write_text(
        "epoch,step,seconds,d_loss,g_loss,val_frechet_mnist\n1,10,1.0,1,2,30\n"
        "2,20,2.0,0.5,2.5,\n"
    )
    path = write_report(
        tmp_path,
        "A <run>",
        {"batch_size": 32},
        [("frechet_mnist", 12.345678, "mnist features, 10 real, 10 fake")],
        {"machine": "two cores"},
    )
    page = path.read_text()
    assert "A &lt;run&gt;" in page
    for text in ("12.346", "mnist features, 10 real", "two cores", "batch_size"):
        assert text in page
    assert page.count("data:image/png;base64,") == 6 + 2  # grids, then curves
    assert "epoch-0001" in page
    assert "epoch-0009" in page
    assert 'src="http' not in page


def test_each_grid_stands_beside_what_it_shows(tmp_path):
    for step, name in ((40, "step-000000040.png"), (100, "epoch-0001.png")):
        caption = f"step {step}, averaged weights"
        picture = Image.new("L", (2, 2))
        save_picture(tmp_path / "samples" / name, picture, caption, step)
    page = write_report(tmp_path, "A run", {}, [], {}).read_text()
    captions = re.findall("<figcaption>(.*?)</figcaption>", page)
    assert captions == ["step 40, averaged weights", "step 100, averaged weights"]


def drawn(monkeypatch, rows, names, published):
    """Lines of a curve, as (points, colour), and the texts of its legend."""
    figures, make = [], matplotlib.figure.Figure

    def figure(*args, **kwargs):
        figures.append(make(*args, **kwargs))
        return figures[-1]

    with monkeypatch.context() as patch:
        patch.setattr("matplotlib.figure.Figure", figure)
        _curve(rows, names, published)
    (axes,) = figures[0].axes
    lines = [(line.get_xydata().tolist(), line.get_color()) for line in axes.lines]
    return lines, [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_published_curves_are_grey_behind_and_as_long_as_the_run(monkeypatch):
    rows = [
        {"step": "10", "d_loss": "1", "g_loss": "2"},
        {"step": "20", "d_loss": "3", "g_loss": "4"},
    ]
    published = [
        {"step": "8", "d_loss": "1.5"},
        {"step": "16", "d_loss": "2.5"},
        {"step": "24", "d_loss": "9"},
    ]
    lines, legend = drawn(monkeypatch, rows, ["d_loss", "g_loss"], published)
    assert legend == ["published run", "d_loss", "g_loss"]
    assert lines[0] == ([[8, 1.5], [16, 2.5]], "0.75")
    assert lines[1][0] == [[10, 1], [20, 3]]
    lines, legend = drawn(monkeypatch, rows, ["d_loss", "g_loss"], [])
    assert legend == ["d_loss", "g_loss"]
    assert len(lines) == 2


def test_a_run_without_epochs_has_a_report_without_curves(tmp_path):
    page = write_report(tmp_path, "Nothing yet", {}, [], {}).read_text()
    assert "Nothing yet" in page
    assert "data:image" not in page


def test_pictures_are_spread_evenly_from_the_first_to_the_last():
    assert _spread(list("abc"), 6) == list("abc")
    assert _spread(list(range(11)), 6) == [0, 2, 4, 6, 8, 10]


def test_losses_share_a_curve_and_late_columns_have_one():
    rows = [
        {"epoch": "1", "step": "2", "seconds": "3", "g_loss": "0", "d_loss": "0"},
        {"epoch": "2", "step": "4", "seconds": "6", "val_frechet": "1"},
    ]
    assert _groups(rows) == [["g_loss", "d_loss"], ["val_frechet"]]
    assert _groups([]) == []
