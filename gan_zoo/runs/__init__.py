"""What recipes share: settings, run folder, resume, report, tables of many runs."""

from gan_zoo.runs.experiment import Recipe, Settings, adam, main, rmsprop, run, sgd
from gan_zoo.runs.phases import Phase

__all__ = ["Phase", "Recipe", "Settings", "adam", "main", "rmsprop", "run", "sgd"]
