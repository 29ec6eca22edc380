"""Guided completion of drawn faces: a rectangle is missing, another picture helps.

    python recipes/face_completion.py
    python recipes/face_completion.py --dataset=folder:/faces --image_size=64

The guide is the mirrored face in another light, which stands for a second photo. The
report gives the error over the missing pixels, beside that with the guide of another
face and that of filling the hole with the mean of what is known. The paper preset has
the default networks at 128×128, on CelebA.
"""

import gan_zoo
from gan_zoo import callbacks, networks, runs
from gan_zoo.data.first_images import first_rows


def build(image_shape, preset):
    """The default networks, or narrower ones for 32×32."""
    if preset == "paper":
        return gan_zoo.FaceCompletion(image_shape)
    pair = (*image_shape[:2], 2 * image_shape[2])
    return gan_zoo.FaceCompletion(
        image_shape,
        generator=networks.face_completion.completion_generator(
            image_shape, width=32, levels=4
        ),
        discriminator=networks.pix2pix.patch_discriminator(pair, width=32),
    )


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """pix2pix's Adam; a faster generator for a short run."""
    rate = 2e-4 if preset == "paper" else 1e-3
    model.compile(
        d_optimizer=runs.adam(2e-4, 0.5),
        g_optimizer=runs.adam(rate, 0.5),
        metrics=metrics,
    )


def picture(folder, test, settings):
    """Twelve test images, far apart, completed; below, the same without a hole."""
    count = len(first_rows(test)[0])
    spread = test.unbatch().shard(max(count // 12, 1), 0).batch(12)
    images, masks, guides = first_rows(spread, 12)
    return callbacks.TranslationGrid(
        folder,
        {"complete": images * (1 - masks)},
        truth={"complete": images},
        given={"complete": {"completed": {"mask": masks, "guide": guides}}},
    )


def measure(model, test, settings):
    """Mean absolute error over missing pixels."""
    images, masks, guides = first_rows(test)
    order = [*range(1, len(images)), 0]
    known = (images * (1 - masks)).sum((1, 2)) / (1 - masks).sum((1, 2))
    filled = {
        "error": model.translate(images, mask=masks, guide=guides),
        "error_other_guide": model.translate(images, mask=masks, guide=guides[order]),
        "error_mean": known[:, None, None],
    }
    missing = masks.sum() * images.shape[-1]
    about = f"mean |difference| over missing pixels, {len(images)} test images"
    words = {
        "error": "the model",
        "error_other_guide": "with the guide of another face",
        "error_mean": "the mean colour of the known pixels",
    }
    return [
        (
            name,
            float((abs(made - images) * masks).sum() / missing),
            f"{about}; {words[name]}",
        )
        for name, made in filled.items()
    ]


RECIPE = runs.Recipe(
    build,
    runs.Settings(
        dataset="avatar_sample",
        batch_size=8,
        epochs=12,
        features=None,
        load={"degrade": "guided:rectangles", "flip": True},
    ),
    paper=runs.Settings(
        dataset="celeb_a",
        image_size=128,
        batch_size=16,
        epochs=20,
        features=None,
        load={"degrade": "guided:strokes", "flip": True},
    ),
    compile_model=compile_model,
    grid=picture,
    measure=measure,
    title="Guided completion of drawn faces",
)

if __name__ == "__main__":
    runs.main(RECIPE)
