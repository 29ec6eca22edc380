"""Export to a SavedModel that TensorFlow alone, and TF Serving, can load."""

import pathlib

import tensorflow as tf
from absl import logging
from keras.export import ExportArchive

from gan_zoo.files import replacing
from gan_zoo.models.base.networks import non_finite
from gan_zoo.serving.endpoints import with_signature
from gan_zoo.serving.model_card import model_card, write_card
from gan_zoo.serving.model_config import is_version, write_model_config
from gan_zoo.serving.reader import Reader, reader_endpoints
from gan_zoo.serving.sampler import Sampler, sampler_endpoints
from gan_zoo.serving.translator import Translator, translator_endpoints
from gan_zoo.serving.warmup import write_warmup


def export(
    model,
    path,
    *,
    overwrite=False,
    max_images=1024,
    warmup=True,
    metrics=None,
    data=None,
    name=None,
):
    """Writes the model's sampling networks as a SavedModel with ready endpoints.

    A model that makes images from noise gets `serving_default` (latents to float32
    images), `generate` (n and seed to uint8 images, those of `model.generate`) and
    `generate_png`. One that turns images into images gets, for each of its directions,
    an endpoint on uint8 images and one on encoded files. One that reads images gets an
    endpoint per reading, such as `encode` or `classify`. Where the model keeps a moving
    average of its weights, the average is exported. Beside the networks lie a model
    card and warm-up requests, in `assets.extra`; see docs/serving.md.

    Args:
        model: a `Sampler`, a `Translator` or a `Reader`: any model of the zoo.
        path: local folder to write, `serving/<name>/<version>`. TF Serving wants the
            version to be a number; the file `serving/<name>/model.config` is then
            written as well. Another last component is allowed, and noted in the log.
        overwrite: replace what stands at `path`.
        max_images: most images that a request may ask for; a larger one is answered by
            InvalidArgumentError.
        warmup: write a warm-up request per endpoint (needs `gan_zoo[serving]`).
        metrics: for the model card, dict of metric name to its value, or better to
            (value, how it was measured).
        data: note on the training data and its licence for the model card.
        name: name under which the model will be served; by default that of the folder
            above `path`.

    Returns:
        `pathlib.Path` of the folder.

    Raises:
        TypeError: when the model is none of these.
        ValueError: when `max_images` is below 1, for a path that is not local, or for
            weights that are NaN or infinite.
        FileExistsError: when `path` exists and `overwrite` is off, or holds no
            SavedModel.
        OSError: when the folder cannot be written; nothing half-written is left.

    Example:
        gan_zoo.export(
            gan, "serving/wgan_gp/1", data="MNIST (LeCun et al.), CC BY-SA 3.0"
        )
    """
    if max_images < 1:
        raise ValueError(f"Expected max_images of at least 1, got {max_images}.")
    path = local_path(path)
    check_finite(model)
    endpoints = _endpoints_of(model, max_images)
    # Of what is given to it, an ExportArchive saves exactly the variables that its
    # endpoints read: the sampling networks, no discriminator and no optimizer. A
    # tf.Module saves as little, but must be told each variable.
    archive = ExportArchive()
    outputs = {}
    for endpoint in endpoints:
        function = archive.add_endpoint(
            endpoint.name,
            with_signature(endpoint.call, endpoint.inputs),
            [i.spec for i in endpoint.inputs],
        )
        outputs[endpoint.name] = function.get_concrete_function().structured_outputs
    card = model_card(model, endpoints, outputs, max_images, metrics, data)
    failures, marker = [tf.errors.OpError], "saved_model.pb"
    with replacing(path, overwrite, failures, marker) as scratch:
        archive.write_out(str(scratch), verbose=False)
        extra = scratch / "assets.extra"
        extra.mkdir()
        write_card(extra, card)
        if warmup:
            write_warmup(extra, endpoints, name or path.parent.name)
    if is_version(path.name):
        write_model_config(path.parent, name=name)
    else:
        logging.warning(
            "Exported to %s, which TF Serving will not find: it wants a folder named "
            "by a version number, such as %s.",
            path,
            path / "1",
        )
    return path


def check_finite(model):
    """Raises ValueError for networks whose results would be NaN."""
    networks = getattr(model, "sampling_networks", {})
    for name, network in networks.items():
        bad = non_finite(network.weights)
        if bad is not None:
            raise ValueError(
                f"The {name} has weights that are NaN or infinite ({bad.path}), so "
                "that its results are NaN. Export a checkpoint or file from before "
                "they became so."
            )


def local_path(path):
    """An absolute `pathlib.Path`.

    Raises:
        ValueError: for the address of a bucket or the like.
    """
    if "://" in str(path):
        raise ValueError(
            f"Expected a local path, got {path!r}. Export to a local folder and copy "
            "it there."
        )
    return pathlib.Path(path).expanduser().absolute()


def _endpoints_of(model, max_images):
    endpoints = []
    if isinstance(model, Translator):
        endpoints += translator_endpoints(model, max_images)
    if isinstance(model, Sampler):
        endpoints += sampler_endpoints(model, max_images)
    if isinstance(model, Reader):
        endpoints += reader_endpoints(model, max_images)
    if not endpoints:
        raise TypeError(
            "Expected a model that makes images from noise (with latent_dim, "
            "image_shape, latents and sample), one that turns images into images (with "
            "directions) or one that reads them (with image_shape and readings), got "
            f"{type(model).__name__}."
        )
    first = endpoints[0]
    if first.name != "serving_default":
        about = f"the same as {first.name}"
        endpoints.insert(0, first._replace(name="serving_default", about=about))
    return endpoints
