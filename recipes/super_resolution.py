"""SRGAN and ESRGAN: small images are enlarged four times, or JPEG images are restored.

    python recipes/super_resolution.py
    python recipes/super_resolution.py --model=ESRGAN
    python recipes/super_resolution.py --model=SRResNet
    python recipes/super_resolution.py --model=SRResNet-JPEG
    python recipes/super_resolution.py --model=SRGAN-JPEG
    python recipes/super_resolution.py --dataset=folder:/photos --image_size=96

The small images are made from the large ones on the fly. SRGAN first trains its
generator alone by the squared error, as SRResNet does; then a discriminator joins.
ESRGAN does so with dense blocks, a discriminator that compares images, and the features
of SqueezeNet. The report gives PSNR, SSIM and the perceptual distance beside those of
bicubic interpolation, or of the JPEG images as they are. The default are drawn faces of
32×32, which take minutes; for photographs name a folder. The paper preset has the
paper's networks, batches and numbers of steps, and compares features of VGG19, which
Keras downloads. Its photographs are reduced to 384×384, of which windows are cropped.
To crop photographs as they are, cut them into tiles of that size first.
"""

import gan_zoo
from gan_zoo import callbacks, features, metrics, networks, runs
from gan_zoo.data.degradations import enlarged
from gan_zoo.data.first_images import first_rows

SCALE, QUALITY = 4, 10


def recipe(model, name, system, scale, epochs, phases=None, paper=None):
    """The recipe of one system at one scale; `paper` has settings of its own."""

    def build(image_shape, preset):
        """The paper's model, or narrower networks."""
        *sides, channels = image_shape
        large = (*(side * scale for side in sides), channels)
        if preset == "paper":
            return system(large, scale, **paper_features(system))
        return system(large, scale, **small_networks(system, large, scale))

    degrade = f"bicubic:{SCALE}" if scale > 1 else f"jpeg:{QUALITY}"
    load = {"degrade": degrade, "flip": True}
    return runs.Recipe(
        build,
        runs.Settings(
            dataset="avatar_sample",
            batch_size=16,
            epochs=epochs,
            features=None,
            load=load,
        ),
        paper=runs.Settings(
            **{"dataset": "folder:photos", "image_size": 96, "epochs": 100}
            | (paper or {}),
            batch_size=16,
            steps_per_epoch=10_000,
            features=None,
            load=load | {"crop_from": 384},
        ),
        compile_model=compile_model,
        grid=picture,
        measure=measure,
        phases=phases,
        title=f"{model}, drawn faces",
        model=model,
        name=name,
    )


def paper_features(system):
    """What the paper compares images by, where that is not pixels."""
    layers = {gan_zoo.SRGAN: "vgg54", gan_zoo.ESRGAN: "vgg54_linear"}
    if system not in layers:
        return {}
    return {"features": features.feature_maps(layers[system])}


def small_networks(system, large, scale):
    """Narrower networks, and what ESRGAN compares features by."""
    small = {"width": 32, "blocks": 6}
    nets = {"generator": networks.srgan.srresnet(large[-1], scale, **small)}
    if system is not gan_zoo.SRResNet:
        nets["discriminator"] = networks.srgan.srgan_discriminator(
            large, width=16, units=128
        )
    if system is gan_zoo.ESRGAN:
        nets["generator"] = networks.esrgan.rrdb_network(
            large[-1], scale, width=24, blocks=2, growth=12
        )
        if large[-1] == 3:  # SqueezeNet knows colour images
            # Maps of half the sides leave colours open, which the pixels say.
            nets["features"] = features.feature_maps("squeezenet1")
            nets["pixel_weight"] = 1.0
    return nets


def compile_model(model, settings, steps_per_epoch, metrics, preset):
    """The paper's Adam; a faster one for a short run."""
    if preset == "paper":
        model.compile(metrics=metrics)
        return
    rates = {"d": 2e-4, "g": 5e-4 if len(model.players) == 1 else 2e-4}
    optimizers = {f"{p}_optimizer": runs.adam(rates[p], 0.9) for p in model.players}
    model.compile(**optimizers, metrics=metrics)


def pretraining_first(settings, preset):
    """First the generator alone: twice as long, or a million steps as the papers."""
    return [
        runs.Phase(
            "srresnet",
            epochs=100 if preset == "paper" else 2 * settings.epochs,
            model=lambda gan: gan.pretraining,
            compile_model=compile_model,
        )
    ]


def baseline(model, small):
    """What the model has to surpass: bicubic interpolation, or the image as it is."""
    return enlarged(small, model.scale) if model.scale > 1 else small


def picture(folder, test, settings):
    """Twelve test images: what the model gets, what it makes of them, the truth."""
    count = len(first_rows(test)[0])
    spread = test.unbatch().shard(max(count // 12, 1), 0).batch(12)
    small, large = first_rows(spread, 12)
    return callbacks.TranslationGrid(
        folder, {"enlarge": small}, truth={"enlarge": large}
    )


def measure(model, test, settings):
    """PSNR and SSIM on luma, as papers of super-resolution give them, and LPIPS."""
    numbers, distance = {}, metrics.PerceptualDistance()
    for small, real in test.as_numpy_iterator():
        for side, made in (
            ("", model.translate(small)),
            ("_baseline", baseline(model, small)),
        ):
            # Papers leave a border as wide as the scale out.
            how = {"luma": real.shape[-1] == 3, "border": model.scale}
            for name in ("psnr", "ssim"):
                values = getattr(metrics, name)(real, made, **how)
                numbers.setdefault(name + side, []).extend(values.numpy())
            far = distance(made, real).numpy()
            numbers.setdefault("perceptual" + side, []).extend(far)
    before = f"bicubic ×{model.scale}" if model.scale > 1 else f"JPEG {QUALITY}"

    def about(name):
        what = before if "baseline" in name else "the model"
        how = f"luma, border of {model.scale} left out"
        if name.startswith("perceptual"):
            how = "LPIPS v0.1 on SqueezeNet"
        return f"{what}, {how}, {len(numbers[name])} test images"

    return [
        (name, float(sum(values) / len(values)), about(name))
        for name, values in sorted(numbers.items())
    ]


GANS = {
    "SRGAN": (gan_zoo.SRGAN, {"epochs": 20}),
    "ESRGAN": (gan_zoo.ESRGAN, {"epochs": 40, "image_size": 128}),
}
RECIPES = [
    *(
        recipe(
            name, f"{name.lower()}_avatars", model, SCALE, 6, pretraining_first, paper
        )
        for name, (model, paper) in GANS.items()
    ),
    recipe("SRResNet", "srresnet_avatars", gan_zoo.SRResNet, SCALE, 12),
    recipe("SRResNet-JPEG", "srresnet_jpeg_avatars", gan_zoo.SRResNet, 1, 6),
    recipe(
        "SRGAN-JPEG",
        "srgan_jpeg_avatars",
        gan_zoo.SRGAN,
        1,
        3,
        pretraining_first,
        GANS["SRGAN"][1],
    ),
]

if __name__ == "__main__":
    runs.main(*RECIPES)
