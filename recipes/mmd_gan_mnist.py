"""MMD GAN on MNIST digits: the critic learns the codes that a kernel compares.

    python recipes/mmd_gan_mnist.py
    python recipes/mmd_gan_mnist.py --preset=paper --strategy=mirrored

The paper preset trains the authors' widths and rates on MNIST at 32×32.
"""

import gan_zoo
from gan_zoo import networks, runs


def build(image_shape, preset):
    """The authors' model, or a narrow one with a shorter warm-up.

    Weights of a narrow encoder add up to less: with the authors' clipping at 0.01 its
    codes hardly differ, and samples get worse again after 600 steps.
    """
    if preset == "paper":
        return gan_zoo.MMDGAN(image_shape)
    return gan_zoo.MMDGAN(
        image_shape,
        generator=networks.dcgan.dcgan_generator(image_shape, 10, width=32),
        encoder=networks.mmd_gan.mmd_gan_encoder(image_shape, 10, width=16),
        decoder=networks.mmd_gan.mmd_gan_decoder(image_shape, 10, width=16),
        clip=0.1,
        warmup_critic_steps=20,
        ema=0.995,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """Four times the paper's learning rate for the narrow model."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    model.compile(
        d_optimizer=runs.rmsprop(2e-4),
        g_optimizer=runs.rmsprop(2e-4),
        metrics=metrics,
    )


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="mnist_sample", batch_size=64, epochs=20, steps_per_epoch=150
    ),
    paper=runs.Settings(dataset="mnist", image_size=32, batch_size=64, epochs=450),
    compile_model=compile_model,
    title="MMD GAN on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
