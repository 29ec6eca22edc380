"""The trainable constant input of StyleGAN's synthesis network."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class ConstantInput(keras.layers.Layer):
    """A trainable feature map, which is the same for every sample.

    Args:
        shape: (height, width, channels).
        initializer: Keras initializer; all 1 by default, as StyleGAN (StyleGAN2:
            N(0, 1)).

    Input: any tensor (n, ...). Only n is used. Output (n, *shape).

    Reference: Karras et al. 2018, 1812.04948, section 2.
    """

    def __init__(self, shape, initializer="ones", **kwargs):
        super().__init__(**kwargs)
        self.shape = tuple(shape)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        self.constant = self.add_weight(
            name="constant", shape=self.shape, initializer=self.initializer
        )

    def call(self, x):
        return ops.repeat(self.constant[None], ops.shape(x)[0], axis=0)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.shape)

    def get_config(self):
        return super().get_config() | {
            "shape": self.shape,
            "initializer": keras.initializers.serialize(self.initializer),
        }
