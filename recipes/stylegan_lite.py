"""StyleGAN at 32×32 with narrow layers, on MNIST digits, in minutes on two cores.

    python recipes/stylegan_lite.py
    python recipes/stylegan_lite.py --preset=paper --strategy=mirrored

The paper preset trains the paper's networks on CelebA at 128×128 instead.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or one with a thousandth of its weights."""
    if preset == "paper":
        return gan_zoo.StyleGAN(image_shape)
    return gan_zoo.StyleGAN(
        image_shape,
        latent_dim=64,
        generator=networks.stylegan.stylegan_generator(
            image_shape,
            latent_dim=64,
            style_dim=64,
            mapping_depth=4,
            width=64,
            capacity=512,
            blur=False,
            # With the paper's linear output the contrast of the first images is ten
            # times too large. The discriminator then learns to refuse variety, and the
            # narrow generator collapses before the discriminator learns better.
            activation="tanh",
        ),
        discriminator=networks.stylegan.stylegan_discriminator(
            image_shape, width=64, capacity=512, blur=False
        ),
        r1=0.5,
        r1_interval=8,
        ema=0.998,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Eight times the paper's learning rate for the narrow model.

    The samples are digits after a quarter of the steps that twice the paper's takes.
    Sixteen times is slower again.
    """
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(
        d_optimizer=runs.adam(8e-3, 0.0, 0.99),
        g_optimizer=runs.adam(8e-3, 0.0, 0.99),
        metrics=metrics,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="mnist_sample",
        image_size=32,
        batch_size=32,
        epochs=6,
        steps_per_epoch=1000,
    ),
    paper=runs.Settings(
        dataset="celeb_a", image_size=128, batch_size=32, epochs=60, features=None
    ),
    compile_model=compile_model,
    title="StyleGAN, narrow, on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
