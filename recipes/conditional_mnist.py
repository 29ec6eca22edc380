"""Models that are told the digit, on MNIST: CGAN, ACGAN, ProjectionGAN.

    python recipes/conditional_mnist.py
    python recipes/conditional_mnist.py --model=ACGAN
    python recipes/conditional_mnist.py --model=ProjectionGAN --preset=paper

By default ProjectionGAN has SNGAN's plain networks, and ACGAN its own at half their
width. The paper preset trains CGAN's fully connected networks on the whole of MNIST,
those of the other two papers on CIFAR-10.
"""

import gan_zoo
from gan_zoo import callbacks, metrics, networks, runs

LABELS = {"labels": True}


def cgan(image_shape, preset, class_names):
    """The paper's fully connected pair, or the default."""
    if preset != "paper":
        return gan_zoo.CGAN(image_shape, num_classes=len(class_names), ema=0.995)
    return gan_zoo.CGAN(
        image_shape,
        num_classes=len(class_names),
        generator=networks.cgan.cgan_generator(
            image_shape, num_classes=len(class_names)
        ),
        discriminator=networks.cgan.cgan_discriminator(
            image_shape, num_classes=len(class_names)
        ),
    )


def compile_cgan(model, settings, steps_per_epoch, metrics, preset):
    """The paper's SGD, or the default."""
    if preset != "paper":
        return model.compile(metrics=metrics)
    d_optimizer, g_optimizer = (runs.sgd(0.1, 0.5) for _ in "dg")
    model.compile(d_optimizer=d_optimizer, g_optimizer=g_optimizer, metrics=metrics)


def acgan(image_shape, preset, class_names):
    """The paper's model, or one half as wide."""
    if preset == "paper":
        return gan_zoo.ACGAN(image_shape, num_classes=len(class_names))
    return gan_zoo.ACGAN(
        image_shape,
        num_classes=len(class_names),
        generator=networks.acgan.acgan_generator(
            image_shape, num_classes=len(class_names), width=128
        ),
        discriminator=networks.acgan.acgan_discriminator(
            image_shape, num_classes=len(class_names), width=8
        ),
        ema=0.995,
    )


def projection(image_shape, preset, class_names):
    """The paper's model, or a narrow convolutional pair."""
    if preset == "paper":
        return gan_zoo.ProjectionGAN(image_shape, num_classes=len(class_names))
    return gan_zoo.ProjectionGAN(
        image_shape,
        num_classes=len(class_names),
        critic_steps=1,
        generator=networks.sngan.sngan_conv_generator(
            image_shape, width=32, num_classes=len(class_names)
        ),
        discriminator=networks.sngan.sngan_conv_discriminator(
            image_shape, width=32, num_classes=len(class_names)
        ),
        ema=0.995,
    )


def picture(folder, test, settings):
    """A row for each digit, or each of the first ten classes."""
    labels = [row for row in range(len(test.class_names[:10])) for _ in range(10)]
    return callbacks.SampleGrid(folder, len(labels), columns=10, labels=labels)


def measure(model, test, settings):
    """Share of images that are read as the digit asked for."""
    if settings.features != "mnist":
        return []
    table = metrics.confusion_matrix(model)
    protocol = "1,000 images, 100 of each digit, read by the package's MNIST network"
    return [("label_accuracy", metrics.label_accuracy(table), protocol)]


def recipe(model, name, build, epochs, paper, compile_model=None):
    """One model's recipe."""
    return runs.Recipe(
        build,
        runs.Settings(
            dataset="mnist_sample", batch_size=32, epochs=epochs, load=LABELS
        ),
        paper=paper,
        compile_model=compile_model,
        grid=picture,
        measure=measure,
        title=f"{model} on MNIST",
        model=model,
        name=name,
    )


RECIPES = [
    recipe(
        "CGAN",
        "cgan_mnist",
        cgan,
        epochs=30,
        paper=runs.Settings(dataset="mnist", batch_size=100, epochs=200, load=LABELS),
        compile_model=compile_cgan,
    ),
    recipe(
        "ACGAN",
        "acgan_mnist",
        acgan,
        epochs=30,
        paper=runs.Settings(
            dataset="cifar10", batch_size=100, epochs=100, features=None, load=LABELS
        ),
    ),
    recipe(
        "ProjectionGAN",
        "projection_mnist",
        projection,
        epochs=15,
        paper=runs.Settings(
            dataset="cifar10", batch_size=64, epochs=300, features=None, load=LABELS
        ),
    ),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
