"""A table of short runs beside each other: one picture and one number per cell.

A script that compares builds a model for each row and column:

    def build(image_shape, preset, row, column):
        return OBJECTIVES[column](image_shape, generator=..., discriminator=...)

    RECIPE = runs.Recipe(build, runs.Settings(epochs=1), title="Two by two")

    if __name__ == "__main__":
        comparison.main(RECIPE, rows, columns)
"""

import csv
import dataclasses
import functools
import io
import json
import pathlib
import re

import matplotlib.figure
import numpy as np
from PIL import Image

from gan_zoo.files import shown, whole, write_whole
from gan_zoo.runs import experiment
from gan_zoo.runs.run_folder import only_process, remember
from gan_zoo.runs.settings import command_line


def main(recipe, rows, columns):
    """Runs a recipe of many cells: parses the flags, trains them in turn, draws them.

    Each cell is a run of its own in a folder of its own, `ROW/COLUMN`, with equal
    settings and seed. A cell that is done is not done again, so that a table that was
    interrupted goes on. A cell whose losses become NaN says so in the table, and the
    others go on.

    Args:
        recipe: `Recipe` of all cells; its `build` takes `row` and `column` as well, and
            its `title` is the heading of the picture.
        rows: names of the rows.
        columns: names of the columns.
    """
    cells = {
        (row, column): dataclasses.replace(
            recipe,
            build=functools.partial(recipe.build, row=row, column=column),
            title=f"{row}, {column}",
        )
        for row in rows
        for column in columns
    }

    def start(recipe, *args, **kwargs):
        return compare(cells, *args, title=recipe.title or "Comparison", **kwargs)

    command_line(start, [recipe], export=False)


def compare(
    recipes,
    settings,
    run_dir,
    preset="default",
    export=False,
    stop_after=None,
    title="",
):
    """Trains the cells of a table that are not done, and draws it after each.

    Args:
        recipes: dict of (row, column) to `experiment.Recipe`.
        settings: `experiment.Settings` of each cell.
        run_dir: folder of the table; leaves `table.png` and `table.csv` there.
        preset: passed to each recipe's `build`.
        export: whether to export each cell's model.
        stop_after: stop the table once a cell has been trained for so many steps; the
            next call goes on.
        title: heading of the picture.

    Returns:
        Exit code: 0 when the table is complete, 130 when it was interrupted.

    Raises:
        RuntimeError: when another process works in the folder.
        ValueError: when the folder belongs to a table with other settings.
    """
    run_dir = pathlib.Path(run_dir).expanduser().resolve()
    folders = {
        (row, column): run_dir / _stem(row) / _stem(column) for row, column in recipes
    }
    with only_process(run_dir):
        remember(run_dir, {"preset": preset} | dataclasses.asdict(settings))
        for number, (cell, recipe) in enumerate(recipes.items(), 1):
            print(f"{number} of {len(recipes)}: {', '.join(cell)}", flush=True)
            folder = folders[cell]
            if not _done(folder):
                try:
                    code = experiment.run(
                        recipe, settings, folder, preset, export, stop_after
                    )
                except FloatingPointError as reason:
                    print(reason)
                    write_whole(folder / "diverged.txt", str(reason))
                else:
                    if code:
                        return code
            draw(folders, run_dir / "table.png", title)
            write_table(folders, run_dir / "table.csv")
    print(f"Table: {shown(run_dir / 'table.png')}")
    return 0


def _done(folder):
    return (folder / "results.json").exists() or (folder / "diverged.txt").exists()


def numbers_of(folder):
    """The final numbers of a cell, name to value; empty where it is not done."""
    file = folder / "results.json"
    if not file.exists():
        return {}
    return {name: value for name, value, _ in json.loads(file.read_text())["results"]}


def draw(folders, path, title=""):
    """Draws the newest samples of each cell, its first number below.

    Args:
        folders: dict of (row, column) to run folder; cells that have no samples yet
            stay empty.
        path: PNG to write.
        title: heading.
    """
    rows, columns = (list(dict.fromkeys(names)) for names in zip(*folders, strict=True))
    figure = matplotlib.figure.Figure(
        figsize=(1.9 * len(columns) + 0.6, 2.1 * len(rows) + 0.5),
        dpi=96,
        layout="constrained",
    )
    figure.suptitle(title, fontsize=11)
    panels = figure.subplots(len(rows), len(columns), squeeze=False)
    for i, row in enumerate(rows):
        panels[i, 0].set_ylabel(re.sub(r"(.{12}\S*) ", r"\1\n", row), fontsize=8)
        for j, column in enumerate(columns):
            panel, folder = panels[i, j], folders.get((row, column))
            panel.set_xticks([])
            panel.set_yticks([])
            panel.set_box_aspect(1)
            if i == 0:
                panel.set_title(column, fontsize=9)
            if folder is not None:
                _draw_cell(panel, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as partial:
        figure.savefig(partial, format="png")


def _draw_cell(panel, folder):
    pictures = sorted((folder / "samples").glob("epoch-*.png"))
    if pictures:
        image = np.asarray(Image.open(pictures[-1]))
        # The upper left quarter: larger samples say more than many.
        image = image[: image.shape[0] // 2, : image.shape[1] // 2]
        panel.imshow(image, cmap="gray", vmin=0, vmax=255)
    if (folder / "diverged.txt").exists():
        panel.set_xlabel("diverged", fontsize=8)
    for name, value in list(numbers_of(folder).items())[:1]:
        panel.set_xlabel(f"{name} {value:.3g}", fontsize=8)


def write_table(folders, path):
    """Writes the numbers of each cell as CSV: row, column, then one column each.

    Args:
        folders: dict of (row, column) to run folder.
        path: file to write.
    """
    cells = {cell: numbers_of(folder) for cell, folder in folders.items()}
    names = list(dict.fromkeys(name for values in cells.values() for name in values))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", "column", *names])
    for cell, values in cells.items():
        writer.writerow([*cell, *(values.get(name, "") for name in names)])
    write_whole(path, text.getvalue())


def _stem(name):
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
