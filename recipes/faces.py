"""Faces: DCGAN, LSGAN and the VAE of continuous data at 64×64, BEGAN at 32×32.

    python recipes/faces.py
    python recipes/faces.py --model=LSGAN --dataset=folder:PATH
    python recipes/faces.py --model=GaussianVAE
    python recipes/faces.py --model=BEGAN
    python recipes/faces.py --preset=paper --strategy=mirrored

The faces are CelebA's, or those of a folder. By default DCGAN and LSGAN have a quarter
of the paper's width, for some twenty minutes; the VAE, each pixel's mean and spread,
takes six. BEGAN has a fifth of the paper's width, and its k moves ten times faster: at
the paper's rate all samples are still one face after a thousand steps. The paper preset
trains longer, at 64×64, and the VAE with Adagrad.
"""

import gan_zoo
from gan_zoo import networks, runs


def faces(batch_size, epochs, steps_per_epoch=None, image_size=64):
    """Settings for so many faces."""
    return runs.Settings(
        dataset="celeb_a",
        image_size=image_size,
        batch_size=batch_size,
        epochs=epochs,
        steps_per_epoch=steps_per_epoch,
        features=None,
    )


def gan(model, name, paper_batch_size):
    """The recipe of a GAN with DCGAN's networks."""

    def build(image_shape, preset):
        """The paper's model, or one a quarter as wide."""
        if preset == "paper":
            return model(image_shape)
        return model(
            image_shape,
            generator=networks.dcgan.dcgan_generator(image_shape, width=32),
            discriminator=networks.dcgan.dcgan_discriminator(image_shape, width=32),
            ema=0.999,
        )

    return runs.Recipe(
        build,
        faces(32, epochs=20, steps_per_epoch=250),
        paper=faces(paper_batch_size, epochs=25),
        title=f"{model.__name__} on faces",
        model=model.__name__,
        name=name,
    )


def build_began(image_shape, preset):
    """The paper's model, or one of narrow layers that soon makes different faces."""
    if preset == "paper":
        return gan_zoo.BEGAN(image_shape)
    return gan_zoo.BEGAN(
        image_shape,
        diversity_ratio=0.7,
        balance_rate=0.01,
        generator=networks.began.began_decoder(image_shape, width=24),
        discriminator=networks.began.began_autoencoder(image_shape, width=24),
        ema=0.995,
    )


def build_vae(image_shape, preset):
    """The paper's model, with the longest code that it tried on faces."""
    return gan_zoo.GaussianVAE(image_shape)


def compile_vae(model, settings, steps_per_epoch, metrics, preset):
    """Adam for the short run, as for digits."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(vae_optimizer=runs.adam(1e-3, 0.9), metrics=metrics)


def measure_vae(model, test, settings):
    """The bound on the log likelihood of held-out faces, and how near their copies."""
    images = next(iter(test.unbatch().batch(500))).numpy()
    bound = float(model.elbo(images).mean())
    error = float(abs(model.reconstruct(images) - images).mean())
    return [
        ("elbo_nats", bound, f"{len(images)} test images, a density; one draw of z"),
        ("reconstruction_error", error, "mean |difference| of their pixels"),
    ]


RECIPES = [
    gan(gan_zoo.DCGAN, "dcgan_faces", paper_batch_size=128),
    gan(gan_zoo.LSGAN, "lsgan_faces", paper_batch_size=64),
    runs.Recipe(
        build_vae,
        faces(100, epochs=40, steps_per_epoch=80),
        paper=faces(100, epochs=50),
        compile_model=compile_vae,
        measure=measure_vae,
        title="VAE on faces",
        model="GaussianVAE",
        name="vae_faces",
    ),
    runs.Recipe(
        build_began,
        faces(16, epochs=12, steps_per_epoch=250, image_size=32),
        paper=faces(16, epochs=20),
        title="BEGAN on faces",
        model="BEGAN",
        name="began_faces",
    ),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
