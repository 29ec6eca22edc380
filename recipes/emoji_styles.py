"""StarGAN on emoji in three styles: any style becomes any other, by one generator.

    python recipes/emoji_styles.py
    python recipes/emoji_styles.py --dataset=folder:/path/to/classes --image_size=64

The styles are flat, shaded, and line art in black and white. StarGAN sees each drawing
with its style, and no pairs. Every emoji is drawn in all styles, so the right answer is
known: the report gives the error against it beside that of leaving the image as it is.
"""

import gan_zoo
from gan_zoo import callbacks, networks, optimizers, runs
from gan_zoo.data.first_images import first_rows

NETWORKS = networks.stargan


def build(image_shape, preset, class_names):
    """The paper's model, or narrower networks for small drawings."""
    if preset == "paper":
        return gan_zoo.StarGAN(image_shape, classes=class_names)
    count = len(class_names)
    return gan_zoo.StarGAN(
        image_shape,
        classes=class_names,
        critic_steps=2,
        generator=NETWORKS.stargan_generator(
            image_shape, count, exclusive=True, width=16, blocks=3
        ),
        discriminator=NETWORKS.stargan_discriminator(image_shape, count, width=32),
        ema=0.99,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The paper's Adam: constant for half of the run, then linearly down to 0."""
    half = (settings.epochs * steps_per_epoch + 1) // 2
    peak = 1e-4 if preset == "paper" else 4e-4

    def adam(updates):
        rate = optimizers.ConstantThenLinear(peak, half * updates, half * updates)
        return runs.adam(rate, 0.5)

    critic, generator = adam(model.critic_steps), adam(1)
    model.compile(d_optimizer=critic, g_optimizer=generator, metrics=metrics)


def drawings(test, settings):
    """The test images of each style by its name, and whether their orders agree."""
    images, styles = first_rows(test)
    by_style = {
        name: images[styles == place] for place, name in enumerate(test.class_names)
    }
    return by_style, settings.dataset.endswith("_sample/styles")


def picture(folder, test, settings):
    """Twelve test images of the first style, in each of the others, and the truth."""
    by_style, known = drawings(test, settings)
    first, *others = by_style
    apart = max(len(by_style[first]) // 12, 1)
    images = {name: x[::apart][:12] for name, x in by_style.items()}
    return callbacks.TranslationGrid(
        folder,
        {"edit": images[first]},
        given={"edit": {name: {"to": name} for name in others}},
        truth={"edit": {name: images[name] for name in others}} if known else None,
        cycle={"edit": {"to": first}},
    )


def measure(model, test, settings):
    """Mean absolute error against the true drawing, and that of doing nothing."""
    by_style, known = drawings(test, settings)
    if not known:
        return []
    rows = []
    ways = [(a, b) for a in by_style for b in by_style if a != b]
    for source, target in ways:
        images, truth = by_style[source], by_style[target]
        how = "mean |difference| to the truth, range [-1, 1]"
        about = f"{how}, {len(images)} test pairs"
        made = model.translate(images, to=target)
        way = f"{source}_to_{target}"
        rows.append((f"error_{way}", float(abs(made - truth).mean()), about))
        unchanged = float(abs(images - truth).mean())
        rows.append((f"error_identity_{way}", unchanged, about))
    return rows


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="fluent_sample/styles",
        batch_size=16,
        epochs=20,
        features=None,
        load={"labels": True, "flip": True},
    ),
    paper=runs.Settings(
        dataset="folder:classes",
        image_size=128,
        batch_size=16,
        epochs=20,
        features=None,
        load={"labels": True, "flip": True},
    ),
    compile_model=compile_model,
    grid=picture,
    measure=measure,
    title="StarGAN, three styles of emoji",
    fixed_epochs=True,
)

if __name__ == "__main__":
    runs.main(RECIPE)
