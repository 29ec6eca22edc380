"""How far a run is, and how long the rest will take."""

import shutil
import sys
import time

import keras

# So many steps after the first one, the total time is estimated.
_TIMED = 10


class Progress(keras.callbacks.Callback):
    """Prints one line per epoch; on a terminal also how far the epoch is.

    The line that tells how far the epoch is has the width of the terminal. It shows the
    losses first, and leaves out the values that do not fit. The line of a finished
    epoch shows all values, on a terminal in as many rows as they need. The width is
    that of `shutil.get_terminal_size`, which reads the environment variable COLUMNS
    first.

    The time left is that of all epochs to come, by the mean time of the steps so far,
    evaluations included. The first step, which builds the train function, does not
    count.

    Args:
        epochs: number of epochs of the whole training, those of earlier sessions
            included.
        steps_per_epoch: training steps of an epoch.
        done: training steps of earlier sessions.
        stream: where to print, standard output by default.
        every: seconds between two updates of the line on a terminal.
    """

    def __init__(self, epochs, steps_per_epoch, done=0, stream=None, every=0.5):
        super().__init__()
        self.epochs = epochs
        self.steps_per_epoch = steps_per_epoch
        self.done = done
        self.stream = stream or sys.stdout
        self.every = every
        self.terminal = self.stream.isatty()
        self.started = None  # when the first step of this process ended
        self.first = done
        self.shown = 0.0

    def on_train_batch_end(self, batch, logs=None):
        """Updates the line on a terminal."""
        self.done += 1
        now = time.monotonic()
        if self.started is None:
            self.started, self.first = now, self.done
        if self.done == self.first + _TIMED:
            self.say(f"About {duration(self.seconds_left)} to go.")
        if self.terminal and now - self.shown >= self.every:
            self.shown = now
            self._print(logs, end="")

    def say(self, text):
        """Prints a line of text, beside those of the epochs."""
        # On a terminal the line of the epoch stands there and is written over.
        start = "\r\x1b[K" if self.terminal else ""
        print(f"{start}{text}", file=self.stream, flush=True)

    def on_epoch_end(self, epoch, logs=None):
        """Prints the line of the epoch."""
        self._print(logs, end="\n")

    @property
    def seconds_left(self):
        """Seconds that the steps to come will take, or None before the second step."""
        steps = self.done - self.first
        if self.started is None or not steps:
            return None
        rate = (time.monotonic() - self.started) / steps
        return rate * (self.epochs * self.steps_per_epoch - self.done)

    def _print(self, logs, end):
        epoch = min((self.done - 1) // self.steps_per_epoch + 1, self.epochs)
        within = self.done - (epoch - 1) * self.steps_per_epoch
        parts = [
            f"Epoch {epoch}/{self.epochs}",
            f"step {within}/{self.steps_per_epoch}",
        ]
        left = self.seconds_left
        if left is not None and left > 0:
            parts.append(f"{duration(left)} left")
        values = sorted((logs or {}).items(), key=lambda value: "loss" not in value[0])
        parts += [f"{name} {float(value):.4g}" for name, value in values]
        if self.terminal:
            rows = _rows(parts)
            # Back to the start of the line, and nothing left of a longer one.
            line = "\r" + "\n".join(
                f"{row}\x1b[K" for row in (rows if end else rows[:1])
            )
        else:
            line = "  ".join(parts)
        print(line, end=end, file=self.stream, flush=True)


def _rows(parts):
    """The parts in rows that fit on the terminal, two spaces between them."""
    # Asked at each update, since windows are resized. A full row would wrap.
    columns = shutil.get_terminal_size().columns - 1
    rows = [""]
    for part in parts:
        longer = f"{rows[-1]}  {part}" if rows[-1] else part
        if len(longer) <= columns:
            rows[-1] = longer
        else:
            rows.append(f"  {part}")
    return rows


def duration(seconds):
    """A time in words: "40 seconds", "6 minutes", "3.2 hours"."""
    if seconds < 90:
        return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
