"""Checks of batches that models of several families make, before they train."""


def check_float(images):
    """Raises ValueError for images of an integer type.

    Args:
        images: array or spec with a `dtype`.
    """
    dtype = getattr(images.dtype, "name", str(images.dtype))
    if not dtype.startswith(("float", "bfloat")):
        raise ValueError(
            f"Expected float images in [-1, 1], got {dtype}. For uint8 write "
            "x.astype('float32') / 127.5 - 1."
        )


def check_shape(model, images, image_shape):
    """Raises ValueError for other than batches of images of a shape.

    Args:
        model: name of the model, for the message.
        images: array or spec with a `shape`.
        image_shape: of one image.
    """
    if len(images.shape) == len(image_shape):
        raise ValueError(
            f"Expected batches of images, got single ones of shape "
            f"{tuple(images.shape)}. Batch the data set: ds.batch(64)."
        )
    if tuple(images.shape[1:]) != image_shape:
        raise ValueError(
            f"{model} was built for images of shape {image_shape}; a batch has shape "
            f"{tuple(images.shape)}. Pass image_shape={tuple(images.shape[1:])} to the "
            "model, or resize the data."
        )
