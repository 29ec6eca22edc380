"""What every model that turns images into images shares: directions, translation."""

import functools
from typing import NamedTuple

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_seed
from gan_zoo.inputs import Image
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.models.base.networks import infer
from gan_zoo.models.image_to_image import sizes


class Direction(NamedTuple):
    """One way to translate: a network, and the domains that it goes between."""

    network: str
    source: str
    target: str


def check_same_sides(shape_a, shape_b):
    """Raises ValueError for images that differ in more than the number of channels."""
    if shape_a[:2] != shape_b[:2]:
        raise ValueError(
            f"Images of A and B may differ in channels only, got {shape_a} and "
            f"{shape_b}. Resize one of the domains."
        )


class ImageToImage(AdversarialModel):
    """An `AdversarialModel` that translates images from one domain to another.

    A subclass names its directions. By default a batch holds one image of each domain,
    named `images_<domain>` (`images` where there is one domain), then the conditions;
    and `evaluate` compares real images of the first direction's target with
    translations of its source.

    Args:
        domains: dict of domain to the shape of its images, such as
            `{"a": (256, 256, 3), "b": (256, 256, 1)}`, in training; height and width
            may be None where the networks take any size.
        players: function without arguments that returns the players of
            `AdversarialModel`, called when the shapes are checked and set as `domains`.
        arguments: dict of domain to the name of the argument that says its shape, for
            messages.
        **kwargs: as `AdversarialModel`.

    Raises:
        ValueError: for an image shape that is none.
    """

    # Ways to translate: name to `Direction`, the first one being the default.
    directions = {}

    # What `translate` and the exported model take besides the image: name to `Input`.
    conditions = {}

    def __init__(self, domains, players, *, arguments=None, **kwargs):
        self._arguments = arguments or {}
        self.domains = {
            domain: check_image_shape(shape, self._argument(domain), sides_open=True)
            for domain, shape in domains.items()
        }
        super().__init__(players(), **kwargs)

    def _argument(self, domain):
        return self._arguments.get(domain, "image_shape")

    def image_of(self, domain):
        """The `Image` input of a domain, as `fit` takes it."""
        return Image(self.domains[domain], argument=self._argument(domain))

    @property
    def takes_any_size(self):
        """Whether the networks translate images of other sizes than those of `fit`."""
        nets = [self.networks[each.network] for each in self.directions.values()]
        return all(net.inputs[0].shape[1:3] == (None, None) for net in nets)

    def shape_of(self, domain):
        """Shape of a domain's images in a translation, sides None where any will do."""
        shape = self.domains[domain]
        return (None, None, shape[-1]) if self.takes_any_size else shape

    @property
    def image_shape(self):
        """Shape of the images that the first direction makes."""
        return self.domains[next(iter(self.directions.values())).target]

    @property
    def batch_parts(self):
        """One image of each domain, and what a translation takes besides images."""
        images = {self._part(domain): self.image_of(domain) for domain in self.domains}
        return images | self.conditions

    def _part(self, domain):
        """The name of a domain's images in a batch."""
        return f"images_{domain}" if len(self.domains) > 1 else "images"

    def translated(self, images, direction, **conditions):
        """Images of the target domain in [-1, 1], float32, of a batch of the source.

        Where the networks take any size, sides that they cannot halve evenly are
        continued by their mirror image, and the result is cropped.

        Args:
            images: (n, h, w, c) in [-1, 1].
            direction: a key of `directions`.
            **conditions: by the names of `conditions`, n rows each, as networks take
                them.
        """
        translate = functools.partial(
            self.translated_evenly, direction=direction, **conditions
        )
        return self.at_even_sides(translate, images, direction)

    def at_even_sides(self, call, images, direction):
        """`call(images)`, of images continued to sides that the networks can halve.

        Args:
            call: function of images to something of the size of their translations,
                which is cropped.
            images: as `translated`.
            direction: as `translated`.
        """
        source, target = (self.domains[x] for x in self.directions[direction][1:])
        even = None in source or tuple(images.shape[1:]) == source
        if even or not self.takes_any_size:
            return call(images)
        longer = sizes.mirrored_to_multiple(images, self.size_multiple(direction))
        height, width = (
            side * theirs // ours
            for side, theirs, ours in zip(
                ops.shape(images)[1:3], target[:2], source[:2], strict=True
            )
        )
        return call(longer)[:, :height, :width]

    def translated_evenly(self, images, direction, **conditions):
        """As `translated`, of images of a size that the networks take."""
        network = self.sampling_networks[self.directions[direction].network]
        given = [conditions[name] for name in self.conditions]
        return infer(network, [images, *given] if given else images)

    def size_multiple(self, direction):
        """What the sides of images must be multiples of, where any size is taken."""
        known = self._unsaved.compiled
        if (key := ("size_multiple", direction)) not in known:
            source, target = (self.domains[x] for x in self.directions[direction][1:])
            known[key] = sizes.multiple_of(
                lambda shape: self._shape_made(shape, direction), source, target
            )
        return known[key]

    def _shape_made(self, shape, direction):
        """Shape of the translations of a batch of images of a shape."""
        known = self._unsaved.compiled
        if (key := ("shape", shape, direction)) in known:
            return known[key]
        rows = [((shape[0], *x.shape), x.dtype) for x in self.conditions.values()]

        def made(images, *rows):
            given = dict(zip(self.conditions, rows, strict=True))
            with backend.draws((0, 0)):  # a scope of its own, which takes no draws away
                return self.translated_evenly(images, direction, **given)

        known[key] = backend.traced_shape(made, (shape, "float32"), *rows)
        return known[key]

    def translate(
        self, images, direction=None, *, seed=0, batch_size=16, averaged=True, **given
    ):
        """Translates images from one domain to another.

        Args:
            images: float array (n, h, w, c) in [-1, 1]; of any size where
                `takes_any_size`.
            direction: a key of `directions`; the first one by default.
            seed: integer from which networks with noise draw; the same seed gives the
                same images.
            batch_size: images translated at a time.
            averaged: use averaged weights where there are any.
            **given: what the model takes besides images, such as `attributes=`; named
                in `conditions`.

        Returns:
            float32 array (n, h', w', c') in [-1, 1].

        Raises:
            ValueError: for an unknown direction or images of the wrong shape or type.
            TypeError: for something that this model does not take, or that it needs.
        """
        direction = direction or next(iter(self.directions))
        images = self.check_translation(images, direction)
        check_seed(seed)
        rows = {"images": np.asarray(images, "float32")}
        rows |= self.condition_rows(given, len(images))
        # A tensor, since a graph is traced anew for each Python number.
        seed = ops.convert_to_tensor(seed, "int64")
        return self.in_batches(
            "translated_by_seed",
            rows,
            batch_size,
            averaged=averaged,
            direction=direction,
            seed=seed,
        )

    def way_back(self, direction):
        """The name of the direction between the same domains the other way, or None.

        Args:
            direction: a key of `directions`.
        """
        _, source, target = self.directions[direction]
        for name, (_, begin, end) in self.directions.items():
            if name != direction and (begin, end) == (target, source):
                return name
        return None

    def check_translation(self, images, direction):
        """Images that a user wants translated, as a numpy array, checked.

        Args:
            images: float array (n, h, w, c) in [-1, 1].
            direction: a key of `directions`.

        Raises:
            ValueError, TypeError: as `translate`.
        """
        if direction not in self.directions:
            raise ValueError(
                f"Expected direction in {sorted(self.directions)}, got {direction!r}."
            )
        domain = self.directions[direction].source
        source = Image(self.shape_of(domain), argument=self._argument(domain))
        images = source.of_user(type(self).__name__, images)
        few, known = min(images.shape[1:3]) < sizes.FEW_PIXELS, self.domains[domain]
        other = None not in known and images.shape[1:] != known
        if few and other and self.takes_any_size:
            made = functools.partial(self._shape_made, direction=direction)
            sizes.check_large_enough(images, made, self.size_multiple(direction))
        return images

    def translated_by_seed(self, images, direction, seed, **conditions):
        """As `translated`, its noise drawn from a seed."""
        with backend.draws(backend.fold_in((0, 0), seed)):
            return self.translated(images, direction, **conditions)

    def condition_rows(self, given, count):
        """What a user passes besides images, checked, as arrays of `count` rows.

        Args:
            given: dict by the names of `conditions`.
            count: number of images.

        Raises:
            ValueError, TypeError: as `translate`.
        """
        self._check_given(given)
        return {
            name: condition.given(name, given[name], count)
            for name, condition in self.conditions.items()
        }

    def _check_given(self, given):
        name, known = type(self).__name__, [*self.conditions]
        if unknown := sorted(set(given) - set(known)):
            raise TypeError(
                f"{name} takes {known or 'nothing'} besides images; got {unknown}."
            )
        if missing := sorted(set(known) - set(given)):
            raise TypeError(
                f"{name} needs {missing} as well; got images and {sorted(given)}. Pass "
                f"{missing[0]}=, one for all images or one per image."
            )

    @property
    def compared_parts(self):
        """The images of the first direction's target, and those of its source."""
        _, source, target = next(iter(self.directions.values()))
        return self._part(target), self._part(source)

    def real_and_fake(self, *batch):
        """Real images of the target, and translations to it, of the first direction."""
        parts = dict(zip(self.test_batch.names, batch, strict=True))
        name, direction = next(iter(self.directions.items()))
        conditions = {key: parts[key] for key in self.conditions}
        images = parts[self._part(direction.source)]
        fake = self.translated(images, name, **conditions)
        return parts[self._part(direction.target)], fake
