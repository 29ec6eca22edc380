"""Pictures of the same latents, or of the same inputs, at the end of each epoch."""

import math
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan_zoo.callbacks.pictures import Pictures, save_picture
from gan_zoo.data.first_conditions import needed_conditions


def grid_of(images, columns=None):
    """Lays images out in one picture, row by row, with a white line between them.

    Args:
        images: float array (n, h, w, 1 or 3) in [-1, 1].
        columns: images per row; about as many as rows by default.

    Returns:
        uint8 array (height, width, 1 or 3).

    Raises:
        ValueError: for another number of channels than 1 or 3, or no images.
    """
    check_picture(images.shape[1:])
    if len(images) == 0:
        raise ValueError("Expected at least one image, got none.")
    n, h, w, c = images.shape
    columns = columns or math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    grid = np.full((rows * (h + 1) - 1, columns * (w + 1) - 1, c), 255, "uint8")
    for i, image in enumerate(as_uint8(images)):
        top, left = (i // columns) * (h + 1), (i % columns) * (w + 1)
        grid[top : top + h, left : left + w] = image
    return grid


def check_picture(image_shape):
    """Raises ValueError for images that cannot be drawn as a picture.

    Args:
        image_shape: shape of an image without the batch axis.
    """
    if len(image_shape) != 3 or image_shape[-1] not in (1, 3):
        raise ValueError(
            "Expected images (height, width, channels) with 1 or 3 channels, which can "
            f"be drawn as a picture; got {tuple(image_shape)}."
        )


def as_uint8(images):
    """Images in [-1, 1] as uint8 in [0, 255], rounded to the nearest."""
    return np.clip(np.round((np.asarray(images) + 1) * 127.5), 0, 255).astype("uint8")


def picture_of(images, columns=None, scale=1, caption=None):
    """The grid of images, see `grid_of`, as a picture.

    Args:
        images: float array (n, h, w, 1 or 3) in [-1, 1].
        columns: images per row.
        scale: enlarge each pixel so many times.
        caption: line of text under the grid, or None.

    Returns:
        `PIL.Image.Image`.
    """
    grid = grid_of(images, columns)
    picture = Image.fromarray(grid[..., 0] if grid.shape[-1] == 1 else grid)
    if scale != 1:
        size = (picture.width * scale, picture.height * scale)
        picture = picture.resize(size, Image.Resampling.NEAREST)
    return captioned(picture, caption) if caption else picture


def captioned(picture, caption):
    """The picture with a line of text under it.

    A picture that is narrower than the text gets a white margin on its right.

    Args:
        picture: `PIL.Image.Image`, grey or RGB.
        caption: the text.

    Returns:
        `PIL.Image.Image`, 18 pixels higher.
    """
    font = ImageFont.load_default(size=12)
    size = max(picture.width, math.ceil(font.getlength(caption)) + 4)
    wider = Image.new(picture.mode, (size, picture.height + 18), "white")
    wider.paste(picture)
    place = (2, picture.height + 2)
    ImageDraw.Draw(wider).text(place, caption, fill="black", font=font)
    return wider


def named_rows(picture, names):
    """The picture with the name of each row on its right.

    Rows lower than a letter get no names.

    Args:
        picture: `PIL.Image.Image`, grey or RGB, of rows of one height.
        names: a string for each row.

    Returns:
        `PIL.Image.Image`, wider.
    """
    font = ImageFont.load_default(size=12)
    height = picture.height / len(names)
    if height < 14:
        return picture
    size = picture.width + math.ceil(max(map(font.getlength, names))) + 8
    wider = Image.new(picture.mode, (size, picture.height), "white")
    wider.paste(picture)
    for row, name in enumerate(names):
        place = (picture.width + 4, (row + 0.5) * height)
        ImageDraw.Draw(wider).text(place, name, fill="black", font=font, anchor="lm")
    return wider


def save_grid(path, images, columns=None, scale=1):
    """Writes a grid of images as a PNG, whole or not at all.

    Args:
        path: file to write; its folder is made.
        images: float array (n, h, w, 1 or 3) in [-1, 1].
        columns: images per row.
        scale: enlarge each pixel so many times.
    """
    save_picture(pathlib.Path(path), picture_of(images, columns, scale))


class SampleGrid(Pictures):
    """Saves samples of the same latents after each epoch, `epoch-0001.png` and on.

    Under each grid stand the epoch, the step, and whether the weights are averaged.

    Args:
        folder: where the pictures go.
        count: number of samples.
        seed: seed of their latents.
        every: epochs between pictures.
        scale: enlarge each pixel so many times.
        columns: samples per row; about as many as rows by default.
        **given: passed to `generate`, such as StyleGAN's `truncation=0.7`, or
            conditions: one for all samples, or one per sample. Conditions that cannot
            be drawn at random are needed: `SampleGrid(folder, texts="a red heart")`, or
            a list of `count` texts.

    Raises:
        ValueError: before training, for images that cannot be drawn as a picture, and
            for values that `generate` does not take.
        TypeError: before training, for names that `generate` does not take, and where
            such a condition is missing.
    """

    def __init__(
        self, folder, count=64, seed=0, every=1, scale=2, columns=None, **given
    ):
        super().__init__(folder, every)
        self.count = count
        self.seed = seed
        self.scale = scale
        self.columns = columns
        self.given = given

    def on_train_begin(self, logs=None):
        """Refuses models that cannot be drawn, before they train."""
        check_picture(self.model.image_shape)
        needed = needed_conditions(self.model)
        if missing := [name for name in needed if name not in self.given]:
            raise TypeError(
                f"{type(self.model).__name__} needs {missing}, which cannot be drawn "
                f"at random. Write SampleGrid(folder, {missing[0]}=...), with one for "
                f"all samples or {self.count}, one per sample."
            )
        self.model.generate(self.count, seed=self.seed, **self.given)

    def draw(self, caption):
        """The grid of samples, over the caption."""
        images = self.model.generate(self.count, seed=self.seed, **self.given)
        return picture_of(images, self.columns, self.scale, caption)


class TranslationGrid(Pictures):
    """Saves translations of the same images after each epoch.

    For each direction of the model, one row of inputs, under it their translations,
    then the way back from these if asked for, and the true answers where they are
    known. On the right stands what a row shows. Of smaller images, such as inputs of
    super-resolution, each pixel is shown several times.

    Args:
        folder: where the pictures go.
        inputs: dict of direction to images (n, h, w, c) in [-1, 1], such as
            `{"a_to_b": photos}`; every direction needs the same number of images, all
            of the same size.
        every: epochs between pictures.
        scale: enlarge each pixel so many times.
        truth: dict of direction to the true translations of its inputs; a direction may
            be left out. Where the rows of `given` have different ones, a dict of the
            names of these rows to the truth of each.
        given: dict of direction to what `translate` takes besides, by the name of the
            row of translations that it makes, such as
            `{"edit": {"glasses": {"attributes": "glasses"}}}`.
        cycle: whether translations are translated back, by models that can. For a model
            with conditions, a dict of direction to what `translate` takes on the way
            back, such as `{"edit": {"attributes": attributes_of_the_images}}`.

    Raises:
        ValueError: for another number of true translations than of inputs, and for
            directions or rows that there are not; before training, for a direction that
            the model does not have, and for images that it does not take.
        TypeError: before training, for what the model does not take besides images, or
            lacks.
    """

    def __init__(
        self, folder, inputs, every=1, scale=2, truth=None, given=None, cycle=False
    ):
        super().__init__(folder, every)
        self.inputs = inputs
        self.scale = scale
        self.given = {name: (given or {}).get(name, {"": {}}) for name in inputs}
        # Direction to the name of a row to its truth.
        self.truth = {
            direction: images if isinstance(images, dict) else {"": images}
            for direction, images in (truth or {}).items()
        }
        self.cycle = {name: {} for name in inputs} if cycle is True else cycle or {}
        for what, by_direction in (
            ("given", given),
            ("truth", truth),
            ("cycle", cycle),
        ):
            if isinstance(by_direction, dict) and set(by_direction) - set(inputs):
                raise ValueError(
                    f"Expected {what} for directions out of {sorted(inputs)}, got "
                    f"{sorted(by_direction)}."
                )
        for direction, rows in self.given.items():
            if not isinstance(rows, dict):
                raise ValueError(
                    f"Expected given[{direction!r}] as a dict of the names of rows to "
                    f"what translate takes besides images, got {rows!r}."
                )
            truths = {*self.truth.get(direction, {})} - {""}
            if unknown := sorted(truths - set(rows)):
                raise ValueError(
                    f"Expected truth for rows out of {sorted(rows)}, got {unknown}."
                )
        for direction, rows in self.truth.items():
            expected = len(inputs.get(direction, ()))
            for images in rows.values():
                if len(images) != expected:
                    raise ValueError(
                        "Expected as many true translations as inputs of "
                        f"{direction!r}, got {len(images)} and {expected}."
                    )

    def on_train_begin(self, logs=None):
        """Refuses inputs that the model does not translate, before it trains."""
        for direction, images in self.inputs.items():
            self.model.check_translation(images, direction)
            self._rows(direction)

    def draw(self, caption):
        """The rows of inputs, translations, ways back and truth, over the caption."""
        every = [row for direction in self.inputs for row in self._rows(direction)]
        names, rows = zip(*every, strict=True)
        rows = _alike(rows)
        picture = picture_of(np.concatenate(rows), len(rows[0]), self.scale)
        return captioned(named_rows(picture, names), caption)

    def _rows(self, direction):
        """Pairs of a row's name and its images."""
        images, truth = self.inputs[direction], self.truth.get(direction, {})
        several = f" of {direction}" if len(self.inputs) > 1 else ""
        rows = [(f"input{several}", images)]
        back = None
        if direction in self.cycle:
            # A model of one domain, such as StarGAN, goes back by other conditions.
            same = direction if self.cycle[direction] else None
            back = self.model.way_back(direction) or same
        for name, given in self.given[direction].items():
            made = self.model.translate(images, direction, **given)
            rows.append((name or "translation", made))
            if back:
                returned = self.model.translate(made, back, **self.cycle[direction])
                rows.append(("way back", returned))
            if name in truth:
                rows.append(("truth", np.asarray(truth[name])))
        if "" in truth and "" not in self.given[direction]:  # of all translations
            rows.append(("truth", np.asarray(truth[""])))
        return rows


def _alike(rows):
    """Rows of images of one size and number of channels.

    Grey images beside coloured ones get their channels. Of smaller ones each pixel is
    repeated.
    """
    _, height, width, channels = np.max([row.shape for row in rows], axis=0)
    made = []
    for row in rows:
        row = np.repeat(row, channels // row.shape[-1], -1)
        row = np.repeat(
            np.repeat(row, height // row.shape[1], 1), width // row.shape[2], 2
        )
        made.append(row)
    return made
