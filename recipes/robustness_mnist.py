"""The table of the WGAN-GP paper in small: seven architectures, four objectives.

    python recipes/robustness_mnist.py
    python recipes/robustness_mnist.py --preset=paper --strategy=mirrored

Trains each of seven pairs of networks, easy and hard, with the settings of DCGAN,
LSGAN, WGAN and WGAN-GP, and draws `table.png`. Noise is normal throughout. Optimizers
are those that the paper gives each objective, RMSprop with PyTorch's decay of 0.99; in
place of batch norm WGAN-GP's critic has layer norm. The paper preset takes the paper's
200,000 steps, on CelebA at 64×64 for its LSUN.

The 28 runs take about two hours of one core, half of them in the last row.
"""

import gan_zoo
from gan_zoo import runs
from gan_zoo.networks.robustness import ARCHITECTURES
from gan_zoo.runs import comparison

OBJECTIVES = {
    "DCGAN": gan_zoo.DCGAN,
    "LSGAN": gan_zoo.LSGAN,
    "WGAN (clipping)": gan_zoo.WGAN,
    "WGAN-GP": gan_zoo.WGANGP,
}


def build(image_shape, preset, row, column):
    """One cell's model: an architecture under an objective."""
    objective = OBJECTIVES[column]
    generator, discriminator = ARCHITECTURES[row](
        image_shape,
        latent_dim=128,
        width=64 if preset == "paper" else 16,
        normalization="layer" if objective is gan_zoo.WGANGP else "batch",
    )
    # WGAN's long warm-up is its own code's, not this comparison's.
    warm_up = {"warmup_generator_steps": 0} if objective is gan_zoo.WGAN else {}
    return objective(
        image_shape,
        latent_dim=128,
        prior="normal",
        generator=generator,
        discriminator=discriminator,
        **warm_up,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The paper's optimizers; short runs take four times its learning rates."""
    faster = 1 if preset == "paper" else 4
    makers = {
        gan_zoo.DCGAN: lambda: runs.adam(2e-4 * faster, 0.5),
        gan_zoo.LSGAN: lambda: runs.rmsprop(1e-4 * faster),
        gan_zoo.WGAN: lambda: runs.rmsprop(5e-5 * faster),
        gan_zoo.WGANGP: lambda: runs.adam(1e-4 * faster, 0.0, 0.9),
    }
    new = makers[type(model)]
    model.compile(d_optimizer=new(), g_optimizer=new(), metrics=metrics)


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="mnist_sample", batch_size=32, epochs=1, steps_per_epoch=2000
    ),
    paper=runs.Settings(
        dataset="celeb_a",
        image_size=64,
        batch_size=64,
        epochs=200,
        steps_per_epoch=1000,
        features=None,
    ),
    compile_model=compile_model,
    title="Seven architectures, four objectives",
)

if __name__ == "__main__":
    comparison.main(RECIPE, list(ARCHITECTURES), list(OBJECTIVES))
