"""The one-dimensional picture of the GAN paper: two densities and D between them."""

import io

import keras
import matplotlib.figure
import numpy as np
import scipy.stats
from PIL import Image

from gan_zoo.callbacks.pictures import Pictures


class DensityPicture(Pictures):
    """Draws data density, model density and discriminator after each epoch.

    Dotted: the density of the data. Solid: that of 20,000 samples, smoothed by a
    Gaussian kernel. Dashed: σ(D(x)), beside the optimum p_data / (p_data + p_model) for
    these densities.

    Args:
        folder: where the pictures go.
        density: maps points (n, 1) to the data's density (n,).
        low: left end of the axis.
        high: right end of the axis.
        every: epochs between pictures.

    Reference: Goodfellow et al. 2014, 1406.2661, figure 1.
    """

    def __init__(self, folder, density, low, high, every=1):
        super().__init__(folder, every)
        self.density = density
        self.low, self.high = low, high

    def draw(self, caption):
        """The densities, under the caption."""
        x = np.linspace(self.low, self.high, 400, dtype="float32")[:, None]
        data = np.asarray(self.density(x)).reshape(-1)
        samples = self.model.generate(20_000, batch_size=20_000)[:, 0]
        model = scipy.stats.gaussian_kde(samples)(x[:, 0])
        d = keras.ops.convert_to_numpy(
            keras.ops.sigmoid(self.model.discriminator(x, training=False))
        )[:, 0]
        figure = matplotlib.figure.Figure(figsize=(5.2, 3.2), dpi=96)
        axes = figure.subplots()
        axes.plot(x, data, "k:", label="data density")
        axes.plot(x, model, "g-", label="model density")
        axes.plot(x, d, "b--", label="D(x)")
        # Where there is neither data nor a sample, the optimum is a ratio of nothings.
        total = np.where(data + model > 1e-3, data + model, np.nan)
        axes.plot(x, data / total, color="0.7", linewidth=1, label="its optimum")
        axes.set_ylim(-0.03, 1.1)
        axes.set_title(caption, fontsize=9)
        axes.legend(frameon=False, fontsize=8, loc="upper left")
        figure.tight_layout()
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        return Image.open(buffer)
