"""The optional bridge to TensorFlow Addons, which ended in 2024 but is still in use."""

import contextlib
import copy
import importlib
import importlib.util
import sys
import types

import keras


def load_tfa():
    """Imports TensorFlow Addons 0.23 beside Keras 3.

    Addons is written for Keras 2, and alone does not import on TensorFlow 2.16 or
    later. Here it finds Keras 2 (the package tf_keras) wherever it asks for `keras` or
    `tf.keras`, and nobody else does: `tf.keras` stays Keras 3 for the rest of the
    program. It does not matter what was imported before.

    What takes and returns tensors works (`tfa.image`, `tfa.losses`, `tfa.activations`),
    optimizers train a model of this package inside `LegacyOptimizer`, and layers go
    into models of tf_keras, never into those of Keras 3. Addons' compiled operations
    do not load.

    Returns:
        The module `tensorflow_addons`. It warns, at import, of its end of life.

    Raises:
        ImportError: on Python 3.12 or later, and when a package is not installed.

    Example:
        tfa = gan_zoo.addons.load_tfa()
        optimizer = tfa.optimizers.Lookahead(tfa.optimizers.RectifiedAdam(1e-4))
        gan.compile(d_optimizer=gan_zoo.addons.LegacyOptimizer(optimizer))
    """
    if "tensorflow_addons" not in sys.modules:
        if sys.version_info >= (3, 12):
            raise ImportError(
                "TensorFlow Addons ended before Python 3.12: its last release, 0.23.0, "
                "is for Python 3.9 to 3.11. Use Python 3.11, or what replaces it: "
                "docs/coming_from_tfa_or_tfgan.md."
            )
        _require("tf_keras", "typeguard", "tensorflow_addons")
        # What an `import tensorflow_addons` left that failed without this function.
        for name in [n for n in sys.modules if n.startswith("tensorflow_addons.")]:
            del sys.modules[name]
        with _keras_2_in_place_of_3():
            importlib.import_module("tensorflow_addons")
    return sys.modules["tensorflow_addons"]


def _require(*packages):
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            f"Not installed: {', '.join(missing)}. TensorFlow Addons and what it needs "
            "are an extra of this package: pip install 'gan_zoo[tfa]' (Python 3.11)."
        )


@contextlib.contextmanager
def _keras_2_in_place_of_3():
    """Modules imported inside the block get tf_keras as `keras` and as `tf.keras`."""
    import tensorflow
    import tf_keras

    lookalike = types.ModuleType("tensorflow")
    names = ("initializers", "losses", "metrics", "optimizers")
    vars(lookalike).update(
        vars(tensorflow),
        keras=tf_keras,
        **{name: getattr(tf_keras, name) for name in names},
    )
    places = {"tensorflow": lookalike}
    for name, module in list(sys.modules.items()):
        package, dot, rest = name.partition(".")
        if package == "tf_keras":
            places[f"keras{dot}{rest}"] = places[f"tensorflow.keras{dot}{rest}"] = (
                module
            )
    displaced = {name: sys.modules.get(name) for name in places}
    sys.modules.update(places)
    try:
        yield
    finally:
        for name, module in displaced.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


@keras.saving.register_keras_serializable("gan_zoo")
class LegacyOptimizer(keras.optimizers.Optimizer):
    """A Keras 3 optimizer that lets one of TensorFlow Addons or Keras 2 do the work.

    Everything the wrapped optimizer keeps (moments, slow weights, step, learning rate)
    is saved and restored with the model, and it sums gradients over replicas as Keras 3
    does.

    Args:
        optimizer: an optimizer of `tfa.optimizers` or `tf_keras.optimizers.legacy` that
            has trained nothing yet; one for each player. Its learning rate may follow a
            schedule of `tf_keras.optimizers.schedules`.
        name: name of the optimizer.

    Slots that start as copies of the weights (Addons' Lookahead and moving averages)
    copy them when `compile` is called: load weights before.

    Raises:
        TypeError: for other optimizers, and for schedules of Keras 3 within.
        ImportError: when tf_keras is not installed.

    Example:
        adam = tfa.optimizers.RectifiedAdam(1e-4)
        gan.compile(d_optimizer=LegacyOptimizer(tfa.optimizers.Lookahead(adam)))
    """

    def __init__(self, optimizer, name=None):
        legacy = _tf_keras().optimizers.legacy.Optimizer
        if not isinstance(optimizer, legacy):
            raise TypeError(
                "Expected an optimizer of tfa.optimizers or tf_keras.optimizers.legacy,"
                f" got {optimizer!r}. Optimizers of Keras 3 need no LegacyOptimizer; "
                "those of tf_keras.optimizers have counterparts in keras.optimizers."
            )
        _refuse_schedules_of_keras_3(optimizer)
        super().__init__(learning_rate=0.0, name=name)  # the wrapped one's counts
        self.optimizer = optimizer
        self._state = []

    def build(self, variables):
        """Makes the wrapped optimizer's variables, and keeps them to be saved.

        Raises:
            ValueError: when the wrapped optimizer has trained something before.
        """
        import tensorflow

        if self.optimizer.weights:
            raise ValueError(
                f"Expected a new optimizer, got {self.optimizer!r}, which moves other "
                "weights already. Make one for each player and each compile()."
            )
        super().build(variables)
        state = []

        def keep(make, **arguments):
            state.append(make(**arguments))
            return state[-1]

        # Of an optimizer in an optimizer, and of learning rates, no list tells.
        with tensorflow.variable_creator_scope(keep):
            self.optimizer._create_all_weights([v.value for v in variables])
        self._state = state

    @property
    def variables(self):
        """Variables of this optimizer, then of the wrapped one."""
        return super().variables + list(self._state)

    @property
    def learning_rate(self):
        """The wrapped optimizer's."""
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.optimizer.learning_rate = learning_rate

    def apply(self, grads, trainable_variables=None):
        """One step of the wrapped optimizer."""
        if not self.built:
            self.build(list(trainable_variables))
        variables = trainable_variables or self._trainable_variables
        self.optimizer.apply_gradients(
            zip(grads, [v.value for v in variables], strict=True)
        )
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self.iterations.assign_add(1)

    def get_config(self):
        """The wrapped optimizer, by its class and arguments."""
        serialized = _tf_keras().optimizers.serialize(self.optimizer)
        return {"optimizer": serialized, "name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Rebuilds the wrapped optimizer, loading TensorFlow Addons for its classes.

        Raises:
            ImportError: when the model was saved with an optimizer of TensorFlow Addons
                and that cannot be loaded here.
        """
        serialized = copy.deepcopy(config["optimizer"])  # Keras 2 takes it apart
        try:
            if "Addons>" in str(serialized):  # a class, an inner one's, a schedule's
                load_tfa()
            optimizers = _tf_keras().optimizers
        except ImportError as error:
            raise ImportError(
                f"The model was saved with a {serialized['class_name']} in a "
                f"LegacyOptimizer. {error} Or load the model without its optimizers: "
                "keras.models.load_model(path, compile=False)."
            ) from error
        optimizer = optimizers.deserialize(
            serialized, custom_objects, use_legacy_optimizer=True
        )
        return cls(**config | {"optimizer": optimizer})


def _refuse_schedules_of_keras_3(optimizer):
    for name, value in optimizer._hyper.items():
        if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
            raise TypeError(
                f"Expected {name} of {type(optimizer).__name__} to be a number or a "
                "schedule of tf_keras.optimizers.schedules, got "
                f"{type(value).__name__} of Keras 3, which only optimizers of Keras 3 "
                "follow."
            )
    if inner := getattr(optimizer, "_optimizer", None):  # of Addons' Lookahead and kin
        _refuse_schedules_of_keras_3(inner)


def _tf_keras():
    _require("tf_keras")
    return importlib.import_module("tf_keras")
