"""Keeps the curves of finished runs: `python -m gan_zoo.runs RUN_DIR ...`.

For example, from the root of the repository:

    python recipes/dcgan_mnist.py --model=LSGAN
    python -m gan_zoo.runs runs/lsgan_mnist

writes `recipes/reference/lsgan_mnist.csv`. From then on the report of that recipe draws
these curves in grey behind those of the run. A file has the name of the run's folder;
commit it together with the numbers in docs/papers.md that the same run gave.
"""

from absl import app, flags

from gan_zoo.runs.reference import keep_curves


def main(argv):
    """Writes one file per run folder."""
    if len(argv) < 2:
        raise app.UsageError("Expected the folders of one or more finished runs.")
    for run_dir in argv[1:]:
        try:
            print(keep_curves(run_dir, flags.FLAGS.out))
        except ValueError as error:
            raise app.UsageError(str(error)) from error


if __name__ == "__main__":
    flags.DEFINE_string("out", "recipes/reference", "Folder of the curves.")
    app.run(main)
