"""VAE/GAN on MNIST digits: reconstructions compared in a discriminator's features.

    python recipes/vaegan_mnist.py
    python recipes/vaegan_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the paper's networks on CelebA at 64×64.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or one a quarter as wide, with codes as short as digits need.

    Of longer codes the encoder uses less of the prior, and more samples are no digits.
    """
    if preset == "paper":
        return gan_zoo.VAEGAN(image_shape)
    return gan_zoo.VAEGAN(
        image_shape,
        latent_dim=10,
        encoder=networks.vaegan.vaegan_encoder(image_shape, 10, width=16, hidden=256),
        decoder=networks.vaegan.vaegan_decoder(image_shape, 10, (64, 64, 32, 8)),
        discriminator=networks.vaegan.vaegan_discriminator(
            image_shape, (8, 32, 64, 64), hidden=128
        ),
        ema=0.995,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(dataset="mnist_sample", batch_size=64, epochs=40),
    paper=runs.Settings(
        dataset="celeb_a", image_size=64, batch_size=64, epochs=20, features=None
    ),
    title="VAE/GAN on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
