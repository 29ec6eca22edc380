r"""pix2pix and SPADE, from pairs: flat emoji to shaded ones.

    python recipes/pix2pix.py
    python recipes/pix2pix.py --model=Pix2Pix-L1
    python recipes/pix2pix.py --model=Pix2Pix-cGAN
    python recipes/pix2pix.py --model=SPADE
    python recipes/pix2pix.py --dataset=paired:/path/to/facades --input_side=right \
        --image_size=64 --epochs=30
    python recipes/pix2pix.py --preset=paper --dataset=paired:/path/to/facades

The models of pix2pix are the rows of its table 1: both terms of the objective, the L1
distance alone, and the conditional GAN alone. SPADE uses the input as the layout, and
compares features of SqueezeNet and of its discriminators, but no pixels. The true
answer is known: the report gives the error against it beside that of leaving the image
as it is. The paper preset trains the paper's networks at 256×256 on a folder of
side-by-side pairs, such as the authors' facades, whose right half is the input (labels
to photos).
"""

import gan_zoo
from gan_zoo import callbacks, features, networks, runs


def pix2pix(**weights):
    """A function that builds pix2pix, with these weights of its terms."""

    def build(image_shape, preset):
        """The paper's model, or networks of three levels for 32×32, four for 64×64."""
        if preset == "paper":
            return gan_zoo.Pix2Pix(image_shape, **weights)
        pair_shape = (*image_shape[:2], 2 * image_shape[2])
        levels = min(image_shape[:2]).bit_length() - 3
        # Without dropout, whose noise is seen in an image of so few levels.
        return gan_zoo.Pix2Pix(
            image_shape,
            generator=networks.pix2pix.unet_generator(
                image_shape, levels=levels, dropout=0
            ),
            discriminator=networks.pix2pix.patch_discriminator(pair_shape, width=32),
            **weights,
        )

    return build


def spade(image_shape, preset):
    """The paper's model, or narrower networks for small drawings."""
    if preset == "paper":
        return gan_zoo.SPADE(image_shape)
    pair_shape = (*image_shape[:2], 2 * image_shape[2])
    nets = networks.spade
    critics = {
        name: nets.spade_discriminator(pair_shape, width=32, layers=3, halved=halved)
        for name, halved in (
            ("discriminator", False),
            ("discriminator_of_halves", True),
        )
    }
    return gan_zoo.SPADE(
        image_shape,
        generator=nets.spade_generator(image_shape, width=16, levels=3, hidden=32),
        # SqueezeNet knows colour images.
        features=features.feature_maps("squeezenet1") if image_shape[2] == 3 else None,
        ema=0.99,
        **critics,
    )


def recipe(model, name, build):
    """The recipe of one model, or of one form of the objective."""
    return runs.Recipe(
        build,
        runs.Settings(
            dataset="fluent_sample/paired",
            batch_size=4,
            epochs=12,
            features=None,
            load={"flip": True},
        ),
        paper=runs.Settings(
            dataset="paired:facades",
            image_size=256,
            batch_size=1,
            epochs=200,
            features=None,
            load={"input_side": "right", "crop_from": 286, "flip": True},
        ),
        compile_model=compile_model,
        grid=picture,
        measure=measure,
        title=f"{model}, flat to shaded emoji",
        model=model,
        name=name,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The paper's Adam; a faster generator for a short run."""
    rate = 2e-4 if preset == "paper" else 1e-3
    if preset == "paper" and isinstance(model, gan_zoo.SPADE):
        model.compile(metrics=metrics)
        return
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
    errors = {"error_a_to_b": [], "error_identity": []}
    for source, target in test.as_numpy_iterator():
        made = model.translate(source)
        errors["error_a_to_b"] += list(abs(made - target).mean((1, 2, 3)))
        if source.shape == target.shape:
            errors["error_identity"] += list(abs(source - target).mean((1, 2, 3)))
    return [
        (
            name,
            float(sum(values) / len(values)),
            f"mean |difference| to the truth, range [-1, 1], {len(values)} test pairs",
        )
        for name, values in errors.items()
        if values
    ]


RECIPES = [
    recipe("Pix2Pix", "pix2pix", pix2pix()),
    recipe("Pix2Pix-L1", "pix2pix_l1", pix2pix(adversarial_weight=0.0)),
    recipe("Pix2Pix-cGAN", "pix2pix_cgan", pix2pix(l1_weight=0.0)),
    recipe("SPADE", "spade_fluent", spade),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
