"""VAE on MNIST digits: no opponent, but a bound on the likelihood.

    python recipes/vae_mnist.py
    python recipes/vae_mnist.py --preset=paper --strategy=mirrored

The paper preset takes the whole set and Adagrad.
"""

import gan_zoo
from gan_zoo import runs


def build(image_shape, preset):
    """The paper's model."""
    return gan_zoo.VAE(image_shape)


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Adam, which needs a tenth of Adagrad's steps."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(vae_optimizer=runs.adam(1e-3, 0.9), metrics=metrics)


def measure(model, test, settings):
    """The bound on the log likelihood of the test images."""
    images = next(iter(test.unbatch().batch(2000)))
    bound = float(model.elbo(images.numpy()).mean())
    protocol = f"{len(images)} test images, one draw of z each"
    return [("elbo_nats", bound, protocol)]


RECIPE = runs.Recipe(
    build,
    runs.Settings(dataset="mnist_sample", batch_size=100, epochs=60),
    paper=runs.Settings(dataset="mnist", batch_size=100, epochs=200),
    compile_model=compile_model,
    measure=measure,
    title="VAE on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
