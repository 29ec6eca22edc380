import numpy as np
import pytest
import tensorflow as tf
from inputs.systems import FeaturesGAN, TextGAN, arrays, data_for

import gan_zoo
from gan_zoo.data.first_conditions import first_conditions, needed_conditions


@pytest.mark.parametrize(
    ("system", "name"), [(TextGAN, "texts"), (FeaturesGAN, "features")]
)
@pytest.mark.parametrize("count", [1, 4, 7, 24])
def test_the_first_rows_in_their_order(system, name, count):
    model = system.build()
    assert needed_conditions(model) == [name]
    found = first_conditions(model, data_for(model), count)
    wanted = arrays()[name][:count]
    assert list(found) == [name]
    if name == "texts":
        found[name] = [text.decode() for text in found[name]]
    np.testing.assert_array_equal(found[name], wanted)
    assert len(model.generate(count, **found)) == count


def test_few_rows_are_repeated():
    model = FeaturesGAN.build()
    given = arrays()
    pairs = given["images"][:3], given["features"][:3]
    data = tf.data.Dataset.from_tensor_slices(pairs).batch(2)
    found = first_conditions(model, data, 5)["features"]
    np.testing.assert_array_equal(found, given["features"][[0, 1, 2, 0, 1]])
    with pytest.raises(ValueError, match="without rows"):
        first_conditions(model, data.take(0), 5)


def test_what_can_be_drawn_is_not_taken_from_the_data():
    model = gan_zoo.CGAN((8, 8, 1), 3, num_classes=2)
    assert first_conditions(model, None, 5) == {}
