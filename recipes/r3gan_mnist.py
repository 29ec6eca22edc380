"""R3GAN on MNIST digits at 32×32: a modern GAN without tricks, narrow.

    python recipes/r3gan_mnist.py
    python recipes/r3gan_mnist.py --preset=paper --strategy=mirrored
    python recipes/r3gan_mnist.py --dataset=folder:/faces --image_size=64

The paper preset has the paper's networks and settings for CIFAR-10 with classes: 20
million images in batches of 512.
"""

import gan_zoo
from gan_zoo import networks, runs
from gan_zoo.models.noise_to_image.r3gan import CONFIGURATIONS

EPOCHS, STEPS = 10, 500
PAPER = CONFIGURATIONS["cifar10"]


def build(image_shape, preset, class_names=()):
    """The paper's model for CIFAR-10, or a narrow one of a block at each size."""
    if preset == "paper":
        return gan_zoo.R3GAN.configured("cifar10", num_classes=len(class_names))
    sizes = {"widths": widths(image_shape), "blocks": 1}
    return gan_zoo.R3GAN(
        image_shape,
        gamma=1.0,
        decay_steps=EPOCHS * STEPS,
        generator=networks.r3gan.r3gan_generator(image_shape, **sizes),
        discriminator=networks.r3gan.r3gan_discriminator(image_shape, **sizes),
        ema=0.998,
    )


def widths(image_shape):
    """Channels from coarse to fine: 64 up to a side of 8, then half each time."""
    sizes = networks.blocks.even_sizes(image_shape)
    return [max(16, min(64, 512 // max(size))) for size in sizes]


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Ten times the paper's learning rates for the narrow model."""
    if preset == "paper":
        return model.compile(metrics=metrics)
    adams = model.paper_optimizers()
    for adam in adams.values():
        adam.learning_rate = gan_zoo.optimizers.Cosine(2e-3, 5e-4, model.decay_steps)
    model.compile(d_optimizer=adams["d"], g_optimizer=adams["g"], metrics=metrics)


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="mnist_sample",
        image_size=32,
        batch_size=32,
        epochs=EPOCHS,
        steps_per_epoch=STEPS,
    ),
    paper=runs.Settings(
        dataset="cifar10",
        batch_size=PAPER.batch_size,
        epochs=200,
        steps_per_epoch=int(PAPER.images / PAPER.batch_size / 200),
        features=None,
        load={"labels": True, "flip": True},
    ),
    compile_model=compile_model,
    title="R3GAN, narrow, on MNIST",
    fixed_epochs=True,
)

if __name__ == "__main__":
    runs.main(RECIPE)
