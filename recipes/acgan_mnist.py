"""ACGAN on MNIST digits: the digit is asked for.

    python recipes/acgan_mnist.py
    python recipes/acgan_mnist.py --preset=paper

The paper preset trains the paper's networks on CIFAR-10.
"""

import gan_zoo
from gan_zoo import callbacks, metrics, networks, runs


def build(image_shape, preset, num_classes):
    """The paper's model, or one half as wide."""
    if preset == "paper":
        return gan_zoo.ACGAN(image_shape, num_classes=num_classes)
    return gan_zoo.ACGAN(
        image_shape,
        num_classes=num_classes,
        generator=networks.acgan.acgan_generator(
            image_shape, num_classes=num_classes, width=128
        ),
        discriminator=networks.acgan.acgan_discriminator(
            image_shape, num_classes=num_classes, width=8
        ),
        ema=0.995,
    )


def picture(folder, test):
    """A row for each digit, or each of the first ten classes."""
    labels = [row for row in range(len(test.class_names[:10])) for _ in range(10)]
    return callbacks.SampleGrid(folder, len(labels), columns=10, labels=labels)


def judge(model, test, settings):
    """Share of images that are read as the digit asked for."""
    if settings.features != "mnist":
        return []
    table = metrics.reading_table(model)
    protocol = "1,000 images, 100 of each digit, read by the package's MNIST network"
    return [("label_accuracy", metrics.label_accuracy(table), protocol)]


if __name__ == "__main__":
    runs.main(
        build,
        runs.Settings(
            dataset="mnist_sample",
            batch_size=32,
            epochs=30,
            load={"labels": True},
        ),
        paper=runs.Settings(
            dataset="cifar10",
            batch_size=100,
            epochs=100,
            features=None,
            load={"labels": True},
        ),
        grid=picture,
        judge=judge,
        title="ACGAN on MNIST",
    )
