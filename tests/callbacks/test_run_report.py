import re
import shutil
import subprocess

import numpy as np
import pytest

from gan_zoo.callbacks import save_grid, write_report
from gan_zoo.callbacks.run_report import _groups, _spread

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
