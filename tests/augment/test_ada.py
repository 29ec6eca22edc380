import numpy as np
import pytest
import tensorflow as tf
from replicas import two_replicas
from testing import rebuilt

from gan_zoo.augment import ADA


def built(**kwargs):
    layer = ADA(**{"images": 80, "interval": 2, "operations": "blits"} | kwargs)
    layer.build((None, 8, 8, 1))
    return layer


def scores(*values):
    return tf.reshape(tf.constant(values, "float32"), (-1, 1))


def test_p_moves_by_the_images_seen_towards_the_target():
    layer = built(target=0.5)
    overfitted, unsure = scores(3.0, 2.0, 1.0, 9.0), scores(1.0, -1.0, 1.0, -1.0)
    seen = []
    for batch in (overfitted, overfitted, overfitted, unsure, overfitted, overfitted):
        layer.adjust(batch)
        seen.append(float(layer.p))
    # 8 images of 80 each second update: r_t is 1, then (1 + 0) / 2 = the target.
    np.testing.assert_allclose(seen, [0, 0.1, 0.1, 0.1, 0.1, 0.2], atol=1e-6)
    for _ in range(8):
        layer.adjust(unsure)
    assert float(layer.p) == 0.0


def test_replicas_count_the_signs_of_all_rows():
    strategy = two_replicas()
    with strategy.scope():
        layer = built(target=0.2, interval=1)
    rows = np.array([[1.0], [1.0], [1.0], [-1.0]], "float32")  # r_t = 0.5

    @tf.function
    def step(data):
        strategy.run(layer.adjust, args=(data,))

    data = tf.data.Dataset.from_tensors(tf.constant(rows)).unbatch().batch(4)
    step(next(iter(strategy.experimental_distribute_dataset(data))))
    assert float(layer.p.value.numpy()) == pytest.approx(4 / 80)


def test_it_is_rebuilt_from_its_configuration():
    layer = rebuilt(ADA(0.7, 1000, 3, p=0.25, operations=("color",)))
    assert (layer.target, layer.images, layer.interval) == (0.7, 1000, 3)
    assert (layer.initial_p, next(iter(layer.factors))) == (0.25, "brightness")


@pytest.mark.parametrize(
    "wrong", [{"target": 2.0}, {"images": 0}, {"interval": 0}, {"p": 2.0}]
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=f"Expected {next(iter(wrong))}"):
        ADA(**wrong)
