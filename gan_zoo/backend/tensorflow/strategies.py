"""What tf.distribute needs: strategies by name, train and test functions, checks."""

import inspect
import logging

import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

from gan_zoo.backend.tensorflow.joining import check_batches


def replicas_of(model):
    """Number of replicas a model was built for."""
    return model.distribute_strategy.num_replicas_in_sync


def scope(model):
    """The scope of the strategy that the model was built under."""
    return model.distribute_strategy.scope()


def is_distributed(model):
    """Whether a model was built under a strategy."""
    return model.distribute_strategy is not tf.distribute.get_strategy() or (
        tf.distribute.has_strategy()
    )


def is_multi_worker(model):
    """Whether other processes train this model together with this one."""
    return getattr(model.distribute_strategy.extended, "_in_multi_worker_mode", bool)()


class _WithoutTracings(logging.Filter):
    """Leaves out TensorFlow's warning that Keras's step was traced several times.

    It counts the steps of all models together, and each model is traced once.
    """

    def filter(self, record):
        text = record.getMessage()
        ours = any(step in text for step in _STEPS)
        return not ("triggered tf.function retracing" in text and ours)


_STEPS = "TensorFlowTrainer._make_function", "step_function.<locals>"
logging.getLogger("tensorflow").addFilter(_WithoutTracings())


def step_function(model, step):
    """Builds the train or test function, which Keras calls for each batch.

    The whole step waits for its batch. Without that, TensorFlow runs the parts of a
    step that do not use the batch, such as counting, also where there is no batch: the
    data ended, or reading it failed.

    Keras's optimizers sum over replicas, also where there is one, and each sum puts its
    gradient into TensorFlow's registry. The registry never forgets: it would keep the
    graph of every model ever trained, with the model's weights. These gradients are
    taken out again. Nothing looks them up once the step is traced.

    Keras 3.15 fails with `steps_per_execution > 1` under MirroredStrategy and with any
    `fit` or `evaluate` under MultiWorkerMirroredStrategy. Under a strategy, one
    `tf.function` here takes the batches and runs the step on every replica, which works
    for both. (Without `jit_compile`: XLA fails under strategies.)

    Args:
        model: the model.
        step: its `train_step` or `test_step`.

    Raises:
        ValueError: for `run_eagerly` under a strategy.
    """

    @tf.autograph.experimental.do_not_convert
    def step_on(data):
        # Without None, which `train_on_batch` has in place of labels.
        parts = [part for part in tf.nest.flatten(data) if part is not None]
        known = set(gradient_registry.list())
        with tf.control_dependencies(parts):
            logs = step(data)
        for name in filter(_is_of_a_sum, set(gradient_registry.list()) - known):
            # Another replica's thread may have taken it out already.
            gradient_registry._registry.pop(name, None)
        return logs

    if not is_distributed(model):
        return model._make_function(step_on)
    if model.run_eagerly:
        raise ValueError("run_eagerly=True does not go with a strategy.")
    strategy = model.distribute_strategy

    @tf.function(reduce_retracing=True, autograph=False)
    def several_steps(iterator):
        for _ in range(model.steps_per_execution):
            logs = strategy.run(step_on, args=(next(iterator),))
        return tf.nest.map_structure(
            lambda value: strategy.reduce("MEAN", value, axis=None), logs
        )

    def run(iterator):
        try:
            return several_steps(iterator)
        except tf.errors.OutOfRangeError as error:
            raise StopIteration from error

    return run


def step_on_batch(model, batch):
    """One training step of a model under a strategy; the replicas share the batch.

    Args:
        model: the model.
        batch: arrays, all rows of all replicas.

    Returns:
        Dict of the names of the logs to floats.

    Raises:
        ValueError: for rows that the replicas cannot share evenly, or a model that was
            compiled for several steps at once.
    """
    if model.steps_per_execution > 1:
        raise ValueError(
            "Expected steps_per_execution=1 for a step on one batch under a strategy, "
            f"got {model.steps_per_execution}. Compile the model again."
        )
    dataset = tf.data.Dataset.from_tensors(batch)
    check_batches(dataset, replicas_of(model))
    shared = model.distribute_strategy.experimental_distribute_dataset(dataset)
    model.make_train_function()
    logs = model.train_function(iter(shared))
    return {name: float(value) for name, value in logs.items()}


def _is_of_a_sum(name):
    """Whether a registered gradient is that of a sum over replicas."""
    function = gradient_registry._registry.get(name, {}).get("type")
    for inner in ("tape_grad_fn", "grad_fn"):
        if not inspect.isfunction(function):
            return False
        function = inspect.getclosurevars(function).nonlocals.get(inner)
    return (
        getattr(function, "__module__", "") == tf.distribute.ReplicaContext.__module__
    )


def largest(model, number):
    """The largest of the whole numbers that the workers of a model pass."""
    if not is_multi_worker(model):
        return number
    strategy = model.distribute_strategy

    @tf.function
    def gathered():
        def of_worker():
            context = tf.distribute.get_replica_context()
            return context.all_gather(tf.constant([number], tf.int64), axis=0)

        return strategy.run(of_worker)

    everywhere = strategy.experimental_local_results(gathered())[0]
    return int(tf.reduce_max(everywhere))


def check_strategy(strategy=None):
    """Refuses strategies that Keras 3 cannot train under.

    Raises:
        NotImplementedError: under ParameterServerStrategy.
    """
    strategy = strategy or tf.distribute.get_strategy()
    if isinstance(strategy, tf.distribute.experimental.ParameterServerStrategy):
        raise NotImplementedError(
            "ParameterServerStrategy is not supported by Keras 3, so gan_zoo cannot "
            "train under it. Use MirroredStrategy (one machine) or "
            "MultiWorkerMirroredStrategy (several)."
        )


def check_mirrored(model, metrics):
    """Refuses metrics whose sums the replicas of a model would overwrite.

    Raises:
        ValueError: when a metric was made outside the strategy's scope.
    """
    for metric in metrics if replicas_of(model) > 1 else ():
        if not all(
            isinstance(v.value, tf.distribute.DistributedValues)
            for v in metric.variables
        ):
            raise ValueError(
                f"The metric {metric.name} was made outside the strategy. Make it "
                "inside `with strategy.scope():`, like the model."
            )


_STRATEGIES = ("none", "mirrored", "multi_worker", "tpu")


def make_strategy(name):
    """The tf.distribute strategy of a name.

    Args:
        name: "none" (one device), "mirrored" (all GPUs of this machine, or its logical
            devices), "multi_worker" (machines listed in TF_CONFIG), or "tpu" (written
            after the documentation, never run: no TPU was at hand).

    Raises:
        NotImplementedError: for "parameter_server", which Keras 3 does not support.
        ValueError: for any other name.
    """
    if name == "none":
        return tf.distribute.get_strategy()
    if name == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or (
            tf.config.list_logical_devices("CPU")
        )
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    if name == "multi_worker":
        return tf.distribute.MultiWorkerMirroredStrategy()
    if name == "tpu":
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    if name == "parameter_server":
        raise NotImplementedError(
            "ParameterServerStrategy is not supported by Keras 3. Use "
            "--strategy=mirrored on one machine or --strategy=multi_worker on several."
        )
    raise ValueError(f"Expected --strategy in {_STRATEGIES}, got {name!r}.")


def is_chief(strategy):
    """Whether this process writes the files of a run."""
    resolver = strategy.cluster_resolver
    return not resolver or not resolver.task_type or resolver.task_id == 0
