"""DCGAN on MNIST digits.

    python recipes/dcgan_mnist.py
    python recipes/dcgan_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the paper's widths on CelebA at 64×64 with batches of 128.
"""

import gan_zoo
from gan_zoo import experiment, networks


def build(image_shape, preset):
    """The paper's model, or one a quarter as wide."""
    if preset == "paper":
        return gan_zoo.DCGAN(image_shape)
    return gan_zoo.DCGAN(
        image_shape,
        generator=networks.dcgan.dcgan_generator(image_shape, width=32),
        discriminator=networks.dcgan.dcgan_discriminator(image_shape, width=32),
        ema=0.995,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Adam at 2.5 times the paper's rate for the narrow model, falling to 0."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    steps = settings.epochs * steps_per_epoch
    rate = gan_zoo.schedules.ConstantThenLinear(5e-4, steps // 2, steps - steps // 2)
    model.compile(
        d_optimizer=experiment.adam(rate, 0.5),
        g_optimizer=experiment.adam(rate, 0.5),
        metrics=metrics,
    )


if __name__ == "__main__":
    experiment.main(
        build,
        experiment.Settings(dataset="mnist_sample", batch_size=32, epochs=100),
        paper=experiment.Settings(
            dataset="celeb_a", image_size=64, batch_size=128, epochs=25, features=None
        ),
        compile_model=compile_model,
        title="DCGAN on MNIST",
        planned=True,
    )
