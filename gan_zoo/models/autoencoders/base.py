"""What the models share that can tell an image's code and make the image of a code."""

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.models.base.checks import check_count, check_images
from gan_zoo.models.noise_to_image.base import first_of


class Encoding:
    """Codes of images, and images of codes, for an `AdversarialModel`.

    Beside `AdversarialModel` among a class's bases. The class has an `encoder`, whose
    first output is the code, sets `image_shape`, and gives `decoded`.
    """

    @property
    def coding_networks(self):
        """The encoder and the decoder that samples are drawn with."""
        return self.sampling_networks

    def codes_of(self, images):
        """Codes (n, code length), float32, of images in [-1, 1]."""
        codes = self.encoder(images, training=False)
        return ops.cast(first_of(codes), "float32")

    def decoded(self, codes):
        """Images in [-1, 1], float32, of codes (n, code length)."""
        raise NotImplementedError(f"{type(self).__name__} must override decoded.")

    def encode(self, images, batch_size=100):
        """The codes of images; of a variational model, the means.

        Args:
            images: float array (n, *image_shape) in [-1, 1].
            batch_size: images encoded at a time.

        Returns:
            float32 array (n, code length).

        Raises:
            TypeError, ValueError: as `check_images`.
        """
        images = check_images(self, images)
        codes = np.zeros((len(images), self.code_length), "float32")
        return self._fill(codes, "codes_of", images, batch_size)

    def decode(self, codes, batch_size=100):
        """The images of codes.

        Args:
            codes: array (n, code length).
            batch_size: codes decoded at a time.

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
        images = np.zeros((len(codes), *self.image_shape), "float32")
        return self._fill(images, "decoded", codes, batch_size)

    def reconstruct(self, images, batch_size=100):
        """`decode` of `encode`: what is left of images after both."""
        return self.decode(self.encode(images, batch_size), batch_size)

    @property
    def readings(self):
        """What an exported model tells of images."""

        def reconstructed(images):
            return self.decoded(self.codes_of(images))

        return {
            "encode": ("codes", self.codes_of),
            "reconstruct": ("images", reconstructed),
        }

    @property
    def code_length(self):
        """Numbers in a code."""
        return self.encoder.outputs[0].shape[-1]

    def _fill(self, results, method, rows, batch_size):
        check_count("batch_size", batch_size)
        compiled = self.graph_of(method)
        for start in range(0, len(rows), batch_size):
            piece = slice(start, start + batch_size)
            made = compiled(ops.convert_to_tensor(rows[piece], "float32"))
            results[piece] = ops.convert_to_numpy(made)
        return results


def drawn_from(means, log_variances):
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
