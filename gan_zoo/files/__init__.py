"""Files written whole or not at all, and the folder where downloads are kept."""

from gan_zoo.files.atomic import replacing, whole, write_whole
from gan_zoo.files.cache import cache_dir
from gan_zoo.files.shown import shown

__all__ = ["cache_dir", "replacing", "shown", "whole", "write_whole"]
