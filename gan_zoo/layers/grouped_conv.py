"""A convolution in groups of channels, whose gradient is fast on a CPU as well."""

import keras

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class GroupedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` of stride 1 and SAME padding, with `groups`.

    It has the weights and results of Keras's layer. On a CPU, TensorFlow's kernel for
    groups takes 35 to 130 times as long for a gradient as one convolution per group.

    Args:
        filters: number of output channels, a multiple of `groups`.
        kernel_size: size of the kernel.
        groups: number of groups of channels.
        **kwargs: as in `keras.layers.Conv2D`, without strides and padding.

    Input (n, h, w, c), c a multiple of `groups`; output (n, h, w, filters).
    """

    def __init__(self, filters, kernel_size=3, groups=1, **kwargs):
        kwargs = {"padding": "same"} | kwargs
        super().__init__(filters, kernel_size, groups=groups, **kwargs)
        if self.strides != (1, 1) or self.padding != "same":
            raise ValueError(
                "Expected strides=1 and padding='same', got "
                f"{self.strides} and {self.padding!r}."
            )

    def convolution_op(self, inputs, kernel):
        """Applies the kernel to the inputs. Keras calls this method."""
        return backend.grouped_conv(inputs, kernel, self.groups)
