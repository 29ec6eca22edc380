"""An autoencoder: the codes that GMMN learns to generate (Li et al. 2015)."""

import keras
from keras import ops

from gan_zoo.checks import check_count
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.autoencoders.base import AutoencoderModel
from gan_zoo.models.base.network_checks import check_logits, check_network
from gan_zoo.networks.gmmn import autoencoder_decoder, autoencoder_encoder
from gan_zoo.objectives.likelihoods import bernoulli_log_likelihood, bernoulli_means
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class Autoencoder(AutoencoderModel):
    """An encoder to short codes and a decoder back to images.

    Autoencoder: minimise −E Σ t log t̂ + (1 − t) log(1 − t̂), the cross entropy of the
    pixels t = (x + 1) / 2 and of t̂ = σ(decoder(encoder(x))), in nats per image.

    With dropout in the encoder, similar codes decode to similar images. A code with a
    small error then still gives a good image.

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        code_dim: length of a code.
        encoder: maps images to codes (n, code_dim); the paper's for MNIST by default.
        decoder: maps codes to a logit per pixel; the paper's for MNIST by default.
        ema: decay of the moving average of both networks, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches of images, float32 in [-1, 1]; labels beside them are ignored.
    `evaluate` compares images with their reconstructions.

    Raises:
        ValueError: when the networks do not fit `image_shape` and `code_dim`, or the
            decoder ends in a sigmoid, tanh or another bounded activation.

    Differs from the paper:
        1. Both layers are trained together from the start, by Adam 1e-3 (paper: one by
           one and then together, by SGD 0.1 with momentum 0.9 and gradients clipped to
           a norm of 10, from which the codes saturate unless layers come one by one).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=100)
        autoencoder = gan_zoo.Autoencoder(image_shape=(28, 28, 1))
        autoencoder.compile()
        autoencoder.fit(train, epochs=10)
        same = autoencoder.decode(autoencoder.encode(images))

    Reference: Li et al. 2015, Generative Moment Matching Networks, 1502.02761, section
    4.
    """

    tracked = ("loss",)
    image_limit = 1.0

    def __init__(
        self,
        image_shape=(28, 28, 1),
        code_dim=32,
        *,
        encoder=None,
        decoder=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        check_count("code_dim", code_dim)
        encoder = encoder or autoencoder_encoder(image_shape, code_dim)
        decoder = decoder or autoencoder_decoder(image_shape, code_dim)
        images, codes = {"images": image_shape}, {"codes": (code_dim,)}
        check_network("encoder", encoder, images, codes)
        check_network("decoder", decoder, codes, {"logits": image_shape})
        check_logits("decoder", decoder)
        self.image_shape = image_shape
        self.code_dim = code_dim
        super().__init__(
            {"autoencoder": {"encoder": encoder, "decoder": decoder}},
            ema=ema,
            seed=seed,
            name=name,
        )

    def decays(self):
        """Both networks are averaged."""
        return {"autoencoder": self.ema}

    def paper_optimizers(self):
        """Adam 1e-3."""
        return {"autoencoder": Adam(1e-3)}

    def train_step(self, data):
        """One step down the cross entropy."""
        ((images,),) = self.minibatches(data)

        def objective():
            codes = self.encoder(images, training=True)
            logits = self.decoder(codes, training=True)
            loss = -ops.mean(bernoulli_log_likelihood(images, logits))
            return loss, {"loss": loss}

        with self.draws("autoencoder"):
            self.update("autoencoder", objective)
        return self.finish_step()

    def decoded(self, codes):
        """Images in [-1, 1], float32, of codes (n, code_dim)."""
        decoder = self.sampling_networks["decoder"]
        return bernoulli_means(decoder(codes, training=False))

    def real_and_fake(self, images):
        """Images and their reconstructions."""
        return images, self.reconstructed(images)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.image_shape,
            "code_dim": self.code_dim,
        }
