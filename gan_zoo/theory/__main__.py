"""Draws the figures: `python -m gan_zoo.theory [--out FOLDER] [name ...]`.

The names are optimal_discriminator, gradients, distances, kl_directions, dirac, modes
and more_modes. Without a name all are drawn. The demonstrations
modes and more_modes take about an hour each, the others two minutes together. You can
stop these two with Ctrl-C. When they are run again, they continue.
"""

import pathlib
import sys

from absl import app, flags

from gan_zoo.theory import DEMONSTRATIONS


def run(names, folder):
    """Draws the named demonstrations, or all, and prints the results.

    Args:
        names: list of names of `DEMONSTRATIONS`. An empty list means all.
        folder: folder for the pictures.

    Raises:
        ValueError: for an unknown name, or if the folder cannot be made. Nothing is
            drawn then.
    """
    unknown = [name for name in names if name not in DEMONSTRATIONS]
    if unknown:
        raise ValueError(
            f"Expected names among {', '.join(DEMONSTRATIONS)}, got "
            f"{', '.join(unknown)}. Without a name all are drawn."
        )
    folder = pathlib.Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ValueError(
            f"Expected a folder for the pictures, got {folder}, which is a file or "
            "lies in one. Choose another."
        ) from error
    for name in names or DEMONSTRATIONS:
        demonstration = DEMONSTRATIONS[name]
        path = folder / f"{name}.png"
        measured = demonstration.draw(path)
        print(f"{path}: {demonstration.summary(measured)}", flush=True)


def main(argv):
    """Reads names from the command line. Returns 130 after Ctrl-C, as shells do."""
    try:
        run(argv[1:], flags.FLAGS.out)
    except ValueError as error:
        raise app.UsageError(str(error)) from error
    except KeyboardInterrupt:
        folder = pathlib.Path(flags.FLAGS.out)
        print(
            "\nStopped. Run it again to continue: modes and more_modes store their "
            f"results in {folder / 'modes.json'} and {folder / 'more_modes.json'}.",
            file=sys.stderr,
        )
        return 130
    return 0


if __name__ == "__main__":
    flags.DEFINE_string("out", "theory", "Folder for the pictures.")
    app.run(main)
