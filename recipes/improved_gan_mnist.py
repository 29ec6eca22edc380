"""ImprovedGAN on MNIST digits: minibatch discrimination and its companions.

    python recipes/improved_gan_mnist.py
    python recipes/improved_gan_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the widths of the authors' CIFAR-10 networks on CIFAR-10 for
their 1,200 epochs.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The full widths, or narrower ones."""
    if preset == "paper":
        return gan_zoo.ImprovedGAN(image_shape)
    return gan_zoo.ImprovedGAN(
        image_shape,
        generator=networks.dcgan.dcgan_generator(image_shape, width=32),
        discriminator=networks.improved.improved_discriminator(image_shape, width=16),
        ema=0.995,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Three times the authors' learning rate for the narrow model."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(
        d_optimizer=runs.adam(1e-3, 0.5),
        g_optimizer=runs.adam(1e-3, 0.5),
        metrics=metrics,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(dataset="mnist_sample", batch_size=64, epochs=30),
    paper=runs.Settings(dataset="cifar10", batch_size=100, epochs=1200, features=None),
    compile_model=compile_model,
    title="ImprovedGAN on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
