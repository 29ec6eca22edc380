"""BicycleGAN: emoji as line art get colours and shades, in many ways.

    python recipes/line_art.py
    python recipes/line_art.py --dataset=paired:/path/to/pairs --image_size=64
    python recipes/line_art.py --preset=paper --dataset=paired:/path/to/edges2shoes

A latent code chooses one of the translations; `translate(images, seed=k)` draws it. The
report gives the error against the drawing in colour, for one code and for the best of
ten, the error with the code of the drawing itself, and how much translations with
different codes differ.
"""

import gan_zoo
from gan_zoo import callbacks, metrics, networks, runs
from gan_zoo.data.first_images import first_rows

CODES = 10


def build(image_shape, preset):
    """The paper's model, or networks of three levels for 32×32."""
    if preset == "paper":
        return gan_zoo.BicycleGAN(image_shape)
    levels = min(image_shape[:2]).bit_length() - 3
    small = {"width": 32, "levels": levels}
    nets = networks.bicyclegan
    return gan_zoo.BicycleGAN(
        image_shape,
        generator=nets.bicycle_generator(image_shape, **small),
        encoder=nets.bicycle_encoder(image_shape, **small),
        discriminator=networks.pix2pix.patch_discriminator(image_shape, width=32),
        discriminator_of_drawn=networks.pix2pix.patch_discriminator(
            image_shape, width=32
        ),
        ema=0.99,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The paper's Adam; a faster generator and encoder for a short run."""
    rate = 2e-4 if preset == "paper" else 5e-4
    model.compile(
        d_optimizer=runs.adam(2e-4, 0.5),
        e_optimizer=runs.adam(rate, 0.5),
        g_optimizer=runs.adam(rate, 0.5),
        metrics=metrics,
    )


def picture(folder, test, settings):
    """Twelve test images, far apart, by three codes, and the truth."""
    count = len(first_rows(test)[0])
    spread = test.unbatch().shard(max(count // 12, 1), 0).batch(12)
    sources, targets = first_rows(spread, 12)
    return callbacks.TranslationGrid(
        folder,
        {"a_to_b": sources},
        truth={"a_to_b": targets},
        given={"a_to_b": {f"code {seed}": {"seed": seed} for seed in range(3)}},
    )


def measure(model, test, settings):
    """Errors of translations with several codes, and how far these are apart."""
    sources, targets = first_rows(test)
    made = [model.translate(sources, seed=seed) for seed in range(CODES)]

    def errors(images):
        return abs(images - targets).mean((1, 2, 3))

    of_codes = [errors(images) for images in made]
    best = [min(each) for each in zip(*of_codes, strict=True)]
    distance = metrics.PerceptualDistance()
    pairs = zip(made[1:], made[:-1], strict=True)
    apart = [float(distance(a, b).numpy().mean()) for a, b in pairs]
    about = f"{len(sources)} test pairs"
    against = f"mean |difference| to the truth, range [-1, 1], {about}"
    rows = [
        ("error", mean(map(mean, of_codes)), f"{against}; mean of {CODES} codes"),
        ("error_best", mean(best), f"{against}; best of {CODES} codes"),
        (
            "error_like",
            mean(errors(model.translate_like(sources, targets))),
            f"{against}; the code of the truth",
        ),
        ("error_identity", mean(errors(sources)), against),
        (
            "diversity",
            mean(apart),
            f"LPIPS v0.1 on SqueezeNet of two codes, {about}",
        ),
    ]
    return [(name, float(value), protocol) for name, value, protocol in rows]


def mean(values):
    """The mean of numbers."""
    values = [*values]
    return sum(values) / len(values)


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="fluent_sample/paired_lines",
        batch_size=8,
        epochs=20,
        features=None,
        load={"flip": True},
    ),
    paper=runs.Settings(
        dataset="paired:images",
        image_size=256,
        batch_size=2,
        epochs=60,
        features=None,
    ),
    compile_model=compile_model,
    grid=picture,
    measure=measure,
    title="BicycleGAN, line art to shaded emoji",
    name="bicyclegan_fluent",
)

if __name__ == "__main__":
    runs.main(RECIPE)
