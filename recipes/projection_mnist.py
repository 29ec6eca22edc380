"""ProjectionGAN on MNIST digits: the digit is asked for.

    python recipes/projection_mnist.py
    python recipes/projection_mnist.py --preset=paper

The default trains SNGAN's plain networks with a projected label; the paper preset the
residual ones on CIFAR-10.
"""

import gan_zoo
from gan_zoo import callbacks, metrics, networks, runs


def build(image_shape, preset, num_classes):
    """The paper's model, or a narrow convolutional pair."""
    if preset == "paper":
        return gan_zoo.ProjectionGAN(image_shape, num_classes=num_classes)
    return gan_zoo.ProjectionGAN(
        image_shape,
        num_classes=num_classes,
        critic_steps=1,
        generator=networks.sngan.sngan_conv_generator(
            image_shape, width=32, num_classes=num_classes
        ),
        discriminator=networks.sngan.sngan_conv_discriminator(
            image_shape, width=32, num_classes=num_classes
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
            epochs=15,
            load={"labels": True},
        ),
        paper=runs.Settings(
            dataset="cifar10",
            batch_size=64,
            epochs=300,
            features=None,
            load={"labels": True},
        ),
        grid=picture,
        judge=judge,
        title="ProjectionGAN on MNIST",
    )
