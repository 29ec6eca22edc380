"""GMMN: a generator without an opponent, trained by MMD alone (Li et al. 2015)."""

import math
import warnings

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_bandwidths
from gan_zoo.models.autoencoders.base import AutoencoderModel
from gan_zoo.models.base.network_checks import last_activation
from gan_zoo.models.base.networks import forward
from gan_zoo.models.noise_to_image.base import NoiseToImage
from gan_zoo.networks.gmmn import gmmn_code_generator, gmmn_generator
from gan_zoo.objectives import kernels
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class GMMN(NoiseToImage):
    """Generative moment matching network: samples like the data in every moment.

    Generator: minimise √MMD²(x, G(z)), the discrepancy of the batch of images x and as
    many samples (`kernels.mmd2_biased`), with k(x, y) = Σ_σ exp(−‖x − y‖² / 2σ).

    With an autoencoder, G makes codes, the discrepancy is that of codes, encoder(x) and
    G(z), and a sample is decoder(G(z)): distances of codes mean more than those of
    pixels. The autoencoder stays as it is.

    The discrepancy compares batches, so a small batch says little of the distribution:
    use batches of about 1,000. Under a strategy it is that of the global batch. Every
    replica gathers all samples.

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        latent_dim: length of the noise vector z.
        generator: maps z (n, latent_dim) to images in [-1, 1], or to codes; the paper's
            network by default. For codes it ends in a sigmoid or tanh where the encoder
            does (the paper's: sigmoid), else in a linear layer, as for a `VAE`'s.
        autoencoder: a fitted `Autoencoder`, `VAE` or `VAEGAN` of such images, None to
            compare images. It is saved with the model.
        bandwidths: the σ, squares of a distance. By default the authors' for MNIST: 1
            for codes; 2, 5, 10, 20, 40 and 80 for images in [0, 1], which is four times
            as much in [-1, 1].
        prior: distribution of z, "uniform" on [-1, 1) or "normal".
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches of images, float32 in [-1, 1]; labels beside them are ignored.
    It warns of batches of less than 100, and of an autoencoder that was never fitted.

    Raises:
        ValueError: when the networks do not fit together, for bandwidths that are not
            positive, for a generator of images that ends in a sigmoid, or for an
            unknown prior.

    Differs from the paper:
        1. Images lie in [-1, 1]; the generator of images ends in tanh (paper: [0, 1],
           sigmoid), and bandwidths are scaled as said above.
        2. The optimizer is Adam 1e-3, the weights start with variance 1 / inputs
           (authors: SGD 2 with momentum 0.9, after 10,000 of 40,000 steps 0.2 with
           0.99, and 0.1 / inputs).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=1000)
        autoencoder = gan_zoo.Autoencoder(image_shape=(28, 28, 1))
        autoencoder.compile()
        autoencoder.fit(train.unbatch().batch(100), epochs=10)
        gmmn = gan_zoo.GMMN(image_shape=(28, 28, 1), autoencoder=autoencoder)
        gmmn.compile()
        gmmn.fit(train, epochs=100)
        images = gmmn.generate(16, seed=0)

    Reference: Li et al. 2015, Generative Moment Matching Networks, 1502.02761,
    equations 3 and 6, section 4 and Algorithm 1.
    """

    tracked = ("g_loss",)

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=10,
        *,
        generator=None,
        autoencoder=None,
        bandwidths=None,
        prior="uniform",
        ema=None,
        seed=0,
        name=None,
    ):
        if not isinstance(autoencoder, (AutoencoderModel, type(None))):
            raise ValueError(
                "Expected autoencoder to be a gan_zoo Autoencoder, VAE or VAEGAN, got "
                f"{autoencoder!r}. Put networks of your own into one: "
                "gan_zoo.Autoencoder(image_shape, code_dim, encoder=..., decoder=...)."
            )
        if bandwidths is None:
            bandwidths = (
                (1.0,) if autoencoder else (8.0, 20.0, 40.0, 80.0, 160.0, 320.0)
            )
        self.bandwidths = check_bandwidths(bandwidths)
        frozen = {}
        if autoencoder:
            networks = autoencoder.sampling_networks
            frozen = {name: networks[name] for name in ("encoder", "decoder")}

        def players():
            shape = self.image_shape
            if autoencoder and tuple(autoencoder.image_shape) != shape:
                raise ValueError(
                    f"The autoencoder is one of images of shape "
                    f"{autoencoder.image_shape}, but image_shape is {shape}."
                )
            code = (autoencoder.code_length,) if autoencoder else None
            made = code or shape
            g = generator or self.paper_generator(made, latent_dim, autoencoder)
            self.check_generator(g, code)
            return {"g": {"generator": g}}

        super().__init__(
            image_shape,
            latent_dim,
            players,
            prior=prior,
            frozen=frozen,
            ema=ema,
            seed=seed,
            name=name,
        )
        # Its networks are part of this model's saved state, its optimizer is not.
        self._unsaved.autoencoder = autoencoder

    def paper_generator(self, shape, latent_dim, autoencoder):
        """The paper's generator of codes or of images of a shape.

        Its codes have the bounds of the encoder's.
        """
        if autoencoder is None:
            return gmmn_generator(shape, latent_dim)
        bounded = last_activation(autoencoder.encoder)
        activation = bounded if bounded in ("sigmoid", "tanh") else "linear"
        return gmmn_code_generator(*shape, latent_dim, activation=activation)

    def paper_optimizers(self):
        """Adam 1e-3."""
        return {"g": Adam(1e-3)}

    @property
    def autoencoder(self):
        """The autoencoder whose codes are generated, or None."""
        return self._unsaved.autoencoder

    def fit(self, x=None, y=None, batch_size=None, *args, **kwargs):
        """As in every model; warns of small batches and of an untrained autoencoder."""
        self._warn_of_untrained_codes()
        _warn_of_small_batches(x, batch_size)
        return super().fit(x, y, batch_size, *args, **kwargs)

    def _warn_of_untrained_codes(self):
        # A loaded model's autoencoder does not know how long it was trained.
        fitted = self.trained_steps or not self.autoencoder
        if not fitted and not self.autoencoder.trained_steps:
            warnings.warn(
                "Expected a fitted autoencoder, got one after 0 training steps: codes "
                "of untrained weights mean little. Call its compile() and fit() first, "
                "unless its networks were trained elsewhere.",
                stacklevel=3,
            )

    def train_step(self, data):
        """Algorithm 1: one step down the discrepancy of a batch and as many samples."""
        ((images,),) = self.minibatches(data)
        real = self.compared(images)

        def objective():
            z = self.latents(ops.shape(real)[0])
            loss = self.discrepancy(real, forward(self.generator, z))
            return loss, {"g_loss": loss}

        with self.draws("generator"):
            self.update("g", objective)
        return self.finish_step()

    def compared(self, images):
        """What the discrepancy compares of images: their codes or themselves."""
        return self.autoencoder.codes_of(images) if self.autoencoder else images

    def discrepancy(self, real, fake):
        """√MMD² of two samples, each spread over the replicas.

        Args:
            real: codes or images.
            fake: as many.

        Returns:
            Scalar.
        """
        # (n, ...) -> (n, d)
        x, y = (
            backend.gather(ops.reshape(v, (-1, math.prod(v.shape[1:]))))
            for v in (real, fake)
        )
        matrices = kernels.kernel_matrices(self.kernel, x, y)
        return ops.sqrt(ops.maximum(kernels.mmd2_biased(*matrices), 1e-10))

    def kernel(self, x, y):
        """Σ_σ exp(−‖x − y‖² / 2σ)."""
        return kernels.rbf_kernel(x, y, [math.sqrt(s) for s in self.bandwidths])

    def sample(self, z):
        """Images in [-1, 1], float32, of latents (n, latent_dim)."""
        samples = super().sample(z)
        return self.autoencoder.decoded(samples) if self.autoencoder else samples

    def get_config(self):
        """Arguments of the model, networks included."""
        config = super().get_config()
        for name in ("encoder", "decoder"):  # the autoencoder has them
            config.pop(name, None)
        save = keras.saving.serialize_keras_object
        return config | {
            "autoencoder": self.autoencoder and save(self.autoencoder),
            "bandwidths": self.bandwidths,
            "prior": self.prior,
        }


def _warn_of_small_batches(x, batch_size):
    """Warns of batches that show little of a distribution, where their rows are known.

    Args:
        x: data set or arrays, as `fit` takes them.
        batch_size: rows per batch of arrays, 32 by default.
    """
    rows = batch_size or 32
    if hasattr(x, "element_spec"):
        first = keras.tree.flatten(x.element_spec)[0]
        shape = getattr(first, "shape", None)
        rows = shape[0] if getattr(shape, "rank", None) else None
    # What is no number is refused in words, where all of `fit`'s arguments are checked.
    if isinstance(rows, int) and rows < 100:
        warnings.warn(
            f"Expected batches of about 1,000 images, the paper's, got {rows}: the "
            "discrepancy of so few is mostly noise. Take larger ones: batch_size=1000.",
            stacklevel=3,
        )
