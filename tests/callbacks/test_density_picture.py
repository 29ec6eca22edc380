import keras
import numpy as np
from PIL import Image

import gan_zoo
from gan_zoo.callbacks import DensityPicture

GREEN = (0, 128, 0)  # the line of the model's density


def shifted(mean, spread):
    """A GAN on (1,) vectors whose generator is mean + spread z."""
    z, x = keras.Input((1,)), keras.Input((1,))
    generator = keras.Model(z, keras.layers.Dense(1)(z))
    generator.set_weights([np.array([[spread]]), np.array([mean])])
    discriminator = keras.Model(x, keras.layers.Dense(1)(x))
    return gan_zoo.GAN((1,), 1, generator=generator, discriminator=discriminator)


def draw(folder, gan, epoch=0, **kwargs):
    callback = DensityPicture(folder, lambda x: np.ones(len(x)), -4, 4, **kwargs)
    callback.set_model(gan)
    callback.on_epoch_end(epoch)


def test_the_model_s_density_peaks_where_its_samples_are(tmp_path):
    draw(tmp_path, shifted(mean=2.0, spread=0.5))
    with Image.open(tmp_path / "epoch-0001.png") as picture:
        rows, columns = np.nonzero((np.asarray(picture.convert("RGB")) == GREEN).all(2))
    ends = columns[rows == rows.max()]  # the line at density 0, from -4 to 4
    x = np.interp(columns, [ends.min(), ends.max()], [-4, 4])
    curve = x > 0  # the legend is on the left
    assert abs(x[curve][rows[curve].argmin()] - 2) < 0.1


def test_draws_every_other_epoch(tmp_path):
    gan = shifted(mean=0.0, spread=1.0)
    for epoch in range(4):
        draw(tmp_path, gan, epoch, every=2)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["epoch-0002.png", "epoch-0004.png"]
