"""Compares one device with two replicas on a frozen graph; run by its test in its own
process, because logical devices are set before anything touches a device."""

import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import numpy as np
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)

from gan_zoo.features.inception import InceptionFeatures, layout  # noqa: E402
from gan_zoo.metrics import FrechetDistance  # noqa: E402


def value(strategy, path):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (2, 12, 16, 16, 3)).astype("float32")
    images[1] /= 2
    data = tf.data.Dataset.from_tensor_slices(tuple(images)).batch(4)
    with strategy.scope():
        metric = FrechetDistance(InceptionFeatures(layout(path), "small"))

    @tf.function
    def step(batch):
        strategy.run(metric.update_state, args=batch)

    for batch in strategy.experimental_distribute_dataset(data):
        step(batch)
    return float(metric.result()), metric.protocol()


one = value(tf.distribute.OneDeviceStrategy("CPU:0"), sys.argv[1])
two = value(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]), sys.argv[1])
print(one, two)
np.testing.assert_allclose(one[0], two[0], rtol=1e-5)
assert one[1] == two[1]
assert one[0] > 1e-3
print("agree")
