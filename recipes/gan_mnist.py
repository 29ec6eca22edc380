"""The original GAN on MNIST digits: the paper's perceptrons.

    python recipes/gan_mnist.py
    python recipes/gan_mnist.py --model=MinimaxGAN
    python recipes/gan_mnist.py --preset=paper --strategy=mirrored

`MinimaxGAN` is the saturating game of the paper's theory: the generator descends
V(D, G) itself. All else is the same.

The default is Adam. The paper preset has the paper's SGD and takes the whole set. With
SGD the minimax generator stops: the discriminator soon tells all samples, and the loss
saturates.
"""

import gan_zoo
from gan_zoo import runs


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Adam at DCGAN's rate, or the paper's SGD."""
    d_optimizer, g_optimizer = (runs.adam(2e-4, 0.5) for _ in "dg")
    if preset == "paper":
        d_optimizer, g_optimizer = runs.sgd(0.05, 0.5), runs.sgd(0.1, 0.5)
    model.compile(d_optimizer=d_optimizer, g_optimizer=g_optimizer, metrics=metrics)


def recipe(model, name):
    """One model's recipe."""

    def build(image_shape, preset):
        """The paper's model, its samples from averaged weights."""
        return model(image_shape, ema=None if preset == "paper" else 0.995)

    return runs.Recipe(
        build,
        runs.Settings(dataset="mnist_sample", batch_size=100, epochs=100),
        paper=runs.Settings(dataset="mnist", batch_size=100, epochs=500),
        compile_model=compile_model,
        title=f"{model.__name__} on MNIST",
        model=model.__name__,
        name=name,
    )


RECIPES = [
    recipe(gan_zoo.GAN, "gan_mnist"),
    recipe(gan_zoo.MinimaxGAN, "minimax_mnist"),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
