"""Pictures between epochs, at the beginning of a training."""

import time

import keras

from gan_zoo.files import shown


class EarlyPictures(keras.callbacks.Callback):
    """Saves pictures between epochs too, while a training is young.

    An epoch may take minutes. Pictures depend on the weights alone, and so change
    nothing in what is trained.

    Args:
        pictures: the `Pictures`, a callback of the same `fit`.
        first: seconds of training before the first picture.
        every: least number of seconds from one picture to the next; the earlier one may
            be one after an epoch. Where drawing is slow, it takes longer.
        until: seconds of training after which there are pictures after epochs only.
        tell: function that is called with a line of text about each picture.
        clock: function that gives the time in seconds.
    """

    def __init__(
        self,
        pictures,
        first=15.0,
        every=30.0,
        until=240.0,
        tell=print,
        clock=time.monotonic,
    ):
        super().__init__()
        self.pictures = pictures
        self.first = first
        self.every = every
        self.until = until
        self.tell = tell
        self.clock = clock
        self._due = self._end = None

    def on_train_begin(self, logs=None):
        """Starts the clock; a run that takes several calls of `fit` starts it once."""
        if self._due is None:
            now = self.clock()
            self._due, self._end = now + self.first, now + self.until

    def on_train_batch_end(self, batch, logs=None):
        """Saves a picture when one is due."""
        now = self.clock()
        if not self._due <= now < self._end:
            return
        path = self.pictures.save_between_epochs()
        self.tell(f"Picture of step {self.model.trained_steps:,}: {shown(path)}")
        # Where drawing takes long, training has the larger share of the time.
        took = self.clock() - now
        self._due = self.clock() + max(self.every, 4 * took)

    def on_epoch_end(self, epoch, logs=None):
        """Waits from here: the epoch has had its picture."""
        self._due = max(self._due, self.clock() + self.every)
