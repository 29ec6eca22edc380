"""VAE of continuous data on faces at 64×64: each pixel's mean and spread.

    python recipes/vae_faces.py
    python recipes/vae_faces.py --dataset=folder:PATH
    python recipes/vae_faces.py --preset=paper --strategy=mirrored

Six minutes of one core; the faces are CelebA's, or those of a folder. The paper preset
takes Adagrad and longer.
"""

import gan_zoo
from gan_zoo import runs


def build(image_shape, preset):
    """The paper's model, with the longest code that it tried on faces."""
    return gan_zoo.GaussianVAE(image_shape)


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Adam for the short run, as for digits."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(vae_optimizer=runs.adam(1e-3, 0.9), metrics=metrics)


def judge(model, test, settings):
    """The bound on the log likelihood of held-out faces, and how near their copies."""
    images = next(iter(test.unbatch().batch(500))).numpy()
    bound = float(model.elbo(images).mean())
    error = float(abs(model.reconstruct(images) - images).mean())
    return [
        ("elbo_nats", bound, f"{len(images)} test images, a density; one draw of z"),
        ("reconstruction_error", error, "mean |difference| of their pixels"),
    ]


if __name__ == "__main__":
    runs.main(
        build,
        runs.Settings(
            dataset="celeb_a",
            image_size=64,
            batch_size=100,
            epochs=40,
            steps_per_epoch=80,
            features=None,
        ),
        paper=runs.Settings(
            dataset="celeb_a",
            image_size=64,
            batch_size=100,
            epochs=50,
            features=None,
        ),
        compile_model=compile_model,
        judge=judge,
        title="VAE on faces",
    )
