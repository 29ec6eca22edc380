"""Feature maps of a pretrained network, for objectives that compare images by them."""

import keras

from gan_zoo.features.squeezenet import build
from gan_zoo.features.weights import read_arrays

# The layers of VGG19 whose names papers use, behind the activation.
_VGG = {
    f"vgg{number}": f"block{number[0]}_conv{number[1]}"
    for number in ("12", "22", "31", "34", "41", "44", "51", "54")
}
# Ledig et al. 2017, section 3.2: features are divided by this.
_VGG_SCALE = 12.75
# So that SqueezeNet's maps, of images in [0, 255], are of order 1.
_SQUEEZENET_SCALE = 100.0
_SQUEEZENET = tuple(f"squeezenet{number}" for number in range(1, 8))


def feature_maps(name, weights=None):
    """A network of images in [-1, 1] to feature maps, whose weights are to stay.

    | name | features |
    |---|---|
    | `vgg54`, `vgg22`, `vgg31` ... | VGG19: block 5, convolution 4, ..., / 12.75 |
    | `vgg54_linear` ... | the same before the activation |
    | `squeezenet1` ... `squeezenet7` | SqueezeNet's maps that LPIPS compares, / 100 |

    Keras downloads the weights of VGG19 at first use. Those of SqueezeNet are in this
    package.

    Args:
        name: one of these.
        weights: file of SqueezeNet's weights, by default the one in the package; for
            VGG19 a file of Keras, or "random" for tests.

    Returns:
        Functional `keras.Model` of images (n, h, w, 3) of any size → features (n, h',
        w', c), float32.

    Raises:
        ValueError: for another name, or a file that is not the published one.
        FileNotFoundError: if the weights are not there.
    """
    check_map(name)
    layer, _, kind = name.partition("_")
    if layer in _VGG:
        return _vgg(name, _VGG[layer], kind == "linear", weights)
    network = build(read_arrays("squeezenet", weights))
    output = network.outputs[_SQUEEZENET.index(name)]
    return keras.Model(network.input, output / _SQUEEZENET_SCALE, name=name)


def check_map(name):
    """Raises ValueError for a name that `feature_maps` does not know."""
    known = {*_VGG, *(f"{layer}_linear" for layer in _VGG), *_SQUEEZENET}
    if name not in known:
        raise ValueError(
            f"Expected feature maps out of {', '.join([*_VGG, *_SQUEEZENET])}, or of "
            f"VGG19 with _linear behind the name, got {name!r}."
        )


def _vgg(name, layer, linear, weights):
    source = None if weights == "random" else weights or "imagenet"
    try:
        network = keras.applications.VGG19(include_top=False, weights=source)
    except Exception as error:  # of the network, the disk or Keras
        raise FileNotFoundError(
            f"Expected the weights of VGG19 ({source}), got none: {error}. Download "
            "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 of keras.applications "
            f"and build the network by gan_zoo.features.feature_maps({name!r}, "
            "weights='<its path>'); or take maps of SqueezeNet, such as 'squeezenet4', "
            "which is in the package."
        ) from error
    image = keras.Input((None, None, 3), dtype="float32")
    # Keras's preprocessing: blue, green and red from 0 to 255 minus their means.
    x = (image[..., ::-1] + 1.0) * 127.5
    x = x - keras.ops.convert_to_tensor([103.939, 116.779, 123.68])
    layer = network.get_layer(layer)
    if linear:
        before = keras.layers.Conv2D.from_config(
            layer.get_config() | {"activation": None, "name": f"{layer.name}_linear"}
        )
        output = before(layer.input)
        before.set_weights(layer.get_weights())
    else:
        output = layer.output
    layers = keras.Model(network.input, output)
    return keras.Model(image, layers(x) / _VGG_SCALE, name=name)
