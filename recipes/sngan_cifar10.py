"""SNGAN on CIFAR-10: the residual networks of the paper.

    python recipes/sngan_cifar10.py
    python recipes/sngan_cifar10.py --preset=paper --strategy=mirrored

By default a quarter of the paper's width and one critic update per step; the paper
preset is the paper's, 100,000 generator steps (section 4.1; the authors' released
settings take 50,000, of twice as many images each). `--dataset=folder:PATH` takes other
images of 32×32.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or a narrow one with one critic update per step."""
    if preset == "paper":
        return gan_zoo.SNGAN(image_shape)
    return gan_zoo.SNGAN(
        image_shape,
        critic_steps=1,
        generator=networks.sngan.sngan_generator(image_shape, width=64),
        discriminator=networks.sngan.sngan_discriminator(image_shape, width=32),
        ema=0.999,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="cifar10",
        image_size=32,
        batch_size=32,
        epochs=20,
        steps_per_epoch=312,
        features=None,
    ),
    paper=runs.Settings(
        dataset="cifar10",
        batch_size=64,
        epochs=100,
        steps_per_epoch=1000,
        features=None,
    ),
    title="SNGAN on CIFAR-10",
)

if __name__ == "__main__":
    runs.main(RECIPE)
