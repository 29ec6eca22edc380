"""Attributes of images: which of them are wanted, and files that list them."""

import csv
import difflib
import os
import pathlib

import numpy as np

from gan_zoo.data.files_below import escaped
from gan_zoo.data.left_out import warn_once

# Both ways to write that an image has an attribute, or not.
_VALUES = {"1": 1, "0": 0, "-1": 0, "1.0": 1, "0.0": 0, "-1.0": 0}


def chosen_attributes(labels, known, owner):
    """The names of the attributes to return, in order.

    Args:
        labels: True for all, a list of names, one name, or False or None for none.
        known: names of all attributes.
        owner: what has them, for messages.

    Returns:
        List of names; empty where no labels are wanted.

    Raises:
        ValueError: for an unknown name.
    """
    chosen = [labels] if isinstance(labels, str) else labels
    chosen = list(known) if labels is True else list(chosen or ())
    if unknown := sorted(set(map(str, chosen)) - set(known)):
        close = difflib.get_close_matches(unknown[0], known, 1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(
            f"Expected names among the attributes of {owner} ({', '.join(known)}), "
            f"got {', '.join(map(repr, unknown))}.{hint}"
        )
    return chosen


def attribute_columns(labels, known, values, owner):
    """The values of the chosen attributes.

    Args:
        labels: see `chosen_attributes`.
        known: names of all attributes.
        values: array [N, len(known)] of 0 and 1.
        owner: what has them, for messages.

    Returns:
        (int32 array [N, K], or [N] for one name, or None; names or None).

    Raises:
        ValueError: for an unknown name.
    """
    chosen = chosen_attributes(labels, known, owner)
    if not chosen:
        return None, None
    columns = [list(known).index(name) for name in chosen]
    found = np.asarray(values)[:, columns].astype(np.int32)
    return found[:, 0] if isinstance(labels, str) else found, chosen


def read_attribute_file(path):
    """Reads a file with a row of attributes for each image.

    Two layouts are known. A CSV file begins with a header: the name of the column of
    files, which may be anything, then the names of the attributes. The list of CelebA
    (`list_attr_celeba.txt`) begins with the number of images in a line of its own, then
    the names of the attributes, separated by spaces; each row begins with the name of
    the file. Values are 1 and 0, or 1 and -1.

    Args:
        path: the file, in UTF-8.

    Returns:
        (dict of file name to tuple of 0 and 1, tuple of the attributes' names).

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for another layout, other values, or a file name twice. The message
            names the line.
    """
    path = pathlib.Path(os.path.expanduser(path))
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected a file of attributes at {escaped(path)}, got "
            f"{'a folder' if path.is_dir() else 'nothing'}."
        )
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected text in UTF-8 in {escaped(path)}, got other bytes: {error}."
        ) from error
    lines = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if lines and lines[0][1].strip().isdigit():  # CelebA's: the number of images
        rows = [(number, line.split()) for number, line in lines[1:]]
        names = tuple(rows[0][1]) if rows else ()
    else:
        texts = csv.reader([line for _, line in lines], skipinitialspace=True)
        cells = [[cell.strip() for cell in row] for row in texts]
        rows = list(zip([number for number, _ in lines], cells, strict=True))
        names = tuple(rows[0][1][1:]) if rows else ()
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"Expected a first line of {escaped(path)} with the names of attributes, "
            "each one once and separated by commas, such as file,smiling,glasses; got "
            f"{lines[0][1] if lines else 'an empty file'!r}."
        )
    found = {}
    for number, (file, *values) in rows[1:]:
        where = f"in line {number} of {escaped(path)}"
        if len(values) != len(names):
            raise ValueError(
                f"Expected the name of a file and {len(names)} values {where}, got "
                f"{len(values)} values."
            )
        if wrong := [value for value in values if value not in _VALUES]:
            raise ValueError(
                f"Expected 1 and 0, or 1 and -1, {where}, got {wrong[0]!r}."
            )
        if file in found:
            raise ValueError(f"Expected each file once, got {file!r} again {where}.")
        found[file] = tuple(_VALUES[value] for value in values)
    return found, names


def attributes_of_files(files, path, labels, on_bad_file="error"):
    """The attributes of image files, by a file that lists them.

    A row is found by the path of the image below the data set's folder, or else by its
    name alone.

    Args:
        files: list of `image_files.ImageFile`.
        path: see `read_attribute_file`.
        labels: see `chosen_attributes`.
        on_bad_file: "error", or "skip" to leave out images without a row.

    Returns:
        (files that have a row, their values as `attribute_columns` gives them, names).

    Raises:
        FileNotFoundError, ValueError: as `read_attribute_file`; ValueError also for an
            unknown attribute, and for images without a row.
    """
    rows, names = read_attribute_file(path)
    found = [rows.get(file.name, rows.get(file.path.name)) for file in files]
    missing = [file.name for file, row in zip(files, found, strict=True) if row is None]
    if missing:
        first = ", ".join(map(escaped, missing[:3]))
        text = (
            f"{len(missing)} of {len(files)} images have no row in {escaped(path)} "
            f"({first}{', ...' if len(missing) > 3 else ''})"
        )
        if on_bad_file == "error" or len(missing) == len(files):
            raise ValueError(
                f"Expected a row of attributes for every image, but {text}. Rows begin "
                f"with a name such as {escaped(next(iter(rows), 'image.png'))}. Add "
                'the rows, or pass on_bad_file="skip" to train without these images.'
            )
        warn_once(f"{text} and are left out.")
    kept = [file for file, row in zip(files, found, strict=True) if row is not None]
    values = np.array([row for row in found if row is not None])
    columns, chosen = attribute_columns(labels, names, values, escaped(path))
    return kept, columns, chosen
