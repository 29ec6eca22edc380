"""What callbacks that draw pictures share: when, under which name, and the caption."""

import pathlib

import keras
from PIL import Image, PngImagePlugin

from gan_zoo.files import whole


class Pictures(keras.callbacks.Callback):
    """Saves a picture after epochs: `epoch-0001.png` and on.

    A subclass overrides `draw`. Each file holds its caption and its training step, see
    `about_picture`. Functions in the list `listeners` are called with the path of each
    picture once it is saved.

    Args:
        folder: where the pictures go.
        every: epochs between pictures.
    """

    def __init__(self, folder, every=1):
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.every = every
        self.listeners = []

    def draw(self, caption):
        """The picture of the model as it is, from its weights alone.

        Args:
            caption: what the picture and its file say of it.

        Returns:
            `PIL.Image.Image`.
        """
        raise NotImplementedError(f"{type(self).__name__} must override draw.")

    def on_epoch_end(self, epoch, logs=None):
        """Saves the picture of this epoch."""
        if (epoch + 1) % self.every == 0:
            self._save(f"epoch-{epoch + 1:04d}.png", f"epoch {epoch + 1}, ")

    def save_between_epochs(self):
        """Saves a picture named after the training step, and returns its path."""
        return self._save(f"step-{self.model.trained_steps:09d}.png")

    def _save(self, name, when=""):
        step = self.model.trained_steps
        weights = "averaged weights" if self.model.ema else "current weights"
        caption = f"{when}step {step:,}, {weights}"
        path = self.folder / name
        save_picture(path, self.draw(caption), caption, step)
        for listener in self.listeners:
            listener(path)
        return path


def save_picture(path, picture, caption=None, step=None):
    """Writes a picture as a PNG, whole or not at all.

    Args:
        path: `pathlib.Path` of the file; its folder is made.
        picture: `PIL.Image.Image`.
        caption: what the picture shows, kept in the file, or None.
        step: training step that it shows, kept in the file, or None.
    """
    about = PngImagePlugin.PngInfo()
    if caption is not None:
        about.add_text("Description", caption)
    if step is not None:
        about.add_text("Step", str(step))
    with whole(path) as partial:
        picture.save(partial, format="PNG", pnginfo=about)


def about_picture(path):
    """Training step and caption that a PNG holds, each None where it does not."""
    with Image.open(path) as picture:
        step, caption = (picture.info.get(name) for name in ("Step", "Description"))
    return None if step is None else int(step), caption


def pictures_in(folder):
    """Paths of the pictures of a folder, in the order of their training steps."""
    # Not those that a killed process left half written.
    paths = pathlib.Path(folder).glob("[!.]*.png")
    return sorted(paths, key=lambda path: (about_picture(path)[0] or 0, path.name))
