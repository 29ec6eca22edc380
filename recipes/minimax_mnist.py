"""The saturating GAN on MNIST digits: V(D, G) itself, descended by the generator.

    python recipes/minimax_mnist.py
    python recipes/minimax_mnist.py --preset=paper --strategy=mirrored

The networks and settings are those of gan_mnist.py, which differs in the generator's
objective alone. That objective has no lower bound: with the paper's SGD, which the
paper preset keeps, it ran to minus infinity after 300 steps. The paper preset takes the
whole set.
"""

import gan_zoo
from gan_zoo import runs


def build(image_shape, preset):
    """The paper's model, its samples from averaged weights."""
    return gan_zoo.MinimaxGAN(image_shape, ema=None if preset == "paper" else 0.995)


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
        title="Minimax GAN on MNIST",
    )
