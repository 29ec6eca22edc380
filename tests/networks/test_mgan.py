import itertools

import keras
import numpy as np
import pytest

from gan_zoo.networks.mgan import mgan_decoder, mgan_discriminator


def count(network):
    return sum(v.value.shape.num_elements() for v in network.trainable_variables)


def test_sizes_are_those_of_the_authors_code():
    """Of VGG19's maps; ours has no biases, which the authors set to 0 at each step."""
    decoder = mgan_decoder(512)
    sizes = [512, 512, 256, 128]
    kernels = 9 * 512 * 512 + 16 * (512 * 256 + 256 * 128 + 128 * 3)
    assert count(decoder) == kernels + 2 * sum(sizes[1:])
    assert decoder.compute_output_shape((1, 16, 16, 512)) == (1, 128, 128, 3)
    critic = mgan_discriminator((32, 32, 256))
    kernels = 16 * sum(a * b for a, b in itertools.pairwise([256, 256, 512])) + 512
    assert count(critic) == kernels + 2 * (256 + 512)
    # 8 x 8 patches, of which the outermost are left out.
    assert critic.output.shape[1:] == (6, 6, 1)


def test_scores_at_the_border_are_left_out():
    """A change in a corner of the map is seen by no patch that is left."""
    critic = mgan_discriminator((16, 16, 3), width=2, levels=1)
    maps = np.random.default_rng(0).normal(size=(1, 16, 16, 3)).astype("float32")
    scores = critic(maps).numpy()
    assert scores.shape == (1, 6, 6, 1)
    changed = maps.copy()
    changed[:, 0, 0] += 5.0
    np.testing.assert_array_equal(critic(changed), scores)
    changed[:, 8, 8] += 5.0
    assert np.abs(critic(changed) - scores).max() > 0


@pytest.mark.parametrize(("side", "left"), [(4, 1), (8, 2), (12, 1), (16, 2)])
def test_small_maps_keep_a_score(side, left):
    critic = mgan_discriminator((side, side, 3), width=2, levels=2)
    assert critic.output.shape[1:] == (left, left, 1)


def test_float32_at_the_ends_of_mixed_networks():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    assert mgan_decoder(4, width=2).output.dtype == "float32"
    assert mgan_discriminator((16, 16, 3), width=2).output.dtype == "float32"
