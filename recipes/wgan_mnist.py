"""WGAN with weight clipping on MNIST digits.

    python recipes/wgan_mnist.py
    python recipes/wgan_mnist.py --preset=paper --strategy=mirrored

The paper preset trains DCGAN's full widths on CelebA at 64×64.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or one a quarter as wide with a shorter warm-up."""
    if preset == "paper":
        return gan_zoo.WGAN(image_shape)
    return gan_zoo.WGAN(
        image_shape,
        generator=networks.dcgan.dcgan_generator(image_shape, width=32),
        discriminator=networks.dcgan.dcgan_discriminator(image_shape, width=32),
        warmup_critic_steps=20,
        ema=0.995,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Four times the paper's learning rate for the narrow model."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(
        d_optimizer=runs.rmsprop(2e-4),
        g_optimizer=runs.rmsprop(2e-4),
        metrics=metrics,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="mnist_sample", batch_size=32, epochs=20, steps_per_epoch=300
    ),
    paper=runs.Settings(
        dataset="celeb_a",
        image_size=64,
        batch_size=64,
        epochs=125,
        features=None,
    ),
    compile_model=compile_model,
    title="WGAN on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
