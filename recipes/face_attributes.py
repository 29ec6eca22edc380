r"""StarGAN on drawn faces: one attribute of an image is changed, the others are kept.

    python recipes/face_attributes.py
    python recipes/face_attributes.py --dataset=folder:/path/to/faces \
        --attribute_file=/path/to/list.csv --labels=smiling,male --image_size=64
    python recipes/face_attributes.py --preset=paper --strategy=mirrored

Every option of the drawings is known, so the right answer is known too: the same face
with one thing changed. The report gives the error against it beside that of leaving the
image as it is, and what a classifier that was trained apart reads in the translations.
The paper preset trains the paper's networks on CelebA at 128×128.
"""

import gan_zoo
from gan_zoo import callbacks, data, metrics, networks, optimizers, runs
from gan_zoo.data.first_images import first_rows

ATTRIBUTES = ["eyeglasses", "facial_hair", "wearing_hat", "smiling", "blond_hair"]
PAPER = ["Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young"]
NETWORKS = networks.stargan


def build(image_shape, preset, attributes):
    """The paper's model, or narrower networks for small faces."""
    if preset == "paper":
        return gan_zoo.StarGAN(image_shape, attributes)
    count = len(attributes)
    return gan_zoo.StarGAN(
        image_shape,
        attributes,
        critic_steps=2,
        generator=NETWORKS.stargan_generator(image_shape, count, width=16, blocks=3),
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


def picture(folder, test, settings):
    """Twelve test images, far apart; below, with each attribute turned over."""
    every, _ = first_rows(test)
    apart = max(len(every) // 12, 1)
    images, attributes = first_rows(test.unbatch().shard(apart, 0).batch(12), 12)
    given, truth = {}, {}
    for place, name in enumerate(settings.load["labels"]):
        turned = metrics.turned_over(attributes, place)
        given[name] = {"attributes": turned}
        answers = truths_of(settings, name)
        if answers:  # the first of several that are right
            off, on = (answers(value)[::apart][:12, 0] for value in (0, 1))
            truth[name] = [
                on[row] if turned[row, place] else off[row] for row in range(len(on))
            ]
    return callbacks.TranslationGrid(
        folder,
        {"edit": images},
        given={"edit": given},
        truth={"edit": truth},
        cycle={"edit": {"attributes": attributes}},
    )


def truths_of(settings, name):
    """A function of a value to the right drawings of the test faces, or None."""
    # Of long hair there are none.
    if settings.dataset != "avatar_sample" or name == "long_hair":
        return None
    faces = data.avatar_counterfactuals()
    return lambda value: faces.truths(name, value)


def measure(model, test, settings):
    """Whether attributes change, what else changes, and how far the truth is."""
    images, attributes = first_rows(test)
    names, classifier = model.target.names, judge(settings)
    answers = [truths_of(settings, name) for name in names]
    truths = None
    if any(answers):

        def truths(place, value):
            """The right drawings for one attribute and its value, or None."""
            return answers[place] and answers[place](value)

    results = metrics.attribute_transfer(model, images, attributes, classifier, truths)
    right = (classifier(images) > 0) == attributes
    about = f"{len(images)} test images, each attribute turned over"
    rows = [
        ("accuracy_real", right.mean(), "the classifier on real test images"),
        ("accuracy", mean(results, "accuracy"), f"new value read, {about}"),
        ("kept", mean(results, "kept"), f"other values read as they were, {about}"),
    ]
    rows += [
        (f"accuracy_{name}", each.accuracy, f"new value read, {about}")
        for name, each in zip(names, results, strict=True)
    ]
    if truths:
        against = f"mean |difference| to the truth, range [-1, 1], {about}"
        rows += [
            ("error", mean(results, "error"), against),
            ("error_identity", mean(results, "unchanged"), against),
            ("error_inside", mean(results, "inside"), f"{against}; edited pixels"),
            (
                "error_identity_inside",
                mean(results, "unchanged_inside"),
                f"{against}; edited pixels",
            ),
            ("error_outside", mean(results, "outside"), f"{against}; other pixels"),
        ]
    return [(name, float(value), protocol) for name, value, protocol in rows]


def judge(settings):
    """A classifier of the training images, trained apart from the model."""
    load = settings.load | {"flip": False, "crop_from": None}
    folder = settings.data_dir
    batch_size = min(settings.batch_size, 64)
    train, _ = data.load(
        settings.dataset, batch_size, settings.image_size, data_dir=folder, **load
    )
    return metrics.attribute_classifier(*first_rows(train, 10_000))


def mean(results, field):
    """The mean over the attributes of which a number is known."""
    values = [getattr(each, field) for each in results]
    values = [value for value in values if value is not None]
    return sum(values) / len(values)


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="avatar_sample",
        batch_size=16,
        epochs=20,
        features=None,
        load={"labels": ATTRIBUTES, "flip": True},
    ),
    paper=runs.Settings(
        dataset="celeb_a",
        image_size=128,
        batch_size=16,
        epochs=20,
        features=None,
        load={"labels": PAPER, "flip": True},
    ),
    compile_model=compile_model,
    grid=picture,
    measure=measure,
    title="StarGAN, attributes of drawn faces",
    fixed_epochs=True,
)

if __name__ == "__main__":
    runs.main(RECIPE)
