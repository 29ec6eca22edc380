"""GMMN on MNIST digits without an autoencoder: the moments of the pixels themselves.

    python recipes/gmmn_pixels_mnist.py
    python recipes/gmmn_pixels_mnist.py --preset=paper --strategy=mirrored

The paper preset takes the whole set and the authors' 40,000 steps. Compare with
gmmn_mnist.py, whose digits are smoother.
"""

import gan_zoo
from gan_zoo import runs


def build(image_shape, preset):
    """The paper's model of images."""
    return gan_zoo.GMMN(image_shape)


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Adam, its rate falling to 0."""
    steps = settings.epochs * steps_per_epoch
    rate = gan_zoo.optimizers.ConstantThenLinear(1e-3, steps // 2, steps - steps // 2)
    model.compile(g_optimizer=runs.adam(rate, 0.9), metrics=metrics)


if __name__ == "__main__":
    runs.main(
        build,
        runs.Settings(
            dataset="mnist_sample", batch_size=1000, epochs=20, steps_per_epoch=100
        ),
        paper=runs.Settings(
            dataset="mnist", batch_size=1000, epochs=40, steps_per_epoch=1000
        ),
        compile_model=compile_model,
        title="GMMN on MNIST, of pixels",
        planned=True,
    )
