"""The original GAN on MNIST digits: the paper's perceptrons.

    python recipes/gan_mnist.py
    python recipes/gan_mnist.py --preset=paper --strategy=mirrored

The paper's SGD with a rate of 0.1 and momentum is a gamble here: in batches of 32, with
one seed of two the loss became NaN. The paper preset keeps it, and takes the whole set.
The saturating game of the paper's theory is minimax_mnist.py.
"""

import gan_zoo
from gan_zoo import runs


def build(image_shape, preset):
    """The paper's model, its samples from averaged weights."""
    return gan_zoo.GAN(image_shape, ema=None if preset == "paper" else 0.995)


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Adam at DCGAN's rate, or the paper's SGD."""
    if preset == "paper":
        return model.compile(metrics=metrics)
    d_optimizer, g_optimizer = (runs.adam(2e-4, 0.5) for _ in "dg")
    model.compile(d_optimizer=d_optimizer, g_optimizer=g_optimizer, metrics=metrics)


if __name__ == "__main__":
    runs.main(
        build,
        runs.Settings(dataset="mnist_sample", batch_size=100, epochs=100),
        paper=runs.Settings(dataset="mnist", batch_size=100, epochs=500),
        compile_model=compile_model,
        title="GAN on MNIST",
    )
