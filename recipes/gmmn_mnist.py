"""GMMN on MNIST digits: a generator of an autoencoder's codes, or of pixels.

    python recipes/gmmn_mnist.py
    python recipes/gmmn_mnist.py --model=GMMN-pixels
    python recipes/gmmn_mnist.py --preset=paper --strategy=mirrored

The autoencoder is trained first. Without it the moments of the pixels themselves are
matched, and digits are less smooth. The paper preset takes the whole set and the
authors' 40,000 steps.
"""

import gan_zoo
from gan_zoo import runs


def of_codes(image_shape, preset):
    """The paper's model of codes; its autoencoder is trained first."""
    return gan_zoo.GMMN(image_shape, autoencoder=gan_zoo.Autoencoder(image_shape))


def of_pixels(image_shape, preset):
    """The paper's model of images."""
    return gan_zoo.GMMN(image_shape)


def autoencoder_first(settings, preset):
    """First the autoencoder, in batches of 100 as the authors train theirs."""
    return [
        runs.Phase(
            "autoencoder",
            epochs=20,
            batch_size=100,
            model=lambda gmmn: gmmn.autoencoder,
        )
    ]


def recipe(model, name, build, epochs, rate, phases=None):
    """One form's recipe."""

    def compile_model(model, settings, steps_per_epoch, metrics, preset):
        """Adam, its rate falling to 0."""
        steps = settings.epochs * steps_per_epoch
        falling = gan_zoo.optimizers.ConstantThenLinear(
            rate, steps // 2, steps - steps // 2
        )
        model.compile(g_optimizer=runs.adam(falling, 0.9), metrics=metrics)

    return runs.Recipe(
        build,
        runs.Settings(
            dataset="mnist_sample", batch_size=1000, epochs=epochs, steps_per_epoch=100
        ),
        paper=runs.Settings(
            dataset="mnist", batch_size=1000, epochs=40, steps_per_epoch=1000
        ),
        compile_model=compile_model,
        phases=phases,
        title=f"{model} on MNIST",
        fixed_epochs=True,
        model=model,
        name=name,
    )


RECIPES = [
    recipe("GMMN", "gmmn_mnist", of_codes, 30, rate=3e-3, phases=autoencoder_first),
    recipe("GMMN-pixels", "gmmn_pixels_mnist", of_pixels, 20, rate=1e-3),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
