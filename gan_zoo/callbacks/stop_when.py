"""Ends training once a number is good enough."""

import keras


class StopWhen(keras.callbacks.Callback):
    """Ends `fit` once a logged number is beyond a value for some epochs on end.

    Keras's `EarlyStopping` waits until a number gets no better; this waits for a value
    that means something by itself. With a two-sample test as metric it is the stopping
    rule of Sutherland et al.: the model may stop once its samples are no longer told
    from the data,

        StopWhen("val_mmd_p_mnist", above=0.05, patience=2)

    Args:
        monitor: name of the number in the logs.
        above: stop while the number is at least this; or
        below: stop while it is at most this.
        patience: epochs on end.

    Raises:
        ValueError: unless exactly one of `above` and `below` is given; at the end of
            an epoch whose logs lack `monitor`, naming what they hold.

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
        self._epochs = 0

    def on_epoch_end(self, epoch, logs=None):
        """Counts epochs beyond the value."""
        if self.monitor not in (logs or {}):
            raise ValueError(
                f"Expected {self.monitor!r} in the logs, got {sorted(logs or {})}. "
                "Numbers called val_... need fit(validation_data=...) and the metric "
                "in compile()."
            )
        value = float(logs[self.monitor])
        beyond = value <= self.below if self.above is None else value >= self.above
        self._epochs = self._epochs + 1 if beyond else 0
        if self._epochs >= self.patience:
            self.model.stop_training = True
            print(
                f"\nStopped after epoch {epoch + 1}: {self.monitor} is {value:.4g}.",
                flush=True,
            )
