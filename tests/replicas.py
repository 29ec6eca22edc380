"""Trains a model on one device and on two replicas of it, and compares the weights.

The work is done in a process of its own: logical devices are set before anything
touches a device.
"""

import contextlib
import functools
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


@functools.cache
def differences(test_file, *builders):
    """Largest absolute differences of models' weights after training both ways.

    Args:
        test_file: `__file__` of the test that calls.
        *builders: names of functions of that file without arguments, or keys of its
            dict SPREADS of such. Each returns a compiled model and a tf.data set of
            global batches, for one epoch of `fit`.
            SGD shows a wrong scale of gradients, Adam hides it. All are trained in one
            process, once.

    Returns:
        Dict of builder to `(gap, moved)`: of all weights between one device and two
        replicas, and of trainable ones before and after training, of the player that
        moved least: a gap says nothing of one that stays where it is.
    """
    return _run(test_file, ";".join(builders), "differences")


def reloads(test_file, builder):
    """Largest difference of weights trained by two replicas and loaded on one device.

    Args:
        test_file: `__file__` of the test that calls.
        builder: as for `differences`.
    """
    return _run(test_file, builder, "reloads")


def noise():
    """What two replicas drew for 3 rows each, and one device for the same 6 rows."""
    return _run("", "", "noise")


def batch_norm():
    """Errors of batch norm on two replicas of 8 images, against one device with 16.

    Returns:
        Dict of "output", "gradient" and "variance" to the largest difference, and of
        "weights" to the largest of DCGAN's default networks after a step, each relative
        to how far the weight tensor moved (Euclidean norms).
    """
    return _run("", "", "batch_norm")


def overflow():
    """Weights after an update in which the second replica's gradient overflows."""
    return _run("", "", "overflow")


def adam_made_outside():
    """(iterations, steps) of a model compiled with its own Adam outside the scope."""
    return _run("", "", "adam")


def bad_label():
    """[Error, steps, largest change] where one row of a global batch is no class."""
    return _run("", "", "bad_label")


@functools.cache
def semi_supervised():
    """Steps from 5 unlabelled batches beside one that repeats; errors of odd rows."""
    return _run("", "", "semi_supervised")


def data_of_unknown_length():
    """Steps counted in two epochs of three batches each."""
    return _run("", "", "unknown_length")


def run_folder(folder):
    """Runs `runs.run` on two replicas, stopped once, with metric and export."""
    return _run(folder, "", "run_folder")


def _run(*arguments):
    run = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"The two-replica run failed:\n{run.stderr[-4000:]}")
    return json.loads(run.stdout.splitlines()[-1])


def _main(test_file, builder, what):
    import tensorflow as tf

    sys.path.insert(0, str(HERE))
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    alone = {
        "noise": _noise,
        "batch_norm": _batch_norm,
        "overflow": _overflow,
        "adam": _adam,
        "bad_label": _bad_label,
        "semi_supervised": _semi_supervised,
        "unknown_length": _unknown_length,
    }
    if what in alone:
        print(json.dumps(alone[what](strategy)))
        return
    if what == "run_folder":
        print(json.dumps(_run_folder(test_file)))
        return
    import importlib.util

    spec = importlib.util.spec_from_file_location("test_of_replicas", test_file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    known = vars(module) | getattr(module, "SPREADS", {})
    builds = {name: known[name] for name in builder.split(";")}
    if what == "differences":
        print(json.dumps({n: _compare(b, strategy) for n, b in builds.items()}))
    else:
        print(json.dumps(_reload(builds[builder], strategy)))


def _compare(build, strategy):
    import keras

    keras.utils.set_random_seed(0)  # whatever was compared before
    model, batches = build()
    before = model.get_weights()
    untrained = {p: _values(model.variables_of(p)) for p in model.players}
    model.fit(batches, verbose=0)
    with strategy.scope():
        mirrored, _ = build()
    mirrored.set_weights(before)
    mirrored.fit(batches, verbose=0)
    gap = _largest(model.get_weights(), mirrored.get_weights())
    moved = [_largest(_values(model.variables_of(p)), w) for p, w in untrained.items()]
    return [gap, min(moved)]


def _reload(build, strategy):
    import tempfile

    from gan_zoo.callbacks import RunCheckpoint

    with strategy.scope():
        mirrored, batches = build()
    mirrored.fit(batches, verbose=0)
    model, _ = build()
    with tempfile.TemporaryDirectory() as folder:
        keeper = RunCheckpoint(folder, steps_per_epoch=1)
        keeper.set_model(mirrored)
        keeper.save()
        keeper.restore(model)
    return _largest(model.get_weights(), mirrored.get_weights())


def _noise(strategy):
    from gan_zoo import backend

    def draw(rows):
        with backend.draws((7, 0)):
            return backend.normal((rows, 2))

    values = strategy.experimental_local_results(strategy.run(draw, args=(3,)))
    return [[v.numpy().tolist() for v in values], draw(6).numpy().tolist()]


def _batch_norm(strategy):
    import keras
    import numpy as np
    import tensorflow as tf

    import gan_zoo
    from gan_zoo.layers import BatchNormalization

    images = tf.random.stateless_normal((16, 14, 14, 64), (0, 0)) + 30.0
    slopes = tf.random.stateless_normal(images.shape, (0, 1))

    def normalised(layer, x, slopes):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
            total = tf.reduce_sum(y * slopes)
        return y, tape.gradient(total, x)

    def together(values):
        return np.concatenate(strategy.experimental_local_results(values))

    with strategy.scope():
        mirrored = BatchNormalization()
        mirrored.build(images.shape)
    alone = BatchNormalization()
    parts = [
        strategy.experimental_distribute_values_from_function(
            lambda c, x=x: x[8 * c.replica_id_in_sync_group :][:8]
        )
        for x in (images, slopes)
    ]
    y, gradient = strategy.run(normalised, args=(mirrored, *parts))
    wanted_y, wanted_gradient = normalised(alone, images, slopes)
    errors = {
        "output": _largest([together(y)], [wanted_y.numpy()]),
        "gradient": _largest([together(gradient)], [wanted_gradient.numpy()]),
        "variance": _largest(
            [mirrored.moving_variance.numpy()], [alone.moving_variance.numpy()]
        ),
    }

    def compiled(scope):
        keras.utils.set_random_seed(0)
        with scope:
            gan = gan_zoo.DCGAN((28, 28, 1))
        sgd = keras.optimizers.SGD
        gan.compile(d_optimizer=sgd(0.01), g_optimizer=sgd(0.01))
        return gan

    gan, both = compiled(contextlib.nullcontext()), compiled(strategy.scope())
    both.set_weights(gan.get_weights())
    before = gan.get_weights()
    digits = tf.random.stateless_uniform((16, 28, 28, 1), (0, 2), -1.0, 1.0)
    for model in (gan, both):
        data = tf.data.Dataset.from_tensors(digits)
        model.fit(data.map(lambda x: tf.ensure_shape(x, (16, 28, 28, 1))), verbose=0)
    triples = zip(before, gan.get_weights(), both.get_weights(), strict=True)
    errors["weights"] = max(
        float(np.linalg.norm(one - two) / np.linalg.norm(one - old))
        for old, one, two in triples
        if (one != old).any()
    )
    return errors


def _overflow(strategy):
    import keras
    import tensorflow as tf

    from gan_zoo import backend

    with strategy.scope():
        weight = keras.Variable([1.0, 2.0])
        optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))
        optimizer.build([weight])

    def step():
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        large = tf.where(tf.equal(replica, 1), float("inf"), 1.0)
        backend.update(
            lambda: (tf.reduce_sum(weight.value) * large, ()), [weight], optimizer
        )

    tf.function(lambda: strategy.run(step), autograph=False)()
    return weight.value.numpy().tolist()


def _adam(strategy):
    import keras
    import tensorflow as tf

    import gan_zoo
    from gan_zoo.networks.gan import mlp

    with strategy.scope():
        model = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4))
    model.compile(d_optimizer=keras.optimizers.Adam(1e-3), g_optimizer="adam")
    data = tf.data.Dataset.from_tensor_slices(tf.ones((40, 2)))
    model.fit(data.batch(8, drop_remainder=True), verbose=0)
    return int(model.d_optimizer.iterations.value.numpy()), model.trained_steps


def _bad_label(strategy):
    import tensorflow as tf
    from models.systems import build_projection, data_for

    with strategy.scope():
        model = build_projection()  # several critic steps, spectral norm
    model.compile()
    before = model.get_weights()
    wrong = tf.constant([0, 0, 0, 3])  # on the second replica
    data = data_for(model).map(lambda x, y: (x, y + wrong))
    error = None
    try:
        model.fit(data, verbose=0)
    except tf.errors.InvalidArgumentError as refused:
        error = type(refused).__name__
    return error, model.trained_steps, _largest(model.get_weights(), before)


def _semi_supervised(strategy):
    import tensorflow as tf
    from models.systems import IMAGES, build_semi_supervised

    with strategy.scope():
        model = build_semi_supervised()
    model.compile()
    pairs = tf.data.Dataset.from_tensor_slices((IMAGES[:8], tf.range(8) % 3))
    images = tf.data.Dataset.from_tensor_slices(IMAGES[:40])

    def fit(rows, **kwargs):
        labelled = pairs.batch(8, **kwargs).repeat()
        model.fit(
            tf.data.Dataset.zip(labelled, images.batch(rows, **kwargs)), verbose=0
        )

    fit(8)
    steps, errors = model.trained_steps, []
    for kwargs in ({"drop_remainder": True}, {}):
        try:
            fit(7, **kwargs)
        except (ValueError, tf.errors.InvalidArgumentError) as error:
            errors.append(str(error))
    return {"steps": steps, "errors": errors}


def _unknown_length(strategy):
    from models.systems import build_gan, data_for

    with strategy.scope():
        model = build_gan()
    model.compile()
    data = data_for(model, steps=3).filter(lambda x: True)
    model.fit(data, epochs=2, verbose=0)
    return model.trained_steps


def _run_folder(folder):
    import gan_zoo
    from gan_zoo import runs
    from gan_zoo.networks import dcgan

    def build(shape, preset):
        return gan_zoo.DCGAN(
            shape,
            4,
            generator=dcgan.dcgan_generator(shape, 4, 4),
            discriminator=dcgan.dcgan_discriminator(shape, 4),
            ema=0.9,
        )

    recipe = runs.Recipe(build)
    settings = runs.Settings(
        image_size=8, batch_size=8, epochs=2, steps_per_epoch=4, strategy="mirrored"
    )
    first = runs.run(recipe, settings, folder, stop_after=6)
    return first, runs.run(recipe, settings, folder)


def _values(variables):
    return [v.numpy() for v in variables]


def _largest(weights, others):
    import numpy as np

    return max(
        float(np.max(np.abs(a - b))) for a, b in zip(weights, others, strict=True)
    )


if __name__ == "__main__":
    _main(*sys.argv[1:])
