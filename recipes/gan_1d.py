"""The GAN paper's figure 1: a generator of numbers learns a Gaussian.

    python recipes/gan_1d.py

Leaves, epoch by epoch, the picture of the data's density, the model's, and the
discriminator between them.
"""

import gan_zoo
from gan_zoo import callbacks, data, networks, runs

TOY = "gaussian1d"


def build(shape, preset):
    """Two small perceptrons, as nothing larger is needed on a line.

    Four discriminator updates per generator update keep D near its optimum, which the
    theory takes for granted; with one, G swings past the data and back.
    """
    if shape != (1,):
        raise networks.blocks.ImageSizeError(
            f"Expected points on a line, --dataset=toy:{TOY}, got data of shape "
            f"{shape}. recipes/gan_mnist.py trains a GAN on images."
        )

    def perceptron(name):
        return networks.gan.mlp(1, 1, 32, activation="leaky_relu", name=name)

    return gan_zoo.GAN(
        shape,
        latent_dim=1,
        generator=perceptron("generator"),
        discriminator=perceptron("discriminator"),
        critic_steps=4,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Adam, four times slower for the generator."""
    model.compile(
        d_optimizer=runs.adam(2e-3, 0.5),
        g_optimizer=runs.adam(5e-4, 0.5),
        metrics=metrics,
    )


def picture(folder, test, settings):
    """Densities in place of a grid of images."""
    return callbacks.DensityPicture(
        folder, lambda x: data.toy.density(TOY, x), low=-1.0, high=7.0
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset=f"toy:{TOY}",
        batch_size=256,
        epochs=30,
        steps_per_epoch=200,
        features=None,
    ),
    compile_model=compile_model,
    grid=picture,
    title="GAN on a line",
)

if __name__ == "__main__":
    runs.main(RECIPE)
