"""StyleGAN2 on drawn faces of 32×32, narrow, with augmentation for few images.

    python recipes/stylegan2_avatars.py
    python recipes/stylegan2_avatars.py --dataset=emoji_sample/twemoji
    python recipes/stylegan2_avatars.py --preset=paper --strategy=mirrored

The paper preset has the paper's networks, on the faces of CelebA at 128×128.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The paper's model, or a narrow one that sees augmented images."""
    if preset == "paper":
        return gan_zoo.StyleGAN2(image_shape)
    sizes = {"width": 64, "capacity": 1024}
    return gan_zoo.StyleGAN2(
        image_shape,
        latent_dim=64,
        r1=0.1,
        generator=networks.stylegan2.stylegan2_generator(
            image_shape, latent_dim=64, style_dim=64, mapping_depth=4, **sizes
        ),
        discriminator=networks.stylegan2.stylegan2_discriminator(image_shape, **sizes),
        augment=gan_zoo.augment.DiffAugment(),
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Twice the paper's learning rate for the narrow model."""
    optimizers = model.paper_optimizers()
    if preset == "default":
        for optimizer in optimizers.values():
            optimizer.learning_rate = 2 * float(optimizer.learning_rate)
    named = {f"{player}_optimizer": each for player, each in optimizers.items()}
    model.compile(**named, metrics=metrics)


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="avatar_sample",
        image_size=32,
        batch_size=32,
        epochs=10,
        steps_per_epoch=250,
        features=None,
        load={"flip": True},
    ),
    paper=runs.Settings(
        dataset="celeb_a",
        image_size=128,
        batch_size=32,
        epochs=120,
        features=None,
        load={"flip": True},
    ),
    compile_model=compile_model,
    title="StyleGAN2, narrow, on drawn faces",
)

if __name__ == "__main__":
    runs.main(RECIPE)
