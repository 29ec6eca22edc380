"""What models of two translators share: A → B and B → A, and their networks' checks."""

from keras import ops

from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import check_image_range, check_network
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.base import (
    Direction,
    ImageToImage,
    check_same_sides,
)


class TwoTranslators(ImageToImage):
    """An `ImageToImage` of translators in both directions, trained without pairs.

    The player `g` is both generators, the player `d` a discriminator of each domain.
    A subclass gives the paper's networks.

    Args:
        image_shape: (height, width, channels) of the images of A.
        image_shape_b: the same of B where it differs, in channels only.
        generator_a_to_b: maps images of A to images in [-1, 1] of the shape of B.
        generator_b_to_a: the same for B to A.
        discriminator_a: maps images of A to scores of any shape.
        discriminator_b: the same for B.
        **kwargs: as `AdversarialModel`.

    Raises:
        ValueError: when networks and image shapes do not fit together, or for a
            generator that ends in a sigmoid.
    """

    directions = {
        "a_to_b": Direction("generator_a_to_b", "a", "b"),
        "b_to_a": Direction("generator_b_to_a", "b", "a"),
    }
    unpaired = True

    def __init__(
        self,
        image_shape,
        image_shape_b=None,
        *,
        generator_a_to_b=None,
        generator_b_to_a=None,
        discriminator_a=None,
        discriminator_b=None,
        **kwargs,
    ):
        image_shape = check_image_shape(image_shape)
        if image_shape_b is not None:
            image_shape_b = check_image_shape(image_shape_b, "image_shape_b")

        def players():
            a, b = self.domains["a"], self.domains["b"]
            check_same_sides(a, b)
            self.check_domains(a, b)
            g = {
                "generator_a_to_b": generator_a_to_b or self.paper_generator(a, b),
                "generator_b_to_a": generator_b_to_a or self.paper_generator(b, a),
            }
            d = {
                "discriminator_a": discriminator_a or self.paper_discriminator(a),
                "discriminator_b": discriminator_b or self.paper_discriminator(b),
            }
            _check_network("generator_a_to_b", g, a, b)
            _check_network("generator_b_to_a", g, b, a)
            _check_network("discriminator_a", d, a)
            _check_network("discriminator_b", d, b)
            return {"d": d, "g": g}

        super().__init__(
            {"a": image_shape, "b": image_shape_b or image_shape},
            players,
            arguments={"b": "image_shape_b"},
            **kwargs,
        )

    def check_domains(self, shape_a, shape_b):
        """Raises ValueError for domains that the objective cannot compare."""

    def paper_generator(self, source_shape, target_shape):
        """The paper's generator between images of these shapes."""
        raise NotImplementedError

    def paper_discriminator(self, image_shape):
        """The paper's discriminator of images of this shape."""
        raise NotImplementedError

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "image_shape_b": self.domains["b"],
        }


def for_each(network, first, second):
    """The network on two batches of equal size, in one pass where that is exact.

    It is where no image of a batch touches another. A network with state, such as batch
    norm's moments, gets its batches one after the other.

    Args:
        network: Keras network with one output.
        first: batch of images.
        second: as many images.

    Returns:
        Its outputs for both, as `forward` gives them.
    """
    if network.non_trainable_variables:
        return forward(network, first), forward(network, second)
    both = forward(network, ops.concatenate([first, second]))
    return tuple(ops.split(both, 2))


def _check_network(name, networks, source, target=None):
    made = {"images": target} if target else {"scores": None}
    check_network(name, networks[name], {"images": source}, made)
    if target:
        check_image_range(name, networks[name])
