"""The one-dimensional picture of the GAN paper: two densities and D between them."""

import pathlib

import keras
import matplotlib.figure
import numpy as np
import scipy.stats

from gan_zoo.files import whole


class DensityPicture(keras.callbacks.Callback):
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
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.density = density
        self.low, self.high = low, high
        self.every = every

    def on_epoch_end(self, epoch, logs=None):
        """Writes the picture of this epoch."""
        if (epoch + 1) % self.every:
            return
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
        axes.set_title(f"epoch {epoch + 1}", fontsize=9)
        axes.legend(frameon=False, fontsize=8, loc="upper left")
        figure.tight_layout()
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"epoch-{epoch + 1:04d}.png"
        with whole(path) as partial:
            figure.savefig(partial, format="png")
