import keras
import numpy as np
from gan_zoo.models.base.average import move_average, twin


def normed():
    x = keras.Input((2,))
    return keras.Model(x, keras.layers.BatchNormalization()(keras.layers.Dense(2)(x)))


def test_a_twin_has_the_same_weights_and_no_optimizer_moves_it():
    network = normed()
    copy = twin(network)
    for kept, new in zip(copy.weights, network.weights, strict=True):
        assert kept is not new
        np.testing.assert_array_equal(kept, new)
    assert copy.trainable_variables == []
    assert len(network.trainable_variables) == 4


def test_what_an_optimizer_moves_is_averaged_and_statistics_are_copied():
    network = normed()
    copy = twin(network)
    for variable in network.weights:
        variable.assign(np.full(variable.shape, 1.0))
    for variable in copy.weights:
        variable.assign(np.full(variable.shape, 3.0))
    for wanted in (2.6, 2.28):  # 0.8 * 3 + 0.2 * 1, then 0.8 * 2.6 + 0.2 * 1
        move_average([copy], [network], 0.8)
        for kept in copy.weights:
            value = 1.0 if "moving" in kept.path else wanted
            np.testing.assert_allclose(kept, np.full(kept.shape, value), rtol=1e-6)
    assert sum("moving" in v.path for v in copy.weights) == 2
