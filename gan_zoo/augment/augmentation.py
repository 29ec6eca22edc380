"""What augmentations have in common, and how one comes in front of a discriminator."""

import keras
from keras import ops


class Augmentation(keras.layers.Layer):
    """A layer that changes images at random in training, and only then.

    A subclass overrides `change`. Its random numbers are those of `gan_zoo.backend`, so
    that they depend on the seed and the step of the model alone.

    Args:
        **kwargs: as in `keras.layers.Layer`; the layer works in float32 by default.

    Input and output (n, h, w, c), float in [-1, 1] (the output may be beyond).
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)

    def build(self, input_shape):
        if len(input_shape) != 4 or None in input_shape[1:]:
            raise ValueError(
                "Expected images of known height and width (n, h, w, c) for "
                f"{type(self).__name__}, got the shape {tuple(input_shape)}. Build the "
                "discriminator with keras.Input((height, width, channels))."
            )

    def call(self, images, training=False):
        return self.change(ops.cast(images, "float32")) if training else images

    def change(self, images):
        """The images, each changed in a way of its own.

        Args:
            images: float32 (n, h, w, c).

        Returns:
            float32 (n, h, w, c).
        """
        raise NotImplementedError(f"{type(self).__name__} must override change.")

    def adjust(self, real_scores):
        """Adapts to the discriminator; called after each of its updates.

        Args:
            real_scores: logits of real images, this replica's rows.
        """

    def compute_output_shape(self, input_shape):
        return input_shape


def augmented(discriminator, augmentation):
    """A discriminator that sees augmented images in training.

    `GAN(augment=...)` and its subclasses do this by themselves. For other models, pass
    the result as their `discriminator`.

    Args:
        discriminator: functional or built Sequential network, whose first input is a
            batch of images; other inputs are passed on.
        augmentation: `Augmentation`, one for each discriminator.

    Returns:
        Functional model with the inputs and outputs of the discriminator.

    Raises:
        TypeError: for something else than an `Augmentation`.
        ValueError: for images of unknown size, and for a discriminator that makes
            images, such as EBGAN's: it would be asked to undo the augmentation.
    """
    if not isinstance(augmentation, Augmentation):
        raise TypeError(
            f"Expected an augmentation, got {augmentation!r}. Write "
            "augment=gan_zoo.augment.DiffAugment() or gan_zoo.augment.ADA()."
        )
    shape = tuple(discriminator.inputs[0].shape)
    if any(tuple(x.shape) == shape for x in discriminator.outputs):
        raise ValueError(
            "Expected a discriminator that scores images, got one that makes images "
            f"of shape {shape[1:]}: it would have to undo the augmentation. Leave "
            "augment= out."
        )
    inputs = [
        keras.Input(x.shape[1:], dtype=x.dtype, name=x.name.split(":")[0])
        for x in discriminator.inputs
    ]
    changed = [augmentation(inputs[0]), *inputs[1:]]
    several = len(inputs) > 1
    outputs = discriminator(changed if several else changed[0])
    return keras.Model(
        inputs if several else inputs[0], outputs, name=discriminator.name
    )


def adjust(discriminator, real_scores):
    """Lets the augmentations of a discriminator adapt, after one of its updates.

    Args:
        discriminator: network, with augmentations or without.
        real_scores: its logits of real images, this replica's rows.
    """
    for layer in discriminator.layers:
        if isinstance(layer, Augmentation):
            layer.adjust(real_scores)
