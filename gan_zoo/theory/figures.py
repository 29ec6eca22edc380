"""How every demonstration writes its picture."""

import io
import pathlib

import matplotlib.figure
from PIL import Image

from gan_zoo.files import whole


def new(width, height):
    """An empty figure of a size in inches, on no global state."""
    return matplotlib.figure.Figure(
        figsize=(width, height), dpi=100, layout="constrained"
    )


def legend(axes, **kwargs):
    """A small legend without a frame; arguments as matplotlib's."""
    axes.legend(
        **{"fontsize": 8, "frameon": False, "handlelength": 1.2, "columnspacing": 1.0}
        | kwargs
    )


def save(figure, path):
    """Writes a figure as a small PNG, whole or not at all.

    Args:
        figure: matplotlib figure.
        path: file to write; its folder is made when it is not there.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    with Image.open(buffer) as picture, whole(path) as partial:
        # A palette of 64 colours is a third of the size and looks the same.
        small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
        small.save(partial, format="png", optimize=True)
