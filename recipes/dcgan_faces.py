"""DCGAN on faces at 64×64.

    python recipes/dcgan_faces.py
    python recipes/dcgan_faces.py --dataset=folder:PATH
    python recipes/dcgan_faces.py --preset=paper --strategy=mirrored

By default a quarter of the paper's width for some twenty minutes; the faces are
CelebA's, or those of a folder.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or one a quarter as wide."""
    if preset == "paper":
        return gan_zoo.DCGAN(image_shape)
    return gan_zoo.DCGAN(
        image_shape,
        generator=networks.dcgan.dcgan_generator(image_shape, width=32),
        discriminator=networks.dcgan.dcgan_discriminator(image_shape, width=32),
        ema=0.999,
    )


if __name__ == "__main__":
    runs.main(
        build,
        runs.Settings(
            dataset="celeb_a",
            image_size=64,
            batch_size=32,
            epochs=20,
            steps_per_epoch=250,
            features=None,
        ),
        paper=runs.Settings(
            dataset="celeb_a",
            image_size=64,
            batch_size=128,
            epochs=25,
            features=None,
        ),
        title="DCGAN on faces",
    )
