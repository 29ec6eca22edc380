"""Helpers with which every demonstration draws its figure."""

import io
import pathlib

import matplotlib.figure
from PIL import Image

from gan_zoo.files import whole


def new(width, height):
    """An empty figure. The size is in inches. It uses no global state of matplotlib."""
    return matplotlib.figure.Figure(
        figsize=(width, height), dpi=100, layout="constrained"
    )


def legend(axes, **kwargs):
    """A small legend without a frame. The arguments are those of matplotlib."""
    axes.legend(
        **{"fontsize": 8, "frameon": False, "handlelength": 1.2, "columnspacing": 1.0}
        | kwargs
    )


def save(figure, path):
    """Writes a figure as a small PNG, atomically.

    Args:
        figure: matplotlib figure.
        path: file to write. Its folder is made if it does not exist.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    with Image.open(buffer) as picture, whole(path) as partial:
        # A palette of 64 colours is a third of the size and looks the same.
        small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
        small.save(partial, format="png", optimize=True)
