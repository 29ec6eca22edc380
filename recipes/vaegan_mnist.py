"""VAE/GAN on MNIST digits: reconstructions compared in a discriminator's features.

    python recipes/vaegan_mnist.py
    python recipes/vaegan_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the paper's networks on CelebA at 64×64.
"""

import gan_zoo
from gan_zoo import networks, optimizers, runs


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


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The paper's RMSprop; in the small model its rate falls to 0 in the second half.

    With a constant rate the discriminator's loss may go to 0 after some 30 epochs. Its
    features then grow, and so does the error of reconstructions that is measured in
    them, until all samples are equal.
    """
    chosen = model.paper_optimizers()
    if preset != "paper":
        half = settings.epochs * steps_per_epoch // 2
        falling = optimizers.ConstantThenLinear(3e-4, half, half)
        for player, paper in chosen.items():
            config = paper.get_config() | {"learning_rate": falling}
            chosen[player] = type(paper).from_config(config)
    chosen = {f"{player}_optimizer": each for player, each in chosen.items()}
    model.compile(**chosen, metrics=metrics)


RECIPE = runs.Recipe(
    build,
    runs.Settings(dataset="mnist_sample", batch_size=64, epochs=30),
    paper=runs.Settings(
        dataset="celeb_a", image_size=64, batch_size=64, epochs=20, features=None
    ),
    compile_model=compile_model,
    title="VAE/GAN on MNIST",
    fixed_epochs=True,
)

if __name__ == "__main__":
    runs.main(RECIPE)
