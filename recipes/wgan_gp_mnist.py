"""WGAN-GP on MNIST digits.

    python recipes/wgan_gp_mnist.py
    python recipes/wgan_gp_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the authors' MNIST networks on the whole set with batches of 50
for the authors' 200,000 generator steps.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The authors' model, or one half as wide."""
    if preset == "paper":
        return gan_zoo.WGANGP(image_shape)
    return gan_zoo.WGANGP(
        image_shape,
        latent_dim=64,
        generator=networks.wgan_gp.wgan_gp_generator(image_shape, 64, width=24),
        discriminator=networks.wgan_gp.wgan_gp_critic(image_shape, width=24),
        ema=0.995,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Five times the paper's learning rate for the narrow model."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(
        d_optimizer=runs.adam(5e-4, 0.0, 0.9),
        g_optimizer=runs.adam(5e-4, 0.0, 0.9),
        metrics=metrics,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="mnist_sample", batch_size=32, epochs=20, steps_per_epoch=300
    ),
    paper=runs.Settings(
        dataset="mnist", batch_size=50, epochs=200, steps_per_epoch=1000
    ),
    compile_model=compile_model,
    title="WGAN-GP on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
