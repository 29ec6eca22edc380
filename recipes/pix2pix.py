r"""pix2pix, from pairs: flat emoji to shaded ones.

    python recipes/pix2pix.py
    python recipes/pix2pix.py --model=Pix2Pix-L1
    python recipes/pix2pix.py --model=Pix2Pix-cGAN
    python recipes/pix2pix.py --dataset=paired:/path/to/facades --input_side=right \
        --image_size=64 --epochs=30
    python recipes/pix2pix.py --preset=paper --dataset=paired:/path/to/facades

The models are the rows of the paper's table 1: both terms of the objective, the L1
distance alone, and the conditional GAN alone. The true answer is known: the report
gives the error against it beside that of leaving the image as it is. The paper preset
trains the paper's networks at 256×256 on a folder of side-by-side pairs, such as the
authors' facades, whose right half is the input (labels to photos).
"""

import gan_zoo
from gan_zoo import callbacks, networks, runs


def recipe(model, name, **weights):
    """The recipe of one form of the objective."""

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
    recipe("Pix2Pix", "pix2pix"),
    recipe("Pix2Pix-L1", "pix2pix_l1", adversarial_weight=0.0),
    recipe("Pix2Pix-cGAN", "pix2pix_cgan", l1_weight=0.0),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
