"""Puts tests/ on the path; every test starts from one seed and leaves no state."""

import gc
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import keras
import pytest
import tensorflow as tf

# Of which `replicas.two_replicas` uses both; all else runs on the first. They must be
# set before anything touches a device.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)

# What TensorFlow and Keras consist of is never garbage, and looking through it takes
# half a second each time.
gc.collect()
gc.freeze()


@pytest.fixture(autouse=True)
def _clean_keras_state():
    keras.utils.set_random_seed(0)  # weights of a test's networks are its own
    yield
    keras.mixed_precision.set_dtype_policy("float32")
    # Collecting garbage after every test would take longer than most tests do.
    keras.utils.clear_session(free_memory=False)
