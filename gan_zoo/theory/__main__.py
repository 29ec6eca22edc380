"""Draws the figures: `python -m gan_zoo.theory [--out FOLDER] [name ...]`."""

import pathlib

from absl import app, flags

from gan_zoo.theory import DEMONSTRATIONS


def run(names, folder):
    """Draws the named demonstrations, or all, and prints what each shows.

    Args:
        names: list of names of `DEMONSTRATIONS`; all of them when empty.
        folder: where the pictures go.

    Raises:
        ValueError: for an unknown name, before anything is drawn.
    """
    unknown = [name for name in names if name not in DEMONSTRATIONS]
    if unknown:
        raise ValueError(
            f"Expected names among {', '.join(DEMONSTRATIONS)}, got "
            f"{', '.join(unknown)}. Without a name all are drawn."
        )
    for name in names or DEMONSTRATIONS:
        demonstration = DEMONSTRATIONS[name]
        path = pathlib.Path(folder) / f"{name}.png"
        measured = demonstration.draw(path)
        print(f"{path}: {demonstration.summary(measured)}", flush=True)


def main(argv):
    """Reads names from the command line."""
    try:
        run(argv[1:], flags.FLAGS.out)
    except ValueError as error:
        raise app.UsageError(str(error)) from error


if __name__ == "__main__":
    flags.DEFINE_string("out", "theory", "Folder in which the pictures are left.")
    app.run(main)
