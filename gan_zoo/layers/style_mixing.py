"""Style mixing: coarse layers use one latent, fine layers another."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class SecondLatents(keras.layers.Layer):
    """Appends new standard normal latents to the batch in training.

    Input z (n, d), or [z, labels] with labels (n,). Output as the input; in training of
    2n rows, where new latents have the same labels as those of the batch.
    """

    def call(self, inputs, training=False):
        if not training:
            return inputs
        if not isinstance(inputs, (list, tuple)):
            return self._appended(inputs)
        z, labels = inputs
        return [self._appended(z), ops.concatenate([labels, labels])]

    def _appended(self, z):
        return ops.concatenate([z, backend.normal(tuple(ops.shape(z)), z.dtype)])

    def compute_output_shape(self, input_shape):
        if isinstance(input_shape[0], (list, tuple)):
            return [(None, *shape[1:]) for shape in input_shape]
        return (None, input_shape[-1])


@keras.saving.register_keras_serializable("gan_zoo")
class StyleMixing(keras.layers.Layer):
    """One style per layer: w before a random crossover point, w2 after it.

    In training a fraction of the images is mixed, each at its own crossover point. At
    inference all layers get w.

    Args:
        layers: number of style inputs of the synthesis network.
        probability: fraction of images with two latents.

    Input: the styles of `SecondLatents`, (2n, d) in training, with w2 after w, else
    (n, d). Output (n, layers, d).

    Reference: Karras et al. 2018, 1812.04948, section 3.1 (the released code draws one
    crossover per minibatch; the paper speaks of images, as here).
    """

    def __init__(self, layers, probability=0.9, **kwargs):
        super().__init__(**kwargs)
        # Keras reads an attribute `layers` as the list of a layer's own layers.
        self.style_count = layers
        self.probability = probability

    def call(self, w, training=False):
        w = ops.repeat(w[:, None, :], self.style_count, axis=1)
        if not training:
            return w
        w, w2 = ops.split(w, 2, axis=0)
        count = ops.shape(w)[0]
        mixed = backend.uniform((count, 1, 1)) < self.probability
        crossover = ops.floor(backend.uniform((count, 1, 1), 1.0, self.style_count))
        layer = ops.reshape(ops.arange(self.style_count, dtype="float32"), (1, -1, 1))
        return ops.where(ops.logical_and(mixed, layer >= crossover), w2, w)

    def compute_output_shape(self, input_shape):
        return (None, self.style_count, input_shape[-1])

    def get_config(self):
        return super().get_config() | {
            "layers": self.style_count,
            "probability": self.probability,
        }
