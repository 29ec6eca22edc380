"""How well a translator changes one attribute of an image, and nothing else."""

import dataclasses

import keras
import numpy as np
from keras import ops

from gan_zoo.metrics.gan_train_test import small_classifier


@dataclasses.dataclass(frozen=True)
class AttributeTransfer:
    """What happened when one attribute of each image was turned over.

    Attributes:
        accuracy: share of translations in which the classifier reads the new value, in
            [0, 1].
        kept: share of the other attributes, as the classifier reads them, that are
            those of the image, in [0, 1].
        error: mean absolute difference to the true answer, pixels in [-1, 1]; of
            several true answers, to the nearest one. None where none is known, as are
            the next four.
        unchanged: the same of the image itself: the error of doing nothing.
        inside: as `error`, over the pixels in which the true answer differs from the
            image.
        unchanged_inside: as `inside`, of the image itself.
        outside: as `error`, over the other pixels, which should not change.
    """

    accuracy: float
    kept: float
    error: float | None = None
    unchanged: float | None = None
    inside: float | None = None
    unchanged_inside: float | None = None
    outside: float | None = None


def attribute_transfer(model, images, attributes, classifier, truths=None):
    """Turns over each attribute of some images, and measures what changed.

    Args:
        model: a model with `translate(images, attributes=...)`, such as `StarGAN`.
        images: float array (n, h, w, c) in [-1, 1].
        attributes: what they have, (n, K) of 0 and 1, in the order of the model.
        classifier: function of images to logits (n, K) in the same order, trained apart
            from the model, such as `attribute_classifier` gives.
        truths: function of (the place of an attribute, 0 or 1) to the true answers for
            all images, (n, m, h, w, c), or to None where they are not known.

    Returns:
        List of `AttributeTransfer`, one for each attribute.

    Raises:
        ValueError: for attributes of another shape.
    """
    attributes = np.asarray(attributes, "float32")
    count = len(images)
    if attributes.ndim != 2 or len(attributes) != count:
        raise ValueError(
            f"Expected attributes of shape ({count}, K), got {attributes.shape}."
        )
    results = []
    for place in range(attributes.shape[1]):
        wanted = turned_over(attributes, place)
        made = model.translate(images, attributes=wanted)
        answers = [truths(place, value) for value in (0, 1)] if truths else [None]
        known = None if answers[0] is None else answers
        results.append(attribute_change(images, made, wanted, place, classifier, known))
    return results


def attribute_change(images, made, wanted, place, classifier, answers=None):
    """Measures translations that should change one attribute and nothing else.

    Args:
        images: float array (n, h, w, c) in [-1, 1].
        made: their translations, the same shape.
        wanted: the attributes that the translations should have, (n, K) of 0 and 1.
        place: which of the K was changed.
        classifier: as `attribute_transfer`.
        answers: the true answers for all images where the attribute's new value is 0,
            (n, m, h, w, c), and where it is 1; None where they are not known.

    Returns:
        `AttributeTransfer`.
    """
    right = (np.asarray(classifier(made)) > 0) == (wanted > 0)
    others = np.delete(right, place, axis=1)
    errors = ()
    if answers is not None:
        nearest = _nearest(made, answers, wanted[:, place])
        before = _nearest(images, answers, wanted[:, place])
        errors = _errors(images, made, nearest, before)
    return AttributeTransfer(
        float(right[:, place].mean()),
        float(others.mean()) if others.size else 1.0,
        *errors,
    )


def turned_over(attributes, place):
    """The attributes of images with one of them changed, from 0 to 1 or from 1 to 0.

    Args:
        attributes: (n, K) of 0 and 1.
        place: which one of the K.

    Returns:
        Array of the same shape.
    """
    changed = np.array(attributes)
    changed[:, place] = 1 - changed[:, place]
    return changed


def _nearest(images, answers, values):
    """Of the right answers for each image, those with its value, the nearest one."""
    chosen = []
    for image, value, *both in zip(images, values, *answers, strict=True):
        right = both[int(value)]
        distances = np.abs(right - image).mean((1, 2, 3))
        chosen.append(right[np.argmin(distances)])
    return np.stack(chosen)


def _errors(images, made, nearest, before):
    """The last five fields of `AttributeTransfer`."""
    difference, own = np.abs(made - nearest), np.abs(images - before)
    edited, own_edited = (
        np.broadcast_to((np.abs(x - images) > 1e-6).any(-1, keepdims=True), x.shape)
        for x in (nearest, before)
    )
    return (
        float(difference.mean()),
        float(own.mean()),
        float(difference[edited].mean()),
        float(own[own_edited].mean()),
        float(difference[~edited].mean()),
    )


def attribute_classifier(images, attributes, *, epochs=10, batch_size=64, seed=0):
    """A classifier of attributes, trained on real images.

    It is `small_classifier` with a logit for each attribute and their cross entropies.

    Args:
        images: float array (n, h, w, c) in [-1, 1].
        attributes: (n, K) of 0 and 1.
        epochs: number of epochs.
        batch_size: images per step.
        seed: integer seed of the first weights and of the order of the images.

    Returns:
        Function of images (n, h, w, c), numpy arrays, to logits (n, K).
    """
    images, attributes = np.asarray(images), np.asarray(attributes, "float32")
    network = small_classifier(images.shape[1:], attributes.shape[1], seed)
    network.compile(
        keras.optimizers.Adam(1e-3),
        loss=lambda y, x: ops.mean(ops.softplus(x) - y * x, axis=-1),
    )
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(images))
        network.fit(
            images[order], attributes[order], batch_size, shuffle=False, verbose=0
        )
    return lambda images: network.predict(images, batch_size=256, verbose=0)
