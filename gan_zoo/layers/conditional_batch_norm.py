"""Batch normalisation with a scale and a shift per class."""

import keras
from keras import ops

from gan_zoo.layers.batch_normalization import BatchNormalization


@keras.saving.register_keras_serializable("gan_zoo")
class ConditionalBatchNorm(keras.layers.Layer):
    """γ_y · (x − μ) / √(σ² + ε) + β_y, with statistics per channel over the batch.

    Under a strategy the statistics are those of the global batch. At inference they are
    running means. Initially γ = 1 and β = 0 for each class, as in batch norm.

    Args:
        num_classes: number of classes.
        momentum: momentum of the running means.
        epsilon: ε.

    Call with a list: x (n, h, w, c) and integer labels (n,) in [0, num_classes); any
    other label gives zeros. The output has the shape of x.

    Reference: Dumoulin et al. 2017, 1610.07629; de Vries et al. 2017, 1707.00683;
    defaults from the code of Miyato & Koyama 2018, 1802.05637.
    """

    def __init__(self, num_classes, momentum=0.9, epsilon=2e-5, **kwargs):
        super().__init__(**kwargs)
        self.num_classes = num_classes
        self.norm = BatchNormalization(
            momentum=momentum,
            epsilon=epsilon,
            center=False,
            scale=False,
            dtype=self.dtype_policy,
        )

    def build(self, input_shape):
        features, _ = input_shape
        self.norm.build(features)
        shape = (self.num_classes, features[-1])
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=shape, initializer="zeros")

    def call(self, inputs, training=False):
        x, labels = inputs
        # A matrix product, since the gradient of a lookup is sparse, and optimizers
        # treat sparse gradients differently.
        classes = ops.one_hot(labels, self.num_classes, dtype=self.compute_dtype)
        # (n, classes) times (classes, c) -> (n, 1, 1, c)
        gamma = ops.matmul(classes, self.gamma)[:, None, None, :]
        beta = ops.matmul(classes, self.beta)[:, None, None, :]
        return gamma * self.norm(x, training=training) + beta

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return super().get_config() | {
            "num_classes": self.num_classes,
            "momentum": self.norm.momentum,
            "epsilon": self.norm.epsilon,
        }
