"""GMMN on MNIST digits: first the autoencoder, then a generator of its codes.

    python recipes/gmmn_mnist.py
    python recipes/gmmn_mnist.py --preset=paper --strategy=mirrored

The paper preset takes the whole set and the authors' 40,000 steps. The form without an
autoencoder is gmmn_pixels_mnist.py.
"""

import gan_zoo
from gan_zoo import runs


def build(image_shape, preset):
    """The paper's model of codes; its autoencoder is trained first."""
    return gan_zoo.GMMN(image_shape, autoencoder=gan_zoo.Autoencoder(image_shape))


def phases(settings, preset):
    """First the autoencoder, in batches of 100 as the authors train theirs."""
    return [
        runs.Phase(
            "autoencoder",
            epochs=20,
            batch_size=100,
            model=lambda gmmn: gmmn.autoencoder,
        )
    ]


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Adam, its rate falling to 0."""
    steps = settings.epochs * steps_per_epoch
    rate = gan_zoo.optimizers.ConstantThenLinear(3e-3, steps // 2, steps - steps // 2)
    model.compile(g_optimizer=runs.adam(rate, 0.9), metrics=metrics)


if __name__ == "__main__":
    runs.main(
        build,
        runs.Settings(
            dataset="mnist_sample", batch_size=1000, epochs=30, steps_per_epoch=100
        ),
        paper=runs.Settings(
            dataset="mnist", batch_size=1000, epochs=40, steps_per_epoch=1000
        ),
        compile_model=compile_model,
        phases=phases,
        title="GMMN on MNIST",
        planned=True,
    )
