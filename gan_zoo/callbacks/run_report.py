"""The report of a run: one self-contained page."""

import base64
import html
import io
import pathlib

import matplotlib.figure

from gan_zoo.callbacks.pictures import about_picture, pictures_in
from gan_zoo.callbacks.run_log import read_log
from gan_zoo.files import write_whole

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#222}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:
collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid #ddd}
img{max-width:100%;image-rendering:pixelated}figure{display:inline-block;
margin:.3rem .6rem .3rem 0}figcaption{color:#666;font-size:.85rem}
"""


def write_report(run_dir, title, settings, results, about, published=()):
    """Writes `report.html` of a run folder: numbers, curves and grids over time.

    Args:
        run_dir: the run folder, with `metrics.csv`, `samples/` and, if there is one,
            `neighbours.png`.
        title: heading of the page.
        settings: dict of the run's settings.
        results: list of (name, value, protocol), the final numbers.
        about: dict of facts to show first, such as time and machine.
        published: rows of another run, as `metrics.csv` has them, whose curves are
            drawn in grey behind those of this run.

    Returns:
        Path of the page, which needs no other file.
    """
    run_dir = pathlib.Path(run_dir)
    rows = read_log(run_dir / "metrics.csv")
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{_text(title)}"
        f"</title><style>{_STYLE}</style><h1>{_text(title)}</h1>",
        _table(about.items()),
        "<h2>Final numbers</h2>",
        _table(results, ("metric", "value", "protocol"))
        if results
        else "<p>Nothing was measured: there was no test data, or no metric.</p>",
        "<h2>Samples over time</h2>",
        *[_figure(path) for path in _spread(pictures_in(run_dir / "samples"), 6)],
        *_neighbours(run_dir / "neighbours.png"),
        "<h2>Curves</h2>",
        "<p>Grey: the published run of this recipe.</p>" if published else "",
        *[_curve(rows, group, published) for group in _groups(rows)],
        "<h2>Settings</h2>",
        _table(settings.items()),
        "</html>",
    ]
    path = run_dir / "report.html"
    write_whole(path, "\n".join(parts))
    return path


def _text(value):
    if isinstance(value, float):
        value = f"{value:.5g}"
    return html.escape(str(value))


def _table(rows, head=()):
    cells = [[_text(cell) for cell in row] for row in rows]
    top = "".join(f"<th>{_text(name)}" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{c}" for c in row) for row in cells)
    return f"<table><tr>{top}{body}</table>" if head else f"<table>{body}</table>"


def _spread(pictures, count):
    """At most `count` of them, evenly spread, the first and the last among them."""
    if len(pictures) <= count:
        return pictures
    last = len(pictures) - 1
    return [pictures[round(i * last / (count - 1))] for i in range(count)]


def _image(data):
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def _figure(path):
    _, caption = about_picture(path)
    return (
        f'<figure><img style="width:18rem" src="{_image(path.read_bytes())}" '
        f'alt="samples {path.stem}">'
        f"<figcaption>{_text(caption or path.stem)}</figcaption></figure>"
    )


def _neighbours(file):
    """What `gan_zoo.metrics.draw_neighbours` drew, if it did."""
    if not file.exists():
        return []
    return [
        "<h2>Samples and the training images nearest to them</h2>",
        f'<figure><img style="image-rendering:auto" src="{_image(file.read_bytes())}" '
        'alt="nearest training images"><figcaption>Under each training image its '
        "distance in feature space. A generator that repeats its training set shows "
        "equal pictures.</figcaption></figure>",
    ]


_TOGETHER = (
    ("d_loss", "g_loss"),
    ("real_score", "fake_score"),
    ("sample_spread", "sample_distance", "score_spread"),
)


def _groups(rows):
    """Columns drawn together: losses and the like; then every other by itself."""
    names = [n for n in (rows[0] if rows else {}) if n not in ("epoch", "step")]
    names += [n for row in rows for n in row if n not in names]
    names = [n for n in names if n not in ("epoch", "step", "seconds")]
    groups = [[n for n in names if n in together] for together in _TOGETHER]
    others = [[n] for n in names if not any(n in group for group in groups)]
    return [group for group in [*groups, *others] if group]


def _points(rows, name):
    return [(int(row["step"]), float(row[name])) for row in rows if row.get(name)]


def _curve(rows, names, published):
    figure = matplotlib.figure.Figure(figsize=(5.2, 3.0), dpi=96)
    axes = figure.subplots()
    # As far as this run is: a shorter one would otherwise be a dot at the left.
    last = int(rows[-1]["step"])
    behind = [row for row in published if int(row["step"]) <= last]
    label = "published run"
    for points in filter(None, (_points(behind, name) for name in names)):
        axes.plot(*zip(*points, strict=True), color="0.75", linewidth=3, label=label)
        label = None  # one entry in the legend
    for name in names:
        points = _points(rows, name)
        if points:
            axes.plot(*zip(*points, strict=True), label=name, marker=".", linewidth=1)
    axes.set_xlabel("training step")
    axes.legend(frameon=False, fontsize=8)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    label = _text(" and ".join(names))
    return (
        '<figure><img style="image-rendering:auto;width:27rem" '
        f'src="{_image(buffer.getvalue())}" alt="{label}">'
        f"<figcaption>{label}</figcaption></figure>"
    )
