"""The pipeline of ADA: many operations, each with the same probability p."""

import math

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.augment import color, filters, geometry
from gan_zoo.augment.augmentation import Augmentation
from gan_zoo.checks import as_tuple, check_weight

GROUPS = {
    "blits": ("xflip", "rotate90", "xint"),
    "geometry": ("scale", "rotate", "aniso", "xfrac"),
    "color": ("brightness", "contrast", "lumaflip", "hue", "saturation"),
    "filter": ("imgfilter",),
    "noise": ("noise",),
    "cutout": ("cutout",),
}
OPERATIONS = tuple(name for names in GROUPS.values() for name in names)
_OF_COLORS = ("hue", "saturation")

_Schedule = keras.optimizers.schedules.LearningRateSchedule


@keras.saving.register_keras_serializable("gan_zoo")
class Pipeline(Augmentation):
    """Applies each operation to each image with probability p.

    The operations, in their order:

    - `xflip`: mirrored; `rotate90`: turned by a multiple of 90°; `xint`: shifted by
      whole pixels, up to an eighth of each side;
    - `scale`: by 2^(0.2 n), n ~ N(0, 1); `rotate`: by any angle, once before and once
      after `aniso`: width and height by 2^(0.2 n) and its inverse; `xfrac`: shifted by
      0.125 n of each side;
    - `brightness`: + 0.2 n; `contrast`: · 2^(0.5 n); `lumaflip`: bright and dark
      swapped; `hue`: rotated by any angle; `saturation`: · 2^n;
    - `imgfilter`: four frequency bands, each by 2^n; `noise`: standard deviation
      0.1 |n|; `cutout`: a rectangle of half the sides is 0.

    Args:
        p: probability, in [0, 1]; or a schedule, such as `gan_zoo.optimizers.Cosine`,
            of the number of updates of the discriminator.
        operations: names of operations or of groups ("blits", "geometry", "color",
            "filter", "noise", "cutout"); or dict of name to factor of p.
        **kwargs: as in `keras.layers.Layer`.

    Images have one or three channels where there are operations of colours. Operations
    that need colours leave grey images as they are.

    Raises:
        ValueError: for an unknown name, a `p` out of range or a negative factor; when
            it is built, for two channels or more than three beside colour operations.

    Differs from the paper: none.

    Example:
        p = gan_zoo.optimizers.Cosine(0.0, 0.3, 20_000)
        gan = gan_zoo.R3GAN((64, 64, 3), augment=gan_zoo.augment.Pipeline(p))

    Reference: Karras et al. 2020, Training Generative Adversarial Networks with Limited
    Data, 2006.06676, appendix B.
    """

    def __init__(self, p=0.2, operations=("blits", "geometry", "color"), **kwargs):
        super().__init__(**kwargs)
        if isinstance(p, dict):  # from a saved configuration
            p = keras.saving.deserialize_keras_object(p)
        if not isinstance(p, _Schedule):
            check_weight("p", p)
            if p > 1:
                raise ValueError(f"Expected p in [0, 1], got {p!r}.")
        self.initial_p = p
        self.factors = _factors(operations)

    def build(self, input_shape):
        """Makes the variables p and the number of updates."""
        super().build(input_shape)
        colors = [name for name in self.factors if name in GROUPS["color"]]
        if input_shape[-1] not in (1, 3) and colors:
            raise ValueError(
                f"Expected images of 1 or 3 channels for {', '.join(colors)}, got "
                f"{input_shape[-1]}. Write operations=('blits', 'geometry')."
            )
        scheduled = isinstance(self.initial_p, _Schedule)
        start = float(self.initial_p(0) if scheduled else self.initial_p)
        self.p = self._state("p", start)
        self.updates = self._state("updates", 0, "int64")

    def _state(self, name, start, dtype="float32"):
        return self.add_weight(
            name=name,
            shape=(),
            dtype=dtype,
            initializer=keras.initializers.Constant(start),
            trainable=False,
            aggregation="only_first_replica",
            autocast=False,
        )

    def adjust(self, real_scores):
        """Counts an update of the discriminator; p follows its schedule."""
        self.updates.assign_add(1)
        if isinstance(self.initial_p, _Schedule):
            self.p.assign(self.initial_p(self.updates.value))

    def change(self, images):
        """The images after all operations, each with random numbers of its own."""
        return self.apply(images, self.draw(ops.shape(images)[0]))

    def draw(self, count):
        """Random numbers of all operations.

        Args:
            count: number of images n.

        Returns:
            Dict of operation to a list of tensors (n,), as `apply` takes them. An
            operation that an image is spared has its neutral values.
        """
        # All at once: a draw of a few numbers costs as much as one of many.
        uniforms = iter(ops.unstack(backend.uniform((count, 32)), axis=1))
        normals = iter(ops.unstack(backend.normal((count, 16)), axis=1))
        given = {}
        for name, factor in self.factors.items():
            p = self.p * factor
            if name == "rotate":  # before and after: together with probability p
                p = 1.0 - ops.sqrt(ops.clip(1.0 - p, 0.0, 1.0))
            values, neutral, gates = _drawn(name, uniforms, normals)
            chosen = [next(uniforms) < p for _ in range(gates)]
            chosen = chosen * (len(values) // gates)
            given[name] = [
                ops.where(gate, value, neutral)
                for gate, value in zip(chosen, values, strict=True)
            ]
        return given

    def apply(self, images, given):
        """Images after operations with known numbers.

        Args:
            images: float32 (n, h, w, c).
            given: dict of operation to its numbers, see `draw`.

        Returns:
            float32 (n, h, w, c).
        """
        matrix = _transformation(given, images.shape[2], images.shape[1])
        if matrix is not None:
            images = geometry.transformed(images, matrix)
        matrix = _recoloring(given, images.shape[-1])
        if matrix is not None:
            images = color.recolored(images, matrix)
        if "imgfilter" in given:
            images = filters.amplified(images, ops.stack(given["imgfilter"], axis=1))
        if "noise" in given:
            noise = backend.normal((ops.shape(images)[0], *images.shape[1:]))
            images += noise * given["noise"][0][:, None, None, None]
        if "cutout" in given:
            images = filters.cut_out(images, *given["cutout"])
        return images

    def get_config(self):
        p = self.initial_p
        if isinstance(p, _Schedule):
            p = keras.saving.serialize_keras_object(p)
        return super().get_config() | {"p": p, "operations": self.factors}


def _factors(operations):
    """Dict of operation to factor of p, in the order of `OPERATIONS`."""
    if isinstance(operations, str):
        operations = (operations,)
    if not isinstance(operations, dict):
        operations = dict.fromkeys(as_tuple(operations), 1.0)
    factors = {}
    for name, factor in operations.items():
        if name not in GROUPS and name not in OPERATIONS:
            raise ValueError(
                f"Expected names of operations {OPERATIONS}, or of groups "
                f"{tuple(GROUPS)}, got {name!r}."
            )
        check_weight(f"the factor of {name}", factor)
        factors |= dict.fromkeys(GROUPS.get(name, (name,)), float(factor))
    return {name: factors[name] for name in OPERATIONS if name in factors}


def _drawn(name, uniforms, normals):
    """Random values of an operation, the neutral value, and its number of decisions."""

    def whole(most):
        return ops.floor(next(uniforms) * most)

    def within(limit):
        return limit * (2.0 * next(uniforms) - 1.0)

    def power(deviation):
        return ops.power(2.0, deviation * next(normals))

    if name in ("xflip", "lumaflip"):
        return [whole(2)], 0.0, 1
    if name == "rotate90":
        return [whole(4)], 0.0, 1
    if name == "xint":
        return [within(0.125), within(0.125)], 0.0, 1
    if name in ("scale", "aniso"):
        return [power(0.2)], 1.0, 1
    if name == "rotate":
        return [within(math.pi), within(math.pi)], 0.0, 2
    if name == "xfrac":
        return [0.125 * next(normals), 0.125 * next(normals)], 0.0, 1
    if name == "brightness":
        return [0.2 * next(normals)], 0.0, 1
    if name == "contrast":
        return [power(0.5)], 1.0, 1
    if name == "hue":
        return [within(math.pi)], 0.0, 1
    if name == "saturation":
        return [power(1.0)], 1.0, 1
    if name == "imgfilter":
        return [power(1.0) for _ in range(filters.BANDS)], 1.0, filters.BANDS
    if name == "noise":
        return [0.1 * ops.abs(next(normals))], 0.0, 1
    half = next(uniforms)
    return [ops.full_like(half, 0.5), half, next(uniforms)], 0.0, 1  # cutout


def _transformation(given, width, height):
    """The product (n, 3, 3) of the geometric operations, or None without any."""
    steps = []
    if "xflip" in given:
        (flipped,) = given["xflip"]
        steps.append(geometry.scaling(1.0 - 2.0 * flipped, ops.ones_like(flipped)))
    if "rotate90" in given:
        steps.append(geometry.rotation(-math.pi / 2 * given["rotate90"][0]))
    if "xint" in given:
        x, y = given["xint"]
        steps.append(geometry.translation(ops.round(x * width), ops.round(y * height)))
    if "scale" in given:
        (factor,) = given["scale"]
        steps.append(geometry.scaling(factor, factor))
    if "rotate" in given:
        steps.append(geometry.rotation(-given["rotate"][0]))
    if "aniso" in given:
        (factor,) = given["aniso"]
        steps.append(geometry.scaling(factor, 1.0 / factor))
    if "rotate" in given:
        steps.append(geometry.rotation(-given["rotate"][1]))
    if "xfrac" in given:
        x, y = given["xfrac"]
        steps.append(geometry.translation(x * width, y * height))
    return _product(steps)


def _recoloring(given, channels):
    """The product (n, 4, 4) of the operations of colours, or None without any."""
    forms = {
        "brightness": color.brightness,
        "contrast": color.contrast,
        "lumaflip": color.luma_flip,
        "hue": color.hue,
        "saturation": color.saturation,
    }
    used = [n for n in forms if n in given and (channels == 3 or n not in _OF_COLORS)]
    # The first operation is applied first.
    return _product([forms[name](given[name][0]) for name in reversed(used)])


def _product(matrices):
    total = None
    for matrix in matrices:
        total = matrix if total is None else ops.matmul(total, matrix)
    return total
