"""CUT's layers of a generator, and the heads that compare their patches."""

import keras
from keras import ops

from gan_zoo.networks.blocks import normal


def layer_outputs(generator, names=None):
    """The outputs of the layers of a generator that are compared.

    Args:
        generator: functional model, such as `resnet_generator`'s.
        names: names of the layers. By default those of the paper, beside the pixels:
            the first and second convolution of stride 2, and the first and fifth
            residual block, or the last one if there are fewer.

    Returns:
        List of symbolic tensors (n, h, w, c).

    Raises:
        ValueError: for unknown layers, none, or layers of another shape.

    Reference: Park et al. 2020, 2007.15651, appendix C.1.
    """
    known = [layer.name for layer in generator.layers]
    chosen = _paper_layers(generator) if names is None else names
    if not chosen or set(chosen) - set(known):
        raise ValueError(
            f"Expected layers as names out of {', '.join(known)}; got {chosen}. Pass "
            "layers=[...], those of the first half of the generator."
        )
    outputs = [generator.get_layer(name).output for name in chosen]
    for name, output in zip(chosen, outputs, strict=True):
        if len(output.shape) != 4:
            raise ValueError(
                f"Expected layers of shape (n, h, w, c), got {tuple(output.shape)} of "
                f"{name!r}."
            )
    return outputs


def _paper_layers(generator):
    halving = [
        layer.name
        for layer in generator.layers
        if type(layer) is keras.layers.Conv2D and layer.strides == (2, 2)
    ]
    blocks = [x.name for x in generator.layers if isinstance(x, keras.layers.Add)]
    last = blocks[4:5] or blocks[-1:]
    return list(dict.fromkeys([*halving[:2], *blocks[:1], *last]))


def patch_heads(channels, width=256):
    """The paper's heads, one for each layer: two dense layers, vectors of length 1.

    Args:
        channels: list of the channels of each layer.
        width: units of each dense layer.

    Returns:
        Functional model of a list of features (n, p, c) at p places, one for each
        layer, → list of vectors (n, p, width), float32.

    Reference: Park et al. 2020, 2007.15651, section 3 and appendix C.1.
    """
    features = [keras.Input((None, count)) for count in channels]
    return keras.Model(features, [_head(x, width) for x in features], name="heads")


def _head(x, width):
    x = keras.layers.Dense(width, "relu", kernel_initializer=normal(0.02))(x)
    x = keras.layers.Dense(width, kernel_initializer=normal(0.02), dtype="float32")(x)
    return x / (ops.sqrt(ops.sum(ops.square(x), -1, keepdims=True)) + 1e-7)
