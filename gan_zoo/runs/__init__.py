"""What recipes share: settings, run folder, resume, report, tables of many runs."""

from gan_zoo.runs.experiment import Recipe, Settings, adam, main, rmsprop, run

__all__ = ["Recipe", "Settings", "adam", "main", "rmsprop", "run"]
