"""From flat emoji to shaded ones without the pairs, by one of five models.

    python recipes/unpaired_emoji.py
    python recipes/unpaired_emoji.py --model=DualGAN
    python recipes/unpaired_emoji.py --model=CycleGAN
    python recipes/unpaired_emoji.py --model=UNIT
    python recipes/unpaired_emoji.py --model=CUT
    python recipes/unpaired_emoji.py --preset=paper --dataset=unpaired:/path/to/images

The drawings are those of `pix2pix.py`, which sees the pairs: it shows what can be
reached. The true answer is known here too, so the report gives the error against it in
each direction beside that of leaving the image as it is. The paper preset trains the
paper's networks on folders trainA, trainB, testA and testB.
"""

import gan_zoo
from gan_zoo import callbacks, networks, optimizers, runs


def cyclegan(shape):
    """The paper's model with narrower networks for 32×32."""
    return gan_zoo.CycleGAN(
        shape,
        **{name: resnet(shape) for name in GENERATORS},
        **{name: patches(shape) for name in DISCRIMINATORS},
        ema=0.99,
    )


def discogan(shape):
    """The paper's model with shallower networks for 32×32.

    Without skips, more levels lose what is drawn, and so do lighter reconstructions.
    """
    small, nets = {"width": 32, "levels": 2}, networks.discogan
    return gan_zoo.DiscoGAN(
        shape,
        cycle_weight=100.0,
        **{name: nets.discogan_generator(shape, **small) for name in GENERATORS},
        **{
            name: nets.discogan_discriminator(shape, **small) for name in DISCRIMINATORS
        },
    )


def dualgan(shape):
    """The paper's model with narrower networks for 32×32, as those of pix2pix.py."""
    small, nets = {"width": 32, "levels": 3, "dropout": 0}, networks.pix2pix
    return gan_zoo.DualGAN(
        shape,
        **{name: nets.unet_generator(shape, **small) for name in GENERATORS},
        **{name: patches(shape) for name in DISCRIMINATORS},
    )


def unit(shape):
    """The paper's model with narrower networks for 32×32."""
    return gan_zoo.UNIT(
        shape,
        **networks.unit.unit_networks(shape, shape, width=16, blocks=1),
        **{name: patches(shape) for name in DISCRIMINATORS},
        ema=0.99,
    )


def cut(shape):
    """The paper's model with narrower networks and fewer patches for 32×32."""
    generator = networks.cyclegan.resnet_generator(shape, width=16, blocks=4)
    layers = networks.cut.layer_outputs(generator)
    channels = [shape[-1], *(x.shape[-1] for x in layers)]
    return gan_zoo.CUT(
        shape,
        patches=64,
        generator=generator,
        discriminator=patches(shape),
        heads=networks.cut.patch_heads(channels, width=64),
        ema=0.99,
    )


JITTER = {"crop_from": 286, "flip": True}  # the papers' of CycleGAN and CUT
GENERATORS = ("generator_a_to_b", "generator_b_to_a")
DISCRIMINATORS = ("discriminator_a", "discriminator_b")


def resnet(shape):
    """CycleGAN's generator."""
    return networks.cyclegan.resnet_generator(shape, width=32, blocks=4)


def patches(shape):
    """The discriminator of patches of 34 × 34, the image and its margin."""
    return networks.pix2pix.patch_discriminator(shape, width=32, n_layers=2)


def falling(model, settings, steps_per_epoch, metrics, preset):
    """CycleGAN's and CUT's Adam: constant for half of the run, then down to 0."""
    half = settings.epochs * steps_per_epoch // 2
    adam = [
        runs.adam(optimizers.ConstantThenLinear(2e-4, half, half), 0.5) for _ in "dg"
    ]
    model.compile(d_optimizer=adam[0], g_optimizer=adam[1], metrics=metrics)


def fast(model, settings, steps_per_epoch, metrics, preset):
    """The paper's Adam; faster generators for a short run."""
    rate = 2e-4 if preset == "paper" else 1e-3
    model.compile(
        d_optimizer=runs.adam(2e-4, 0.5),
        g_optimizer=runs.adam(rate, 0.5),
        metrics=metrics,
    )


def fast_rmsprop(model, settings, steps_per_epoch, metrics, preset):
    """The paper's RMSprop; faster generators for a short run."""
    rate = 5e-5 if preset == "paper" else 5e-4
    model.compile(
        d_optimizer=optimizers.rmsprop(5e-5, rho=0.9),
        g_optimizer=optimizers.rmsprop(rate, rho=0.9),
        metrics=metrics,
    )


def recipe(system, small, compile_model, **paper):
    """One system's recipe; the last arguments are the paper's."""
    model = system.__name__

    def build(image_shape, preset):
        """The paper's model, or a smaller one."""
        return system(image_shape) if preset == "paper" else small(image_shape)

    return runs.Recipe(
        build,
        runs.Settings(
            dataset="fluent_sample/unpaired",
            batch_size=8,
            epochs=20,
            features=None,
            load={"flip": True},
        ),
        paper=runs.Settings(
            dataset="unpaired:images",
            features=None,
            **{"image_size": 256, "batch_size": 1, "epochs": 200} | paper,
        ),
        compile_model=compile_model,
        grid=one_way if system is gan_zoo.CUT else picture,
        measure=measure,
        title=f"{model}, flat to shaded emoji without pairs",
        fixed_epochs=compile_model is falling,
        model=model,
        name=f"{model.lower()}_fluent",
    )


def picture(folder, test, settings):
    """Twelve test images of each side, their translations, the ways back, the truth."""
    count = sum(len(a) for a, _ in test.as_numpy_iterator())
    spread = test.unbatch().shard(max(count // 12, 1), 0).batch(12)
    a, b = (side.numpy() for side in next(iter(spread)))
    inputs, truth = {"a_to_b": a, "b_to_a": b}, None
    if settings.dataset.startswith("fluent_sample"):  # both sides in the same order
        truth = {"a_to_b": b, "b_to_a": a}
    return callbacks.TranslationGrid(folder, inputs, truth=truth, cycle=True)


def one_way(folder, test, settings):
    """As `picture`, for a model of one direction."""
    both = picture(folder, test, settings)
    truth = {name: both.truth[name] for name in both.truth if name == "a_to_b"}
    return callbacks.TranslationGrid(
        folder, {"a_to_b": both.inputs["a_to_b"]}, truth=truth
    )


def measure(model, test, settings):
    """Mean absolute error against the true drawing, and that of doing nothing."""
    if not settings.dataset.startswith("fluent_sample"):
        return []  # whose test sides are no pairs
    errors = {name: [] for name in (*model.directions, "identity")}
    for a, b in test.as_numpy_iterator():
        sides = {"a_to_b": (a, b), "b_to_a": (b, a)}
        made = {
            name: model.translate(sides[name][0], name) for name in model.directions
        }
        differences = {name: x - sides[name][1] for name, x in made.items()}
        for name, error in (differences | {"identity": a - b}).items():
            errors[name] += list(abs(error).mean((1, 2, 3)))
    return [
        (
            f"error_{name}",
            float(sum(values) / len(values)),
            f"mean |difference| to the truth, range [-1, 1], {len(values)} test pairs",
        )
        for name, values in errors.items()
    ]


RECIPES = [
    recipe(gan_zoo.DiscoGAN, discogan, fast, image_size=64, batch_size=200),
    recipe(gan_zoo.DualGAN, dualgan, fast_rmsprop),
    recipe(gan_zoo.CycleGAN, cyclegan, falling, load=JITTER),
    recipe(gan_zoo.UNIT, unit, fast),
    recipe(gan_zoo.CUT, cut, falling, epochs=400, load=JITTER),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
