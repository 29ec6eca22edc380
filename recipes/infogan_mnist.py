"""InfoGAN on MNIST digits.

    python recipes/infogan_mnist.py
    python recipes/infogan_mnist.py --preset=paper

No label is used: the digits are found. The paper preset trains the paper's widths on
the whole set.
"""

import gan_zoo
from gan_zoo import callbacks, metrics, networks, runs


def build(image_shape, preset):
    """The paper's model, or one half as wide."""
    if preset == "paper":
        return gan_zoo.InfoGAN(image_shape)
    return gan_zoo.InfoGAN(
        image_shape,
        generator=networks.infogan.infogan_generator(image_shape, width=32, hidden=512),
        discriminator=networks.infogan.infogan_discriminator(
            image_shape, width=32, hidden=512
        ),
        ema=0.995,
    )


def picture(folder, test, settings):
    """A row for each class code, its codes and noise at random."""
    labels = [row for row in range(10) for _ in range(10)]
    return callbacks.SampleGrid(folder, count=100, labels=labels)


def measure(model, test, settings):
    """Share of images read as the digit that their class code stands for."""
    if settings.features != "mnist":
        return []
    table = metrics.confusion_matrix(model)
    protocol = (
        "1,000 images, 100 of each code, read by the package's MNIST network, codes "
        "matched to digits one to one as agrees best"
    )
    return [("code_agreement", metrics.code_agreement(table), protocol)]


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="mnist_sample",
        batch_size=64,
        epochs=40,
    ),
    paper=runs.Settings(
        dataset="mnist",
        batch_size=128,
        epochs=50,
    ),
    grid=picture,
    measure=measure,
    title="InfoGAN on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
