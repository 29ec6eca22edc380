"""The bridge to TensorFlow Addons.

Tests that need TensorFlow Addons skip where the extra `tfa` is not installed.
"""

import importlib.util
import os
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
import replicas
import tensorflow as tf
from test_coming_from_tfa_or_tfgan import RELATIVE, descend
from testing import golden

import gan_zoo
from gan_zoo import addons
from gan_zoo.callbacks import RunCheckpoint
from gan_zoo.networks.gan import mlp

INSTALLED = importlib.util.find_spec("tensorflow_addons") is not None
needs_tfa = pytest.mark.skipif(not INSTALLED, reason="the extra tfa is not installed")


def loaded():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Addons' end of life
        return addons.load_tfa()


@pytest.fixture(scope="module")
def tfa():
    return loaded()


@pytest.fixture(scope="module")
def tf_keras():
    return pytest.importorskip("tf_keras")


@pytest.fixture(scope="module")
def recorded():
    return np.load(golden("tfa.npz"))


# Loading Addons.


@needs_tfa
def test_addons_loads_beside_keras_3(tfa, tf_keras):
    assert tfa.__version__ == "0.23.0"
    assert addons.load_tfa() is tfa
    assert issubclass(tfa.layers.Maxout, tf_keras.layers.Layer)
    assert importlib.import_module("keras") is keras
    assert importlib.import_module("tensorflow") is tf
    assert importlib.import_module("tensorflow.keras").layers is tf.keras.layers
    assert tf.keras.layers.Dense is keras.layers.Dense
    assert importlib.import_module("keras.src").__name__ == "keras.src"
    assert "keras.src.engine" not in sys.modules


AFTER_A_FAILURE = """
import warnings
warnings.simplefilter("ignore")
try:
    import tensorflow_addons
except ModuleNotFoundError as error:
    print(error)
from gan_zoo import addons
print(addons.load_tfa().layers.Maxout(1)([[3.0, 5.0]]).numpy())
"""


@needs_tfa
@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, "No module named 'keras.src.engine'\n[[5.]]\n"),
        (
            {"TF_USE_LEGACY_KERAS": "1"},
            "No module named 'keras.src.engine'\n[[5.]]\n",
        ),
    ],
)
def test_loads_where_a_plain_import_failed(environment, wanted):
    assert in_a_new_process(AFTER_A_FAILURE, **environment) == wanted


def in_a_new_process(code, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_python_without_addons_is_refused(monkeypatch):
    monkeypatch.delitem(sys.modules, "tensorflow_addons", raising=False)
    monkeypatch.setattr(sys, "version_info", (3, 12, 0))
    with pytest.raises(ImportError, match=r"3\.9 to 3\.11.*coming_from_tfa"):
        addons.load_tfa()


@pytest.mark.skipif(INSTALLED, reason="the extra tfa is installed")
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="refused for its Python")
def test_the_missing_extra_is_named():
    with pytest.raises(ImportError, match=r"tensorflow_addons.*'gan_zoo\[tfa\]'"):
        addons.load_tfa()
    saved = {"registered_name": "Addons>Yogi", "class_name": "Yogi", "config": {}}
    with pytest.raises(ImportError, match=r"with a Yogi.*\[tfa\].*compile=False"):
        addons.LegacyOptimizer.from_config({"optimizer": saved, "name": "yogi"})


@needs_tfa
def test_layers_give_what_they_gave_on_tensorflow_2_15(tfa, tf_keras, recorded):
    def check(value, name):
        np.testing.assert_allclose(value, recorded[name], rtol=RELATIVE, atol=1e-6)

    check(tfa.layers.Maxout(2)(recorded["xi"]), "maxout_y")
    for layer, name in (
        (tfa.layers.InstanceNormalization(epsilon=float(recorded["in_eps"])), "in_y"),
        (tfa.layers.GroupNormalization(2, epsilon=float(recorded["gn_eps"])), "gn_y"),
    ):
        layer.build(recorded["xi"].shape)
        layer.set_weights([recorded["g"], recorded["be"]])
        check(layer(recorded["xi"]), name)
    conv = tf_keras.layers.Conv2D(5, 4, strides=2, padding="same")
    layer = tfa.layers.SpectralNormalization(conv)
    layer.build(recorded["x"].shape)
    conv.set_weights([recorded["k"], recorded["b"]])
    layer.u.assign(recorded["u"])
    for training, name in ((False, "y0"), (True, "y1"), (True, "y2"), (False, "y3")):
        check(layer(recorded["x"], training=training), f"sn1_{name}")
    check(conv.kernel, "sn1_k2")
    check(layer.u, "sn1_u2")


# Addons' optimizers in a GAN.


@needs_tfa
@pytest.mark.parametrize(
    "name",
    ["adamw", "lamb", "yogi", "lookahead", "radam", "adabelief", "novograd", "sgdw"],
)
def test_optimizers_take_the_steps_they_took_on_tensorflow_2_15(
    tfa, tf_keras, recorded, name
):
    new = {
        "adamw": lambda: tfa.optimizers.AdamW(weight_decay=0.01, learning_rate=0.05),
        "lamb": lambda: tfa.optimizers.LAMB(0.05),
        "yogi": lambda: tfa.optimizers.Yogi(0.05),
        "lookahead": lambda: tfa.optimizers.Lookahead(
            tf_keras.optimizers.legacy.SGD(0.05), sync_period=5, slow_step_size=0.5
        ),
        "radam": lambda: tfa.optimizers.RectifiedAdam(0.05),
        "adabelief": lambda: tfa.optimizers.AdaBelief(0.05),
        "novograd": lambda: tfa.optimizers.NovoGrad(0.05),
        "sgdw": lambda: tfa.optimizers.SGDW(weight_decay=0.01, learning_rate=0.05),
    }
    path = np.stack(list(descend(addons.LegacyOptimizer(new[name]()))))
    np.testing.assert_allclose(path, recorded[f"o_{name}"], rtol=RELATIVE)


def rectified(tfa, tf_keras):
    return tfa.optimizers.Lookahead(tfa.optimizers.RectifiedAdam(0.01), 3)


def scheduled(tfa, tf_keras):
    rate = tf_keras.optimizers.schedules.ExponentialDecay(0.01, 3, 0.5)
    inner = tf_keras.optimizers.legacy.SGD(rate, momentum=0.9)
    return tfa.optimizers.Lookahead(inner, 3)


def cyclical(tfa, tf_keras):
    rate = tfa.optimizers.Triangular2CyclicalLearningRate(1e-3, 1e-2, 5)
    return tf_keras.optimizers.legacy.Adam(rate)


def trained(new, tfa, tf_keras, steps=0):
    gan = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8))
    gan.compile(
        d_optimizer=addons.LegacyOptimizer(new(tfa, tf_keras)),
        g_optimizer=addons.LegacyOptimizer(new(tfa, tf_keras)),
    )
    return further(gan, steps)


def further(gan, steps):
    step = tf.function(gan.train_step, autograph=False)
    for number in range(steps):
        step(tf.random.stateless_normal((8, 2), (number, 0)))
    return gan


def state(gan):
    optimizers = gan.d_optimizer, gan.g_optimizer
    variables = [*gan.weights, *optimizers[0].variables, *optimizers[1].variables]
    return [v.numpy() for v in variables]


def assert_equal_states(a, b):
    for left, right in zip(a, b, strict=True):
        np.testing.assert_array_equal(left, right)


@needs_tfa
@pytest.mark.parametrize("new", [rectified, scheduled, cyclical])
def test_goes_on_bit_for_bit(tfa, tf_keras, tmp_path, new):
    gan = trained(new, tfa, tf_keras, 4)
    gan.save(tmp_path / "gan.keras")
    saved = keras.models.load_model(tmp_path / "gan.keras")
    keeper = RunCheckpoint(tmp_path, steps_per_epoch=9)
    keeper.set_model(gan)
    keeper.save()
    resumed = trained(new, tfa, tf_keras)
    keeper.restore(resumed)
    assert_equal_states(state(gan), state(saved))
    assert_equal_states(state(gan), state(resumed))
    before = gan.get_weights()
    further(gan, 5)
    assert np.abs(before[0] - gan.get_weights()[0]).max() > 1e-4
    assert_equal_states(state(gan), state(further(saved, 5)))
    assert_equal_states(state(gan), state(further(resumed, 5)))


LOAD_AND_GO_ON = """
import sys
sys.path.insert(0, sys.argv[1])
import keras, numpy as np
from test_addons import further, state
gan = keras.models.load_model(sys.argv[2] + "/gan.keras")
np.savez(sys.argv[2] + "/after.npz", *state(further(gan, 5)))
"""


@needs_tfa
def test_a_new_process_loads_addons_by_itself(tfa, tf_keras, tmp_path):
    gan = trained(cyclical, tfa, tf_keras, 4)
    gan.save(tmp_path / "gan.keras")
    in_a_new_process(LOAD_AND_GO_ON, os.path.dirname(__file__), tmp_path)
    after = np.load(tmp_path / "after.npz")
    assert_equal_states(state(further(gan, 5)), [after[name] for name in after.files])


def rms(tfa, tf_keras):
    return tf_keras.optimizers.legacy.RMSprop(0.01, momentum=0.5)


@needs_tfa
@pytest.mark.parametrize("new", [rectified, rms])
@pytest.mark.parametrize(
    "build",
    [
        lambda g: gan_zoo.WGAN(
            (2,), 3, generator=g, discriminator=mlp(2, 1, 8), clip=1.0
        ),
        lambda g: gan_zoo.MMDGAN(
            (2,), 3, generator=g, encoder=mlp(2, 3, 8), decoder=mlp(3, 2, 8), clip=1.0
        ),
    ],
    ids=["WGAN", "MMDGAN"],
)
def test_a_generator_that_waits_for_its_critic(tfa, tf_keras, new, build):
    """By default the generator of a clipped critic first moves at the 20th step."""
    gan = build(mlp(3, 2, 8))
    gan.compile(
        d_optimizer=addons.LegacyOptimizer(new(tfa, tf_keras)),
        g_optimizer=addons.LegacyOptimizer(new(tfa, tf_keras)),
    )

    def waiting():
        variables = gan.generator.weights + gan.g_optimizer.variables
        return [v.numpy() for v in variables]

    points = np.random.default_rng(0).normal(size=(80, 2)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices(points).batch(8).repeat()
    before = waiting()
    gan.fit(data, steps_per_epoch=19, verbose=0)
    assert int(gan.d_optimizer.iterations) == 5 * 19
    assert_equal_states(waiting(), before)
    gan.fit(data, steps_per_epoch=1, verbose=0)
    assert int(gan.g_optimizer.iterations) == 1
    assert int(gan.g_optimizer.optimizer.iterations) == 1
    assert np.abs(gan.generator.get_weights()[0] - before[0]).max() > 1e-5


def replica_case():
    keras.utils.set_random_seed(0)
    tfa = loaded()
    gan = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8))
    inner = tfa.optimizers.SGDW(weight_decay=1e-3, learning_rate=0.5)
    gan.compile(
        d_optimizer=addons.LegacyOptimizer(tfa.optimizers.Lookahead(inner, 3)),
        g_optimizer=addons.LegacyOptimizer(tfa.optimizers.SGDW(1e-3, 0.5)),
    )
    points = np.random.default_rng(0).normal(size=(80, 2)).astype("float32")
    return gan, tf.data.Dataset.from_tensor_slices(points).batch(8, drop_remainder=True)


@needs_tfa
def test_two_replicas_train_as_one_device():
    difference = replicas.difference(replica_case)
    assert difference.moved > 0.05
    assert difference.gap < 1e-6


@needs_tfa
def test_a_checkpoint_of_two_replicas_loads_on_one_device(tmp_path):
    assert replicas.reloads(replica_case, tmp_path) == 0.0


@needs_tfa
def test_under_float16_the_loss_scale_goes_around_it(tfa, tf_keras):
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    gan = trained(rectified, tfa, tf_keras, 4)
    assert isinstance(gan.d_optimizer.inner_optimizer, addons.LegacyOptimizer)
    assert int(gan.d_optimizer.iterations) == 4


@needs_tfa
def test_learning_rate_and_constraint(tf_keras):
    optimizer = addons.LegacyOptimizer(tf_keras.optimizers.legacy.SGD(1.0))
    weight = keras.Variable([0.0])
    weight.constraint = lambda w: tf.maximum(w.value, -1.25)
    optimizer.apply([tf.ones(1)], [weight])
    assert float(weight[0]) == -1.0
    optimizer.learning_rate = 0.125
    assert float(optimizer.learning_rate) == 0.125
    path = []
    for _ in range(3):
        optimizer.apply([tf.ones(1)])
        path.append(float(weight[0]))
    assert path == [-1.125, -1.25, -1.25]
    assert int(optimizer.iterations) == 4


@needs_tfa
def test_refuses_what_it_cannot_adapt(tfa, tf_keras):
    with pytest.raises(TypeError, match="of Keras 3 need no LegacyOptimizer"):
        addons.LegacyOptimizer(keras.optimizers.Adam())
    with pytest.raises(TypeError, match=r"twin in keras\.optimizers"):
        addons.LegacyOptimizer(tf_keras.optimizers.Adam())
    schedule = keras.optimizers.schedules.CosineDecay(1e-2, 10)
    yogi = tfa.optimizers.Yogi(schedule)
    for optimizer in (yogi, tfa.optimizers.Lookahead(yogi)):
        with pytest.raises(TypeError, match=r"learning_rate of Yogi.*CosineDecay"):
            addons.LegacyOptimizer(optimizer)
    shared = tf_keras.optimizers.legacy.Adam()
    gan = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8))
    with pytest.raises(ValueError, match="Make one for each player"):
        gan.compile(
            d_optimizer=addons.LegacyOptimizer(shared),
            g_optimizer=addons.LegacyOptimizer(shared),
        )
