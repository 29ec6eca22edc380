"""BEGAN on MNIST digits.

    python recipes/began_mnist.py
    python recipes/began_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the paper's networks on CelebA at 64×64.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or one of narrow layers."""
    if preset == "paper":
        return gan_zoo.BEGAN(image_shape)
    return gan_zoo.BEGAN(
        image_shape,
        latent_dim=32,
        generator=networks.began.began_decoder(image_shape, 32, width=24),
        discriminator=networks.began.began_autoencoder(image_shape, 32, width=24),
        ema=0.995,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(dataset="mnist_sample", batch_size=16, epochs=10),
    paper=runs.Settings(
        dataset="celeb_a", image_size=64, batch_size=16, epochs=20, features=None
    ),
    title="BEGAN on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
