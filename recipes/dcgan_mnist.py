"""DCGAN's networks on MNIST digits, under DCGAN's objective or another.

    python recipes/dcgan_mnist.py
    python recipes/dcgan_mnist.py --model=LSGAN
    python recipes/dcgan_mnist.py --model=HingeGAN --preset=paper --strategy=mirrored

`--help` lists the models. The paper preset trains the paper's widths on CelebA at
64×64.
"""

import gan_zoo
from gan_zoo import networks, runs


def recipe(
    model, name, epochs=40, paper_batch_size=64, paper_epochs=25, batch_norm=True
):
    """One model's recipe; `batch_norm` is the discriminator's."""

    def build(image_shape, preset):
        """The paper's model, or one a quarter as wide."""
        if preset == "paper":
            return model(image_shape)
        return model(
            image_shape,
            generator=networks.dcgan.dcgan_generator(image_shape, width=32),
            discriminator=networks.dcgan.dcgan_discriminator(
                image_shape, width=32, batch_norm=batch_norm
            ),
            ema=0.995,
        )

    return runs.Recipe(
        build,
        runs.Settings(dataset="mnist_sample", batch_size=32, epochs=epochs),
        paper=runs.Settings(
            dataset="celeb_a",
            image_size=64,
            batch_size=paper_batch_size,
            epochs=paper_epochs,
            features=None,
        ),
        title=f"{model.__name__} on MNIST",
        model=model.__name__,
        name=name,
    )


RECIPES = [
    recipe(gan_zoo.DCGAN, "dcgan_mnist", epochs=100, paper_batch_size=128),
    recipe(gan_zoo.LSGAN, "lsgan_mnist"),
    recipe(gan_zoo.HingeGAN, "hinge_mnist", paper_epochs=50),
    recipe(gan_zoo.DRAGAN, "dragan_mnist", batch_norm=False),
    recipe(gan_zoo.RelativisticGAN, "relativistic_standard_mnist"),
    recipe(gan_zoo.RelativisticAverageGAN, "relativistic_mnist"),
    recipe(gan_zoo.RelativisticAverageLSGAN, "relativistic_lsgan_mnist"),
    recipe(gan_zoo.RelativisticAverageHingeGAN, "relativistic_hinge_mnist"),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
