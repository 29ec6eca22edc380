import keras
import numpy as np
import pytest

from gan_zoo.networks.cut import layer_outputs, patch_heads
from gan_zoo.networks.cyclegan import resnet_generator


@pytest.mark.parametrize(("blocks", "count"), [(9, 4), (6, 4), (2, 4), (1, 3)])
def test_the_paper_s_layers_of_a_residual_generator(blocks, count):
    generator = resnet_generator((16, 16, 3), width=2, blocks=blocks)
    found = layer_outputs(generator)
    shapes = [(8, 8, 4), (4, 4, 8), (4, 4, 8), (4, 4, 8)]
    made = keras.Model(generator.inputs[0], found)(np.zeros((1, 16, 16, 3)))
    assert [x.shape[1:] for x in made] == shapes[:count]
    adds = [x.output for x in generator.layers if isinstance(x, keras.layers.Add)]
    assert found[2] is adds[0]
    assert found[-1] is adds[min(4, blocks - 1)]


def test_layers_are_chosen_by_name():
    generator = resnet_generator((16, 16, 3), width=2, blocks=1)
    names = [layer.name for layer in generator.layers if "conv" in layer.name]
    (found,) = layer_outputs(generator, names[1:2])
    assert found is generator.get_layer(names[1]).output
    with pytest.raises(ValueError, match=r"Expected layers as names out of .*nowhere"):
        layer_outputs(generator, ["nowhere"])
    image = keras.Input((8, 8, 1))
    flat = keras.layers.Flatten(name="flat")(image)
    made = keras.layers.Reshape((8, 8, 1))(flat)
    with pytest.raises(ValueError, match=r"got \(None, 64\) of 'flat'"):
        layer_outputs(keras.Model(image, made), ["flat"])
    with pytest.raises(ValueError, match="Pass layers="):
        layer_outputs(keras.Model(image, made))


def test_heads_make_vectors_of_length_one():
    heads = patch_heads([3, 5], width=16)
    rng = np.random.default_rng(0)
    made = heads([100 * rng.normal(size=(2, n, c)) for n, c in ((7, 3), (6, 5))])
    assert [x.shape for x in made] == [(2, 7, 16), (2, 6, 16)]
    for vectors in made:
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, rtol=1e-4)
    assert patch_heads([3]).count_params() == 3 * 256 + 256 + 256 * 256 + 256
