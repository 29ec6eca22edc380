r"""PSNR, SSIM and perceptual distance of enlarged photographs, beside bicubic ones.

    python benchmarks/super_resolution.py --images=Set5 \
        --model=runs/srgan/model.keras --model=runs/srresnet/model.keras

`--images` is a folder of photographs, such as Set5. Each is cropped to a multiple of
the scale, reduced by bicubic interpolation and enlarged again by each model. PSNR and
SSIM are computed on luma, without a border as wide as the scale, as papers do. The
perceptual distance needs the weights of `gan_zoo.features.PerceptualDistance`;
`--network` and `--heads` name their files if they are not installed.
"""

import pathlib

import keras
import numpy as np
from absl import app, flags

from gan_zoo import features, metrics
from gan_zoo.data import images
from gan_zoo.data.degradations import enlarged, reduced

_IMAGES = flags.DEFINE_string("images", None, "Folder of photographs.", required=True)
_MODELS = flags.DEFINE_multi_string("model", [], "A .keras file; may be given again.")
_SCALE = flags.DEFINE_integer("scale", 4, "How many times images are reduced.")
_NETWORK = flags.DEFINE_string("network", None, "File of SqueezeNet's weights.")
_HEADS = flags.DEFINE_string("heads", None, "File of the weights of LPIPS.")


def photographs(folder, scale):
    """Yields uint8 images (1, h, w, 3), cropped to multiples of the scale."""
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.suffix.lower() in images.suffixes():
            pixels = images.pixels(images.read(path), 3)
            height, width = (side // scale * scale for side in pixels.shape[:2])
            yield pixels[None, :height, :width]


def main(_):
    """Prints a row for bicubic interpolation and one for each model."""
    scale = _SCALE.value
    models = {path: keras.models.load_model(path) for path in _MODELS.value}
    makers = {"bicubic": lambda x: enlarged(x, scale)}
    makers |= {path: model.translate for path, model in models.items()}
    try:
        perceptual = features.PerceptualDistance(_NETWORK.value, _HEADS.value)
    except FileNotFoundError:
        perceptual = None
    numbers = {name: [] for name in makers}
    for pixels in photographs(_IMAGES.value, scale):
        real = pixels.astype("float32") / 127.5 - 1
        small = reduced(pixels, scale).numpy().astype("float32") / 127.5 - 1
        for name, make in makers.items():
            made = make(small)
            how = {"luma": True, "border": scale}
            values = [metrics.psnr(real, made, **how), metrics.ssim(real, made, **how)]
            values += [perceptual(real, made)] if perceptual else []
            numbers[name].append([float(value[0]) for value in values])
    for name, rows in numbers.items():
        means = " ".join(f"{value:8.4f}" for value in np.mean(rows, 0))
        print(f"{means}  {len(rows)} images  {name}")


if __name__ == "__main__":
    app.run(main)
