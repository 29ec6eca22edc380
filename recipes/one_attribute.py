r"""One attribute of drawn faces: glasses are put on, everything else is kept.

    python recipes/one_attribute.py
    python recipes/one_attribute.py --model=ResidualAttributeGAN
    python recipes/one_attribute.py --domains=smiling
    python recipes/one_attribute.py --dataset=folder:/path/to/faces \
        --attribute_file=/path/to/list.csv --domains=Eyeglasses --image_size=64
    python recipes/one_attribute.py --preset=paper

`AttributeGAN` compares a face with its translation by the features of its
discriminator; `ResidualAttributeGAN` makes what is added to the face, and what takes it
off again. Both learn from faces with and without the attribute, and see no pairs. Every
option of the drawings is known, so the right answer is known too: the report gives the
error against it beside that of leaving the image as it is, and what a classifier that
was trained apart reads in the translations. The paper preset trains the paper's
networks on CelebA at 128×128.
"""

import gan_zoo
from gan_zoo import callbacks, data, metrics, networks, runs
from gan_zoo.data.first_images import first_rows

NETWORKS = networks.attributegan
# What a translation should keep, and what a classifier reads.
OTHERS = ["eyeglasses", "facial_hair", "wearing_hat", "smiling", "blond_hair"]


def attributegan(shape):
    """The paper's model with smaller networks for 32×32."""
    return gan_zoo.AttributeGAN(
        shape,
        generator=networks.cyclegan.resnet_generator(shape, width=16, blocks=3),
        discriminator=NETWORKS.attribute_discriminator(shape, width=32, levels=3),
        ema=0.99,
    )


def residual(shape):
    """The paper's model with smaller networks for 32×32."""
    return gan_zoo.ResidualAttributeGAN(
        shape,
        generator_a_to_b=NETWORKS.residual_generator(shape, width=32),
        generator_b_to_a=NETWORKS.residual_generator(shape, width=32),
        discriminator=NETWORKS.residual_discriminator(shape, width=32, levels=3),
        ema=0.99,
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The default Adam; a faster generator for a short run."""
    rate = 2e-4 if preset == "paper" else 5e-4
    model.compile(
        d_optimizer=runs.adam(2e-4, 0.5),
        g_optimizer=runs.adam(rate, 0.5),
        metrics=metrics,
    )


def recipe(system, small, name):
    """One system's recipe."""

    def build(image_shape, preset):
        """The paper's model, or a smaller one."""
        return system(image_shape) if preset == "paper" else small(image_shape)

    return runs.Recipe(
        build,
        runs.Settings(
            dataset="avatar_sample",
            batch_size=16,
            epochs=20,
            features=None,
            load={"domains": "eyeglasses", "flip": True},
        ),
        paper=runs.Settings(
            dataset="celeb_a",
            image_size=128,
            batch_size=16,
            epochs=20,
            features=None,
            load={"domains": "Eyeglasses", "flip": True},
        ),
        compile_model=compile_model,
        grid=both_ways if len(system.directions) > 1 else one_way,
        measure=measure,
        title=f"{system.__name__}, one attribute of drawn faces",
        model=system.__name__,
        name=name,
    )


def both_ways(folder, test, settings):
    """Twelve test images of each side, their translations, the ways back, the truth."""
    apart = max(len(first_rows(test)[0]) // 12, 1)
    spread = test.unbatch().shard(apart, 0).batch(12)
    inputs = dict(zip(("a_to_b", "b_to_a"), first_rows(spread, 12), strict=True))
    truth = {}
    if settings.dataset == "avatar_sample":
        faces, name = data.avatar_counterfactuals(), settings.load["domains"]
        has = faces.attributes[:, faces.names.index(name)]
        for value, direction in ((1, "a_to_b"), (0, "b_to_a")):
            # The first of several drawings that are right.
            answers = faces.truths(name, value)[has != value, 0]
            truth[direction] = answers[::apart][: len(inputs[direction])]
    return callbacks.TranslationGrid(folder, inputs, truth=truth, cycle=True)


def one_way(folder, test, settings):
    """As `both_ways`, for a model of one direction."""
    both = both_ways(folder, test, settings)
    truth = {name: both.truth[name] for name in both.truth if name == "a_to_b"}
    return callbacks.TranslationGrid(
        folder, {"a_to_b": both.inputs["a_to_b"]}, truth=truth
    )


def measure(model, test, settings):
    """Whether the attribute changes, what else changes, and how far the truth is."""
    if settings.dataset != "avatar_sample":
        return []
    name = settings.load["domains"]
    names = [name, *(other for other in OTHERS if other != name)]
    train, test = data.load(settings.dataset, 50, labels=names)
    classifier = metrics.attribute_classifier(*first_rows(train, 10_000))
    images, attributes = first_rows(test)
    faces = data.avatar_counterfactuals()
    rows = []
    for value, direction in ((1, "a_to_b"), (0, "b_to_a")):
        if direction not in model.directions:
            continue
        chosen = attributes[:, 0] != value
        answers = [faces.truths(name, x)[chosen] for x in (0, 1)]
        found = metrics.attribute_change(
            images[chosen],
            model.translate(images[chosen], direction),
            metrics.turned_over(attributes[chosen], 0),
            0,
            classifier,
            answers,
        )
        about = f"{chosen.sum()} test images, {name} turned to {value}"
        against = f"mean |difference| to the truth, range [-1, 1], {about}"
        rows += [
            (f"accuracy_{direction}", found.accuracy, f"new value read, {about}"),
            (f"kept_{direction}", found.kept, f"4 other values as they were, {about}"),
            (f"error_{direction}", found.error, against),
            (f"error_identity_{direction}", found.unchanged, against),
            (f"error_inside_{direction}", found.inside, f"{against}; edited pixels"),
            (
                f"error_identity_inside_{direction}",
                found.unchanged_inside,
                f"{against}; edited pixels",
            ),
            (f"error_outside_{direction}", found.outside, f"{against}; other pixels"),
        ]
    return rows


RECIPES = [
    recipe(gan_zoo.AttributeGAN, attributegan, "attributegan_avatars"),
    recipe(gan_zoo.ResidualAttributeGAN, residual, "residual_attributegan_avatars"),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
