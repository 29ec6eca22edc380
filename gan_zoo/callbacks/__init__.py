"""What happens around `fit`: grids, logs, checkpoints, reports."""

from gan_zoo.callbacks.animation import animate
from gan_zoo.callbacks.checkpoint import RunCheckpoint
from gan_zoo.callbacks.collapse_warning import Collapse, CollapseWarning
from gan_zoo.callbacks.density_picture import DensityPicture
from gan_zoo.callbacks.early_pictures import EarlyPictures
from gan_zoo.callbacks.interruption import Interrupted, Interruption
from gan_zoo.callbacks.pictures import Pictures
from gan_zoo.callbacks.progress import Progress, duration
from gan_zoo.callbacks.run_log import RunLog
from gan_zoo.callbacks.run_report import write_report
from gan_zoo.callbacks.sample_grid import SampleGrid, TranslationGrid, save_grid
from gan_zoo.callbacks.stop_when import StopWhen
from gan_zoo.models.base.fit_callbacks import ForPlayers, StopOnNaN

__all__ = [
    "Collapse",
    "CollapseWarning",
    "DensityPicture",
    "EarlyPictures",
    "ForPlayers",
    "Interrupted",
    "Interruption",
    "Pictures",
    "Progress",
    "RunCheckpoint",
    "RunLog",
    "SampleGrid",
    "StopOnNaN",
    "StopWhen",
    "TranslationGrid",
    "animate",
    "duration",
    "save_grid",
    "write_report",
]
