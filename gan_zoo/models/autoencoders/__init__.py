"""Models that tell the code of an image and make the image of a code."""
