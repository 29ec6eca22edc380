"""MGAN: flat emoji in the shaded style, by the patches of feature maps.

    python recipes/patch_style.py
    python recipes/patch_style.py --model=MGAN-unpaired
    python recipes/patch_style.py --preset=paper --dataset=paired:/path/to/pairs

The generator decodes feature maps of SqueezeNet, which is in the package, and the
discriminator scores patches of a finer map. `MGAN` sees the pairs, `MGAN-unpaired`
only that emoji are drawn in the other style. The true answer is known: the report gives
the error against it beside that of leaving the image as it is. The paper preset trains
the paper's networks on VGG19's maps at 128×128.
"""

import gan_zoo
from gan_zoo import callbacks, networks, runs


def recipe(model, name, paired):
    """The recipe with pairs or without them."""

    def build(image_shape, preset):
        """The paper's model, or SqueezeNet's maps for 32×32."""
        if preset == "paper":
            return gan_zoo.MGAN(
                image_shape, encoder="vgg41", features="vgg31", paired=paired
            )
        # Maps of a quarter of the image's sides, and of half of them.
        return gan_zoo.MGAN(
            image_shape,
            encoder="squeezenet2",
            features="squeezenet1",
            paired=paired,
            generator=networks.mgan.mgan_decoder(128, levels=2, width=32),
            discriminator=networks.mgan.mgan_discriminator((16, 16, 64), width=64),
            ema=0.99,
        )

    kind = "paired" if paired else "unpaired"
    return runs.Recipe(
        build,
        runs.Settings(
            dataset=f"fluent_sample/{kind}",
            batch_size=8,
            epochs=20,
            features=None,
            load={"flip": True},
        ),
        paper=runs.Settings(
            dataset=f"{kind}:images",
            image_size=128,
            batch_size=64,
            epochs=5,
            features=None,
        ),
        compile_model=compile_model,
        grid=picture,
        measure=measure,
        title=f"{model}, flat emoji in the shaded style",
        model=model,
        name=name,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The default Adam; a faster generator for a short run."""
    rate = 2e-4 if preset == "paper" else 1e-3
    model.compile(
        d_optimizer=runs.adam(2e-4, 0.5),
        g_optimizer=runs.adam(rate, 0.5),
        metrics=metrics,
    )


def picture(folder, test, settings):
    """Twelve test images, far apart, above their translations and the truth."""
    count = sum(len(a) for a, _ in test.as_numpy_iterator())
    spread = test.unbatch().shard(max(count // 12, 1), 0).batch(12)
    sources, targets = (side.numpy() for side in next(iter(spread)))
    return callbacks.TranslationGrid(
        folder, {"a_to_b": sources}, truth={"a_to_b": targets}
    )


def measure(model, test, settings):
    """Mean absolute error against the true answer, and that of doing nothing."""
    if not settings.dataset.startswith("fluent_sample"):
        return []
    errors = {"error_a_to_b": [], "error_identity": []}
    for source, target in test.as_numpy_iterator():
        made = model.translate(source)
        errors["error_a_to_b"] += list(abs(made - target).mean((1, 2, 3)))
        errors["error_identity"] += list(abs(source - target).mean((1, 2, 3)))
    return [
        (
            name,
            float(sum(values) / len(values)),
            f"mean |difference| to the truth, range [-1, 1], {len(values)} test pairs",
        )
        for name, values in errors.items()
    ]


RECIPES = [
    recipe("MGAN", "mgan_fluent", paired=True),
    recipe("MGAN-unpaired", "mgan_unpaired_fluent", paired=False),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
