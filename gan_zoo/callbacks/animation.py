"""A moving picture of the grids of a run."""

import pathlib

from PIL import Image

from gan_zoo.files import whole


def animate(folder, path, seconds=8.0, pattern="epoch-*.png"):
    """Joins the grids of a folder into an animated GIF that rests on the last one.

    Args:
        folder: folder of pictures. Smaller ones get a white margin, such as those of
            a short caption under a narrow grid.
        path: GIF to write.
        seconds: length of the animation before its rest.
        pattern: which files to take, in the order of their names.

    Returns:
        The path, or None when the folder holds no picture.
    """
    files = sorted(pathlib.Path(folder).glob(pattern))
    if not files:
        return None
    frames = []
    for file in files:
        with Image.open(file) as picture:
            frames.append(picture.convert("RGB" if picture.mode == "RGB" else "L"))
    size = [max(sides) for sides in zip(*(f.size for f in frames), strict=True)]
    frames = [_on_white(frame, size) for frame in frames]
    pause = max(60, int(1000 * seconds / len(frames)))
    path = pathlib.Path(path)
    with whole(path) as partial:
        frames[0].save(
            partial,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=[pause] * (len(frames) - 1) + [pause + 2000],
            loop=0,
        )
    return path


def _on_white(frame, size):
    """A frame of this size, in the mode that GIF files have."""
    white = Image.new(frame.mode, size, "white")
    white.paste(frame)
    return white.convert("P") if frame.mode == "RGB" else white
