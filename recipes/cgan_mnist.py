"""CGAN on MNIST digits: the digit is asked for.

    python recipes/cgan_mnist.py
    python recipes/cgan_mnist.py --preset=paper

The default trains DCGAN's networks with a label; the paper preset the paper's fully
connected ones on the whole set.
"""

import gan_zoo
from gan_zoo import callbacks, metrics, networks, runs


def build(image_shape, preset, num_classes):
    """The paper's model, or a narrow convolutional pair."""
    if preset == "paper":
        return gan_zoo.CGAN(image_shape, num_classes=num_classes)
    return gan_zoo.CGAN(
        image_shape,
        num_classes=num_classes,
        generator=networks.cgan.conditional_dcgan_generator(
            image_shape, num_classes=num_classes, width=32
        ),
        discriminator=networks.cgan.conditional_dcgan_discriminator(
            image_shape, num_classes=num_classes, width=32
        ),
        ema=0.995,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """DCGAN's Adam for DCGAN's networks, which fall apart under the paper's SGD."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(
        d_optimizer=runs.adam(2e-4, 0.5),
        g_optimizer=runs.adam(2e-4, 0.5),
        metrics=metrics,
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
            dataset="mnist",
            batch_size=100,
            epochs=200,
            load={"labels": True},
        ),
        compile_model=compile_model,
        grid=picture,
        judge=judge,
        title="CGAN on MNIST",
    )
