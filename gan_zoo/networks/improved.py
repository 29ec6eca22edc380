"""Networks of the ImprovedGAN paper.

They are a discriminator with minibatch discrimination, and the networks of the
semi-supervised experiment on MNIST.
"""

import math

import keras

from gan_zoo.layers import (
    BatchNormalization,
    Dropout,
    GaussianNoise,
    MinibatchDiscrimination,
    WeightNormConv2D,
    WeightNormDense,
)
from gan_zoo.networks.blocks import ImageSizeError, to_logit


def improved_discriminator(image_shape, width=96, kernels=100, kernel_dim=5):
    """The authors' CIFAR-10 network: nine convolutions, then minibatch discrimination.

    It has weight normalisation with fixed norms, noise on the pixels, dropout of half
    of the features after each downsampling, and leaky ReLU 0.2.

    Args:
        image_shape: (height, width, channels), sides of at least 9.
        width: channels of the first three convolutions; the others have twice as many.
        kernels: number of features that minibatch discrimination appends.
        kernel_dim: length of the vectors that it compares.

    Returns:
        Functional model (n, *image_shape) → logits (n, 1), float32.

    Raises:
        ImageSizeError: for smaller images.

    Reference: Salimans et al. 2016, 1606.03498, section 6.2 and the authors' code.
    """
    if min(image_shape[:2]) < 9:
        raise ImageSizeError(
            f"Expected images of at least 9 × 9 pixels, got {image_shape[:2]}: after "
            "two halvings a 3 × 3 convolution without padding must still fit."
        )

    def conv(x, channels, size=3, strides=1, padding="same"):
        x = WeightNormConv2D(
            channels,
            size,
            strides,
            padding,
            kernel_initializer="he_normal",
            train_scale=False,
        )(x)
        return keras.layers.LeakyReLU(0.2)(x)

    image = keras.Input(image_shape)
    x = GaussianNoise(0.2)(image)
    for channels in (width, 2 * width):
        x = conv(conv(x, channels), channels)
        x = Dropout(0.5)(conv(x, channels, strides=2))
    x = conv(x, 2 * width, padding="valid")
    x = conv(conv(x, 2 * width, size=1), 2 * width, size=1)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = MinibatchDiscrimination(kernels, kernel_dim)(x)
    return keras.Model(image, to_logit(x), name="discriminator")


def semi_supervised_generator(image_shape, latent_dim=100, width=500):
    """The authors' MNIST generator: z → two layers of softplus with batch norm → image.

    Args:
        image_shape: shape of an image without the batch axis.
        latent_dim: length of z.
        width: units of each hidden layer.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) in [-1, 1].

    Reference: Salimans et al. 2016, 1606.03498, section 6.1 and the authors' code.
    """
    x = z = keras.Input((latent_dim,))
    for _ in range(2):
        x = keras.layers.Dense(width, use_bias=False)(x)
        x = BatchNormalization(momentum=0.9, epsilon=1e-6, scale=False)(x)
        x = keras.layers.Activation("softplus")(x)
    x = WeightNormDense(math.prod(image_shape), "sigmoid", dtype="float32")(x)
    # The authors' pixels are in [0, 1]. Here they are mapped to [-1, 1], since tanh
    # would saturate twice as fast.
    x = keras.layers.Rescaling(2.0, -1.0, dtype="float32")(x)
    # (n, h * w * c) -> (n, h, w, c)
    image = keras.layers.Reshape(image_shape)(x)
    return keras.Model(z, image, name="generator")


def semi_supervised_classifier(
    image_shape, num_classes=10, widths=(1000, 500, 250, 250, 250)
):
    """The authors' MNIST classifier: five hidden layers with noise on every input.

    Weights are normalised. Their norms are fixed, except in the last layer: with larger
    weights the noise would have no effect.

    Args:
        image_shape: shape of an image without the batch axis.
        num_classes: K.
        widths: units of the hidden layers.

    Returns:
        Functional model (n, *image_shape) → [class logits (n, K), features (n, d)], the
        last hidden layer's; both float32.

    Reference: Salimans et al. 2016, 1606.03498, section 6.1 and the authors' code.
    """
    image = keras.Input(image_shape)
    x = keras.layers.Flatten()(image)
    # To [0, 1]. With a background of -1 the gradients of all first weights would be
    # almost equal.
    x = keras.layers.Rescaling(0.5, 0.5)(x)
    x = GaussianNoise(0.3)(x)
    for units in widths:
        features = WeightNormDense(
            units, "relu", kernel_initializer="he_normal", train_scale=False
        )(x)
        x = GaussianNoise(0.5)(features)
    logits = WeightNormDense(num_classes, dtype="float32", name="class_logits")(x)
    features = keras.layers.Activation("linear", dtype="float32", name="features")(
        features
    )
    return keras.Model(image, [logits, features], name="discriminator")
