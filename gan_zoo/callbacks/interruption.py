"""Ctrl-C without loss."""

import signal

import keras

from gan_zoo import backend


class Interrupted(KeyboardInterrupt):
    """Raised between two steps, after the state was saved."""


class Interruption(keras.callbacks.Callback):
    """Ends training after Ctrl-C (SIGINT) or SIGTERM, with the state saved.

    Training stops after the current step. With several workers, or a checkpoint that
    saves at the ends of epochs only, it stops after the current epoch. A second Ctrl-C
    ends the process at once; the last checkpoint stays good. Put this callback behind
    the checkpoint, so that the end of an epoch is saved before it stops there.

    Args:
        checkpoint: the run's `RunCheckpoint`.
        stop_after: stop once this many steps were trained, or None.

    Raises:
        Interrupted: after the state was saved.
    """

    def __init__(self, checkpoint, stop_after=None):
        super().__init__()
        self.checkpoint = checkpoint
        self.stop_after = stop_after
        self.asked = None

    def on_train_begin(self, logs=None):
        """Listens to SIGINT (Ctrl-C) and SIGTERM."""
        self.previous = {
            sign: signal.signal(sign, self._ask)
            for sign in (signal.SIGINT, signal.SIGTERM)
        }

    def on_train_end(self, logs=None):
        """Gives the signals back."""
        for sign, handler in self.previous.items():
            signal.signal(sign, handler)

    def _ask(self, number, frame):
        signal.signal(number, self.previous[number])
        self.asked = signal.Signals(number).name

    def on_train_batch_end(self, batch, logs=None):
        """Stops within an epoch; at its last step the epoch is finished first."""
        step = self.model.trained_steps
        if self.stop_after and step >= self.stop_after:
            self.asked = "stop_after"
        ends = step % self.checkpoint.steps_per_epoch == 0
        if self.asked and not ends and self.checkpoint.saves_within_epochs:
            self.checkpoint.save()
            self._stop()

    def on_epoch_end(self, epoch, logs=None):
        """Stops at the end of an epoch, all workers of a run together."""
        if backend.largest(self.model, int(self.asked is not None)):
            self._stop()

    def _stop(self):
        self.on_train_end()
        raise Interrupted(f"Stopped at step {self.model.trained_steps}, saved.")
