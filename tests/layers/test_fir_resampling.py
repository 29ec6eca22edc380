import numpy as np
import pytest
from testing import golden, rebuilt

from gan_zoo.layers import FIRDownsample, FIRUpsample


@pytest.mark.parametrize(
    ("layer", "name"),
    [(FIRUpsample, "upsample2d_2"), (FIRDownsample, "downsample2d_2")],
)
def test_equals_the_authors_of_stylegan2(layer, name):
    with np.load(golden("stylegan2_ops.npz")) as archive:
        x, y = archive["upfirdn2d/in/x"], archive[f"upfirdn2d/out/1331/{name}"]
    made = layer()(np.transpose(x, (0, 2, 3, 1)))
    wanted = np.transpose(y, (0, 2, 3, 1))
    np.testing.assert_allclose(made, wanted, atol=2e-7 * np.abs(wanted).max())


def test_the_two_are_adjoint_up_to_a_factor():
    """⟨down(x), y⟩ = ⟨x, up(y)⟩ / 4, since the filter is symmetric."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 8, 6, 3)).astype("float32")
    y = rng.normal(size=(2, 4, 3, 3)).astype("float32")
    left = np.sum(FIRDownsample()(x).numpy() * y)
    right = np.sum(x * FIRUpsample()(y).numpy()) / 4
    assert left == pytest.approx(right, rel=1e-4)


def test_shapes_of_open_sides():
    shape = (None, None, 6, 3)
    assert FIRUpsample().compute_output_shape(shape) == (None, None, 12, 3)
    assert FIRDownsample().compute_output_shape(shape) == (None, None, 3, 3)
    assert isinstance(rebuilt(FIRUpsample()), FIRUpsample)
