import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.models.checks import check_float, check_shape


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_float_images_pass_as_arrays_and_as_specs(dtype):
    check_float(tf.TensorSpec((None, 4, 4, 1), dtype))
    if dtype != "bfloat16":
        check_float(np.zeros((2, 4, 4, 1), dtype))


def test_bytes_are_refused_with_the_fix():
    with pytest.raises(ValueError, match=r"got uint8.*127.5 - 1"):
        check_float(np.zeros((2, 4, 4, 1), "uint8"))


def test_a_single_image_and_another_shape_are_refused_with_the_fix():
    check_shape("GAN", np.zeros((2, 4, 4, 1)), (4, 4, 1))
    with pytest.raises(ValueError, match=r"single ones.*ds.batch"):
        check_shape("GAN", np.zeros((4, 4, 1)), (4, 4, 1))
    with pytest.raises(ValueError, match=r"Pass image_shape=\(4, 6, 1\)"):
        check_shape("GAN", np.zeros((2, 4, 6, 1)), (4, 4, 1))
