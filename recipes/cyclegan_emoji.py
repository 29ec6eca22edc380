"""CycleGAN between two drawings of the same emoji, trained without the pairs.

    python recipes/cyclegan_emoji.py
    python recipes/cyclegan_emoji.py --preset=paper --strategy=mirrored

Noto (A) and Twemoji (B) draw the same emoji, so for once the true translation is known:
the report gives the error against it beside that of leaving the image as it is. The
paper preset trains the paper's networks on horse2zebra.
"""

import gan_zoo
from gan_zoo import callbacks, data, networks, optimizers, runs


def build(image_shape, preset):
    """The paper's model, or narrower networks for 32×32."""
    if preset == "paper":
        return gan_zoo.CycleGAN(image_shape)

    def generator():
        return networks.cyclegan.resnet_generator(image_shape, width=32, blocks=4)

    def discriminator():
        return networks.pix2pix.patch_discriminator(image_shape, width=32, n_layers=2)

    return gan_zoo.CycleGAN(
        image_shape,
        generator_a_to_b=generator(),
        generator_b_to_a=generator(),
        discriminator_a=discriminator(),
        discriminator_b=discriminator(),
        ema=0.99,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The paper's Adam: constant for half of the run, then linearly down to 0."""
    half = settings.epochs * steps_per_epoch // 2

    def adam():
        rate = optimizers.ConstantThenLinear(2e-4, half, half)
        return runs.adam(rate, 0.5)

    model.compile(d_optimizer=adam(), g_optimizer=adam(), metrics=metrics)


def picture(folder, test, settings):
    """Twelve test images of each side, their translations, and the ways back."""
    spread = test.unbatch().shard(15, 0).batch(12)
    a, b = (side.numpy() for side in next(iter(spread)))
    # The test images of the emoji are in the same order on both sides.
    known = settings.dataset == "emoji_sample/unpaired"
    return callbacks.TranslationGrid(
        folder,
        {"a_to_b": a, "b_to_a": b},
        truth={"a_to_b": b, "b_to_a": a} if known else None,
        cycle=True,
    )


def measure(model, test, settings):
    """Mean absolute error against the true drawing, and that of doing nothing."""
    if model.image_shape != (32, 32, 3):
        return []
    _, pairs = data.load("emoji_sample/paired", batch_size=16)
    results = {"a_to_b": [], "b_to_a": [], "identity": []}
    for a, b in pairs.as_numpy_iterator():
        for name, error in {
            "a_to_b": model.translate(a, "a_to_b") - b,
            "b_to_a": model.translate(b, "b_to_a") - a,
            "identity": a - b,
        }.items():
            results[name] += list(abs(error).mean((1, 2, 3)))
    count = len(results["identity"])
    return [
        (
            f"error_{name}",
            float(sum(errors) / len(errors)),
            f"mean |difference| to the true drawing, range [-1, 1], {count} test pairs",
        )
        for name, errors in results.items()
    ]


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="emoji_sample/unpaired", batch_size=8, epochs=20, features=None
    ),
    paper=runs.Settings(
        dataset="cycle_gan/horse2zebra",
        image_size=256,
        batch_size=1,
        epochs=200,
        features=None,
        load={"crop_from": 286, "flip": True},
    ),
    compile_model=compile_model,
    grid=picture,
    measure=measure,
    title="CycleGAN, Noto to Twemoji",
    fixed_epochs=True,
)

if __name__ == "__main__":
    runs.main(RECIPE)
