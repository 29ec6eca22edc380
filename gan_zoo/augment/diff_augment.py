"""DiffAugment: colour, translation and cutout (Zhao et al. 2020)."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.augment.augmentation import Augmentation
from gan_zoo.checks import as_tuple, check_choice

POLICIES = ("color", "translation", "cutout")


@keras.saving.register_keras_serializable("gan_zoo")
class DiffAugment(Augmentation):
    """Changes each image by up to three policies, in their order.

    - `color`: brightness x + u₁, u₁ in [−½, ½); saturation and contrast, which multiply
      the difference to the mean of a pixel's channels by a number in [0, 2), and to the
      mean of the image by one in [½, 1½).
    - `translation`: a shift by up to an eighth of each side; what comes in is 0.
    - `cutout`: a square of half the sides becomes 0.

    Args:
        policies: names of policies, or one name.
        **kwargs: as in `keras.layers.Layer`.

    Raises:
        ValueError: for other names, or none.

    Differs from the paper: none.

    Example:
        gan = gan_zoo.SNGAN((32, 32, 3), augment=gan_zoo.augment.DiffAugment())

    Reference: Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN
    Training, 2006.10738, section 3 and the authors' code.
    """

    def __init__(self, policies=POLICIES, **kwargs):
        super().__init__(**kwargs)
        policies = (policies,) if isinstance(policies, str) else as_tuple(policies)
        for policy in policies or (None,):
            check_choice("policies", policy, POLICIES)
        self.policies = tuple(p for p in POLICIES if p in policies)

    def change(self, images):
        """The images after all policies, each with random numbers of its own."""
        for policy in self.policies:
            images = _CHANGES[policy](images)
        return images

    def get_config(self):
        return super().get_config() | {"policies": self.policies}


def _per_image(images):
    """A number in [0, 1) for each image, (n, 1, 1, 1)."""
    return backend.uniform((ops.shape(images)[0], 1, 1, 1))


def _color(x):
    x += _per_image(x) - 0.5
    mean = ops.mean(x, axis=-1, keepdims=True)
    x = mean + 2.0 * _per_image(x) * (x - mean)
    mean = ops.mean(x, axis=(1, 2, 3), keepdims=True)
    return mean + (_per_image(x) + 0.5) * (x - mean)


def _whole(low, count, images):
    """A whole number from `low` on for each image, of `count` ones, (n, 1, 1)."""
    return ops.floor(_per_image(images)[..., 0] * count) + low


def _translation(x):
    """Products with matrices of 0 and 1, whose gradients are such products too."""
    for axis, formula in ((1, "npq,nqwc->npwc"), (2, "npq,nhqc->nhpc")):
        side = x.shape[axis]
        most = int(side / 8 + 0.5)
        place = ops.arange(side, dtype="float32")
        source = place[:, None] + _whole(-most, 2 * most + 1, x)  # (n, side, 1)
        matrix = ops.cast(ops.equal(source, place), "float32")  # (n, side, side)
        x = ops.einsum(formula, matrix, x)
    return x


def _cutout(x):
    inside = []
    for side in x.shape[1:3]:
        size = int(side / 2 + 0.5)
        first = _whole(0, side + 1 - size % 2, x)[..., 0] - size // 2  # (n, 1)
        place = ops.arange(side, dtype="float32")
        inside.append(ops.logical_and(place >= first, place < first + size))
    rows, columns = inside  # (n, h) and (n, w)
    hidden = ops.logical_and(rows[:, :, None, None], columns[:, None, :, None])
    return ops.where(hidden, 0.0, x)


_CHANGES = dict(zip(POLICIES, (_color, _translation, _cutout), strict=True))
