"""What the models share that tell an image's code and make the image of a code."""

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.inputs import Image
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.models.base.networks import infer


class AutoencoderModel(AdversarialModel):
    """An `AdversarialModel` with an `encoder`, whose first output is an image's code.

    A subclass sets `image_shape` and gives `decoded`. One that also makes images from
    noise is a `NoiseToImage` as well.
    """

    # Largest number an image may hold where the objective has no meaning beyond it.
    image_limit = None

    @property
    def batch_parts(self):
        """Images; other parts of a batch are not used."""
        return {"images": Image(self.image_shape, self.image_limit)}

    def codes_of(self, images):
        """Codes (n, code length), float32, of images in [-1, 1]."""
        codes = infer(self.sampling_networks["encoder"], images)
        return codes[0] if isinstance(codes, (tuple, list)) else codes

    def decoded(self, codes):
        """Images in [-1, 1], float32, of codes (n, code length)."""
        raise NotImplementedError(f"{type(self).__name__} must override decoded.")

    def reconstructed(self, images):
        """Images in [-1, 1], float32: what is left of images after both."""
        return self.decoded(self.codes_of(images))

    def encode(self, images, batch_size=100, *, averaged=True):
        """The codes of images; of a variational model, the means.

        Args:
            images: float array (n, *image_shape) in [-1, 1].
            batch_size: images encoded at a time.
            averaged: use averaged weights where there are any.

        Returns:
            float32 array (n, code length).

        Raises:
            TypeError, ValueError: for what is no array of images in [-1, 1].
        """
        rows = {"images": self.checked_images(images)}
        return self.in_batches("codes_of", rows, batch_size, averaged=averaged)

    def decode(self, codes, batch_size=100, *, averaged=True):
        """The images of codes.

        Args:
            codes: array (n, code length).
            batch_size: codes decoded at a time.
            averaged: use averaged weights where there are any.

        Returns:
            float32 array (n, *image_shape) in [-1, 1].

        Raises:
            ValueError: for codes of another shape.
        """
        codes = np.asarray(codes, "float32")
        if codes.ndim != 2 or codes.shape[1] != self.code_length:
            raise ValueError(
                f"Expected codes of shape (n, {self.code_length}), got {codes.shape}."
            )
        return self.in_batches(
            "decoded", {"codes": codes}, batch_size, averaged=averaged
        )

    def reconstruct(self, images, batch_size=100, *, averaged=True):
        """`decode` of `encode`: what is left of images after both."""
        codes = self.encode(images, batch_size, averaged=averaged)
        return self.decode(codes, batch_size, averaged=averaged)

    def checked_images(self, images):
        """Images that a user passes, as a float32 array; see `Image.of_user`."""
        kind = self.batch_parts["images"]
        return kind.of_user(type(self).__name__, images).astype("float32", copy=False)

    @property
    def readings(self):
        """Endpoints of the exported model that take images.

        Dict from the endpoint's name to the name of its output and the function of
        images that computes it.
        """
        return {
            "encode": ("codes", self.codes_of),
            "reconstruct": ("images", self.reconstructed),
        }

    @property
    def code_length(self):
        """Numbers in a code."""
        return self.encoder.outputs[0].shape[-1]


def reparameterized(means, log_variances):
    """A draw z = μ + σ ε, ε ~ N(0, I), through which a gradient reaches μ and σ.

    Reference: Kingma & Welling 2013, 1312.6114, section 2.4.

    Args:
        means: (n, k).
        log_variances: log σ², (n, k).

    Returns:
        (n, k), float32.

    Raises:
        RuntimeError: outside a `backend.draws` block.
    """
    means, log_variances = (ops.cast(x, "float32") for x in (means, log_variances))
    noise = backend.normal(tuple(ops.shape(means)))
    return means + ops.exp(log_variances / 2.0) * noise
