"""Share of generated digits that are classified with confidence."""

import keras
from keras import ops

from gan_zoo.metrics.image_metric import ImageMetric


@keras.saving.register_keras_serializable(package="gan_zoo")
class ConfidentShare(ImageMetric):
    """Share of generated images that the MNIST network classifies with confidence.

    mean(max_k p(k | fake) >= threshold), higher is better. Real images are ignored.
    About 0.99 of the MNIST test set are classified with confidence at the default
    threshold. The network was trained to give equal probabilities to images without a
    digit, so the share is 0 for noise.

    The share alone does not detect a collapsed generator: a single perfect digit gives
    1. `report()` adds how often each class was predicted.

    Args:
        threshold: smallest probability that counts as confident, in (0, 1).
        name: name in the logs. Defaults to `confident_mnist`.

    Raises:
        ValueError: if the threshold is out of range; from `result()` without images.
    """

    prefix = "confident"
    best = ("max",)

    def __init__(self, threshold=0.9, name=None):
        if not 0 < threshold < 1:
            raise ValueError(
                f"Expected a threshold in (0, 1), a probability, got {threshold!r}."
            )
        super().__init__("mnist", name)
        self.threshold = threshold
        self.class_counts = self.add_fake_statistic((10,), "class_counts")

    def update_state(self, real, fake):
        """Adds generated images (n, h, w, c); `real` is ignored."""
        self._add_fake(fake)

    def update_fake(self, images):
        """Adds generated images (n, h, w, c) to the counts."""
        probabilities = self.features.classify(images)  # (n, 10)
        confident = ops.max(probabilities, axis=1, keepdims=True) >= self.threshold
        classes = ops.one_hot(ops.argmax(probabilities, axis=1), 10, dtype="float64")
        self.class_counts.assign_add(
            ops.sum(classes * ops.cast(confident, "float64"), 0)
        )

    def result(self):
        """The confident share of the images seen so far, a float64 scalar."""
        return ops.convert_to_tensor(self.report()["confident_share"], "float64")

    def report(self):
        """The share, and how often each class was predicted with confidence.

        Returns:
            Dict with `confident_share` (float in [0, 1]) and `class_counts` (list of 10
            ints: the confident images by their most probable class. A zero means that
            the generator makes no recognisable images of the class).
        """
        count, counts = self.fake_count.numpy(), self.class_counts.numpy()
        if not count:
            raise ValueError(
                "Expected at least 1 generated image, got 0. Call update_state(real, "
                "fake) before result()."
            )
        return {
            "confident_share": float(counts.sum() / count),
            "class_counts": counts.astype(int).tolist(),
        }

    def protocol(self):
        """Describes how the number was computed: network, threshold, image count."""
        return (
            f"{self.name}: {self.features.description}; {self.fake_count.numpy():.0f} "
            f"fake, confident: p >= {self.threshold}"
        )

    def get_config(self):
        """The arguments of the metric."""
        return {"threshold": self.threshold, "name": self.name}
