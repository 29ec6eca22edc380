"""What the GANs that are told the class of an image share."""

from keras import ops

from gan_zoo import backend
from gan_zoo.models.noise_to_image.base import first_of
from gan_zoo.models.noise_to_image.conditions import Labels


class ClassConditional:
    """Classes for a `GAN`; stands before it among a class's bases.

    The generator takes [z, labels], labels int32 (n,); batches are (images, labels).
    Generated images are given the labels of the real batch beside them, so that classes
    are as frequent as in the data.
    """

    generator_inputs = ("latents", "labels")

    def __init__(
        self, image_shape=(28, 28, 1), latent_dim=100, *, num_classes=10, **kwargs
    ):
        # First, since the paper's networks depend on it.
        self.num_classes = Labels(num_classes).num_classes
        super().__init__(image_shape, latent_dim, **kwargs)

    @property
    def conditions(self):
        """A class per image."""
        return {"labels": Labels(self.num_classes)}

    def batch_of(self, data):
        """Images, float32, and labels, int32; both wait for the check of the labels."""
        return checked_labels(data[1], self.num_classes, self.images_of(data))

    def checked(self, images, labels):
        """A batch of the data set; a label that is no class is an error."""
        return images, *checked_labels(labels, self.num_classes)

    def check_batch(self, spec):
        """Refuses images without labels, and labels that are no integers (n,)."""
        super().check_batch(first_of(spec))
        if not isinstance(spec, (tuple, list)) or len(spec) != 2:
            raise ValueError(
                f"{type(self).__name__} trains on (images, labels), and is evaluated "
                "on them. Load the data with labels=True, or pass fit(images, labels)."
            )
        check_labels(spec[1])

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"num_classes": self.num_classes}


def checked_labels(labels, num_classes, *beside):
    """Tensors of a batch, then its labels as int32: all wait for the labels' check.

    Args:
        labels: integers (n,).
        num_classes: labels are below it.
        *beside: what comes with the labels and must not be used where one is no class.

    Raises:
        InvalidArgumentError: for a label that is no class; see `backend.require`.
    """
    labels = ops.cast(labels, "int64")  # as int32, 2**32 would be class 0
    right = ops.logical_and(labels >= 0, labels < num_classes)
    return backend.require(
        ops.all(right),
        f"Expected labels from 0 to {num_classes - 1} in the data. Number the classes "
        "from 0, or give the model num_classes. Got:",
        (*beside, ops.cast(labels, "int32")),
        # The wrong one, or the most negative.
        got=ops.min(ops.where(right, ops.max(labels), labels)),
    )


def check_labels(labels):
    """Raises ValueError for other labels than integers (n,).

    Args:
        labels: array or spec with a `shape` and a `dtype`.
    """
    dtype = getattr(labels.dtype, "name", str(labels.dtype))
    if len(labels.shape) != 1 or "int" not in dtype:
        raise ValueError(
            f"Expected labels to be integers (n,), got {_kind(dtype)} of shape "
            f"{tuple(labels.shape)}. {_advice(tuple(labels.shape), dtype)}"
        )


def _kind(dtype):
    numbers = dtype.startswith(("int", "uint", "float", "bfloat", "bool"))
    return dtype if numbers else "strings or objects"


def _advice(shape, dtype):
    if _kind(dtype) != dtype:
        return (
            "Number the classes from 0: numpy.unique(labels, return_inverse=True)[1]."
        )
    if len(shape) == 2 and shape[1] == 1:
        column = "labels[:, 0]"
        column = column if "int" in dtype else f'tf.cast({column}, "int32")'
        return f"For a column write {column}."
    if len(shape) == 2:
        return "For one-hot rows write tf.argmax(labels, -1)."
    if len(shape) == 1:
        return 'Write tf.cast(labels, "int32").'
    return "Pass one number per image."
