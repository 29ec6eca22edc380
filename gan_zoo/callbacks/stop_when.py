"""Ends training once a number is good enough."""

import warnings

import keras


class StopWhen(keras.callbacks.Callback):
    """Ends `fit` once a logged number is beyond a value for consecutive epochs.

    Keras's `EarlyStopping` waits until a number gets no better. This callback waits for
    a certain value. With the metric `KernelTest`, training may stop when the test no
    longer tells the samples from the data:

        StopWhen("val_mmd_p_mnist", above=0.05, patience=2)

    The test of samples against data is from Sutherland et al. (2017). To stop at
    p = 0.05 is our choice.

    Args:
        monitor: name of the number in the logs. Epochs whose logs lack it, as with
            `fit(validation_freq=2)`, count neither way.
        above: stop when the number is at least this; or
        below: stop when it is at most this.
        patience: number of consecutive epochs for which this must hold.

    Raises:
        ValueError: unless exactly one of `above` and `below` is given; before training
            if the logs will lack `monitor`. Where callbacks of a user's own may add to
            the logs, the first epoch that lacks it warns, and the end of training
            raises the error.

    Reference: Sutherland et al. 2017, Generative Models and Model Criticism via
    Optimized Maximum Mean Discrepancy, 1611.04488.
    """

    def __init__(self, monitor, above=None, below=None, patience=1):
        super().__init__()
        if (above is None) == (below is None):
            raise ValueError(
                f"Expected either above or below, got above={above}, below={below}."
            )
        self.monitor = monitor
        self.above = above
        self.below = below
        self.patience = patience

    def on_train_begin(self, logs=None):
        """Starts counting anew, also where one callback is used for several runs."""
        self._epochs = 0
        self._logged = set()
        self._warned = False

    def on_epoch_end(self, epoch, logs=None):
        """Counts epochs beyond the value."""
        logs = logs or {}
        self._logged |= set(logs)
        if self.monitor not in logs:
            self._warn_if_due(logs)
            return
        value = float(logs[self.monitor])
        beyond = value <= self.below if self.above is None else value >= self.above
        self._epochs = self._epochs + 1 if beyond else 0
        if self._epochs >= self.patience:
            self.model.stop_training = True
            print(
                f"\nStopped after epoch {epoch + 1}: {self.monitor} is {value:.4g}.",
                flush=True,
            )

    def on_train_end(self, logs=None):
        """Raises if there was never a number to wait for."""
        if self._logged and self.monitor not in self._logged:
            raise ValueError(self._message())

    def _warn_if_due(self, logs):
        due = not self.monitor.startswith("val_") or any(
            name.startswith("val_") for name in logs
        )
        if due and not self._warned and self.monitor not in self._logged:
            self._warned = True
            warnings.warn(self._message(), stacklevel=2)

    def _message(self):
        return (
            f"StopWhen expected {self.monitor!r} in the logs, got "
            f"{sorted(self._logged)}. Numbers called val_... need "
            "fit(validation_data=...) and the metric in compile()."
        )
