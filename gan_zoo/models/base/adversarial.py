"""The base of every system in the zoo: players, their optimizers, their averages."""

import numbers
import types
import zlib

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.models.base.average import move_average, twin
from gan_zoo.models.base.checks import check_decay, check_metrics
from gan_zoo.models.base.evaluation import Evaluation


class AdversarialModel(Evaluation, keras.Model):
    """A Keras model trained by players with an optimizer each.

    A player is one or more networks that share an objective, such as the two
    generators of CycleGAN. A subclass names its players, gives the paper's optimizers
    and overrides `train_step`; this class holds what all of them need.

    Args:
        players: dict of player name to its networks, `{"d": {"discriminator": net},
            "g": {"generator": net}}`. Each network becomes an attribute of its name;
            the player `d` is moved by `d_optimizer`.
        averaged: the player whose weights are averaged when `ema` is given.
        ema: decay per step of the moving average of that player's weights, in [0, 1),
            or None for no average. `generate`, metrics, grids and export use the
            average. It starts at the initial weights.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    Raises:
        ValueError: when `ema` is not in [0, 1).
    """

    # Names under which `track` accepts values; each becomes a column of the logs.
    tracked = ("d_loss", "g_loss")

    def __init__(self, players, *, averaged="g", ema=None, seed=0, name=None):
        super().__init__(name=name)
        if ema is not None:
            check_decay("ema", ema)
        if not isinstance(seed, numbers.Integral):
            raise ValueError(f"Expected seed to be an int, got {seed!r}.")
        self.ema = ema
        self.seed = int(seed)
        self._averaged_player = averaged
        self._network_names = {player: list(nets) for player, nets in players.items()}
        for nets in players.values():
            for attribute, net in nets.items():
                setattr(self, attribute, net)
        if ema:
            for attribute, net in players[averaged].items():
                setattr(self, f"average_{attribute}", twin(net))
        self.steps = self._counter("steps")
        self.evaluated_batches = self._counter("evaluated_batches")
        self._trackers = {n: keras.metrics.Mean(name=n) for n in self.tracked}
        # In a namespace, which Keras does not track: these are no part of a model's
        # saved state.
        self._unsaved = types.SimpleNamespace(metrics=[], compiled={}, validation=None)
        self.built = True

    def _counter(self, name):
        return self.add_weight(
            name=name,
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    # Players and their optimizers.

    @property
    def players(self):
        """Dict of player name to list of its networks."""
        return {
            player: [getattr(self, name) for name in names]
            for player, names in self._network_names.items()
        }

    def variables_of(self, player):
        """Trainable variables of a player's networks."""
        return [v for net in self.players[player] for v in net.trainable_variables]

    def paper_optimizers(self):
        """The paper's optimizers: dict of player name to a new Keras optimizer."""
        raise NotImplementedError(
            f"{type(self).__name__} must return the paper's optimizers by player, for "
            "example {'d': keras.optimizers.Adam(2e-4), 'g': ...}."
        )

    def compile(
        self,
        *,
        metrics=None,
        steps_per_execution=1,
        run_eagerly=False,
        jit_compile="auto",
        **optimizers,
    ):
        """Prepares training; without arguments, with the paper's optimizers.

        Args:
            metrics: list of image metrics (`gan_zoo.metrics`), computed by `evaluate`
                and by `fit(validation_data=...)`.
            steps_per_execution: training steps per call of the compiled function.
            run_eagerly: run steps without compiling them, for debugging.
            jit_compile: as in Keras; "auto" leaves XLA off on CPU.
            **optimizers: `d_optimizer=`, `g_optimizer=` ...: a Keras optimizer (or its
                name) for the player d, g ...; a missing one is the paper's.

        Raises:
            TypeError: for a keyword that names no player of this model, or metrics of
                another kind.
            ValueError: for two metrics of one name, one optimizer for two players, or
                an optimizer whose averages nobody would use.
            NotImplementedError: under ParameterServerStrategy.
        """
        backend.check_strategy(self.distribute_strategy)
        expected = [f"{player}_optimizer" for player in self._network_names]
        for key in optimizers:
            if key not in expected:
                raise TypeError(
                    f"{type(self).__name__}.compile() takes the optimizers "
                    f"{', '.join(expected)}; got {key!r}."
                )
        _check_apart(optimizers)
        metrics = list(metrics or [])
        check_metrics(self.own_metrics, metrics)
        backend.check_mirrored(self, metrics)
        super().compile(
            optimizer=None,
            steps_per_execution=steps_per_execution,
            run_eagerly=run_eagerly,
            jit_compile=jit_compile,
        )
        with backend.scope(self):
            defaults = self.paper_optimizers()
            for player, key in zip(self._network_names, expected, strict=True):
                chosen = optimizers.get(key)
                chosen = defaults[player] if chosen is None else chosen
                setattr(self, key, self._prepared(chosen, self.variables_of(player)))
        self._unsaved.metrics = metrics
        self._compiled_with = {
            "steps_per_execution": steps_per_execution,
            "run_eagerly": run_eagerly,
            "jit_compile": jit_compile,
        }

    def _prepared(self, optimizer, variables):
        optimizer = keras.optimizers.get(optimizer)
        if optimizer.use_ema and not optimizer.ema_overwrite_frequency:
            # Keras puts such averages in at the end of a `fit` by one optimizer only.
            raise ValueError(
                f"Expected an optimizer without use_ema, got {optimizer!r}: its "
                "averages would never be used. Give the model ema=0.999, and samples "
                "are drawn with averaged weights."
            )
        if backend.is_distributed(self) and not optimizer.built:
            # Made outside the strategy's scope, its step counter would be no replica's.
            optimizer = type(optimizer).from_config(optimizer.get_config())
        if self.dtype_policy.name == "mixed_float16" and not isinstance(
            optimizer, keras.optimizers.LossScaleOptimizer
        ):
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        # Unbuilt optimizers lose their slots when a model is loaded.
        optimizer.build(variables)
        return optimizer

    def optimizer_of(self, player):
        """The optimizer `compile` gave to a player."""
        return getattr(self, f"{player}_optimizer")

    def get_compile_config(self):
        """What `compile` was given, for `.keras` files."""
        if not self.compiled:
            return {}
        save = keras.saving.serialize_keras_object
        return self._compiled_with | {
            "metrics": [save(m) for m in self.image_metrics],
            "optimizers": {p: save(self.optimizer_of(p)) for p in self._network_names},
        }

    def compile_from_config(self, config):
        """Compiles a loaded model as it was compiled when it was saved."""
        load = keras.saving.deserialize_keras_object
        config = dict(config)
        optimizers = config.pop("optimizers")
        self.compile(
            metrics=[load(m) for m in config.pop("metrics")],
            **{f"{player}_optimizer": load(o) for player, o in optimizers.items()},
            **config,
        )

    def get_config(self):
        """Arguments shared by all systems; subclasses add theirs."""
        return {"ema": self.ema, "seed": self.seed, "name": self.name}

    @classmethod
    def from_config(cls, config):
        """Rebuilds a model; networks are stored serialised among the arguments."""
        load = keras.saving.deserialize_keras_object
        return cls(
            **{k: load(v) if isinstance(v, dict) else v for k, v in config.items()}
        )

    # How many batches of the data set one training step consumes.
    batches_per_step = 1

    def check_batch(self, spec):
        """Raises ValueError for batches that this model cannot train on.

        Args:
            spec: structure of objects with `shape` and `dtype`, one batch's.
        """

    # Largest number an image may hold where the objective has no meaning beyond it.
    image_limit = None

    # A method that returns a batch's parts, or raises for values that no step may see,
    # such as a label that is no class. `fit` maps the data with it.
    checked = None

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", **kwargs):
        """Trains as `keras.Model.fit` does.

        A step of a model that takes several critic steps consumes as many batches, each
        seen once: an epoch then counts that many times fewer steps. There, and under a
        strategy, a last batch that is, or may be, smaller than the others is left out;
        batches made with `drop_remainder=True` are all used.

        Args:
            x: tf.data set of batches, or an array of images (n, h, w, c).
            y: labels when `x` is an array and the model uses them.
            batch_size: rows per batch when `x` is an array; 32 by default.
            epochs: as in `keras.Model.fit`, as are `verbose` and the others.
            verbose: as in `keras.Model.fit`.
            **kwargs: as in `keras.Model.fit`.

        Returns:
            The Keras `History`.

        Raises:
            ValueError: for images of the wrong shape or type.
            TypeError: for other kinds of data than arrays and tf.data.
            InvalidArgumentError: for values that no step may see, such as a label that
                is no class.
        """
        kwargs |= backend.feed(self, x, y, batch_size, kwargs)
        if kwargs.get("validation_split"):
            self.check_judged()
        if kwargs.get("validation_data") is not None:
            self.check_judged()
            kwargs["validation_data"] = self.validation(kwargs["validation_data"])
        return super().fit(epochs=epochs, verbose=verbose, **kwargs)

    # Inside a training step.

    def update(self, player, objective):
        """Moves one player down its objective; see `backend.update`.

        Args:
            player: name of the player.
            objective: callable that returns `(loss, logs)`, `logs` a dict for `track`.
        """
        variables, optimizer = self.variables_of(player), self.optimizer_of(player)
        self.track(**backend.update(objective, variables, optimizer))

    def draws(self, *site):
        """Scope of the random draws at one site of the present training step.

        Args:
            *site: what tells this site from the others of the step, such as
                `"critic", 2`.
        """
        return backend.draws(self._seed_of(self.steps, *site))

    def _seed_of(self, step, *site):
        tag = zlib.crc32("/".join(map(str, site)).encode())
        return backend.fold_in((self.seed, tag), step)

    def track(self, **values):
        """Adds scalars to the means that the logs show under their `tracked` names.

        Raises:
            ValueError: for a name that is not among `tracked`.
        """
        if unknown := sorted(set(values) - set(self.tracked)):
            raise ValueError(
                f"Expected values of {self.tracked}, which {type(self).__name__}'s "
                f"`tracked` names, got {unknown} as well. Add them to `tracked`, or "
                "leave them out of what the objectives return."
            )
        for name, value in values.items():
            self._trackers[name].update_state(ops.mean(ops.cast(value, "float32")))

    @property
    def trained_steps(self):
        """Training steps taken so far, as a Python int."""
        return int(self.steps.value.numpy())

    def finish_step(self):
        """Ends a training step: moves the average, counts the step, gives the logs."""
        if self.ema:
            move_average(self.sampling_networks, self._averaged, self.ema)
        self.steps.assign_add(1)
        return self.logs()

    def logs(self):
        """Means of the tracked values since the epoch began."""
        return {name: mean.result() for name, mean in self._trackers.items()}

    @property
    def metrics(self):
        """Means shown by `fit`; image metrics live in `image_metrics`."""
        return list(self._trackers.values())

    # Sampling.

    @property
    def _averaged(self):
        return self.players[self._averaged_player]

    @property
    def sampling_networks(self):
        """Networks to draw samples with: the averages where `ema` is on."""
        if not self.ema:
            return self._averaged
        names = self._network_names[self._averaged_player]
        return [getattr(self, f"average_{name}") for name in names]

    def graph_of(self, method):
        """A method of tensors, compiled into a graph once and kept."""
        if method not in self._unsaved.compiled:
            self._unsaved.compiled[method] = backend.function(getattr(self, method))
        return self._unsaved.compiled[method]

    def make_train_function(self, force=False):
        """Keras's train function as the backend mends it."""
        if self.train_function is None or force:
            self.train_function = backend.step_function(self, self.train_step)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Builds nothing; under a strategy Keras's would use up a pass of the data."""

    def call(self, *args, **kwargs):
        """A system of several networks has no one forward pass."""
        ways = [name for names in self._network_names.values() for name in names]
        ways += [f"{name}()" for name in _WAYS if hasattr(self, name)]
        raise NotImplementedError(
            f"{type(self).__name__} is several networks: use {' or '.join(ways)}."
        )


# What a user who tries `predict` may want, of the systems that have it.
_WAYS = "generate", "translate", "encode", "reconstruct", "predict_classes"


def answer(network, inputs):
    """What a network makes of inputs in training: float32, of each of its outputs.

    Networks of the user's own may answer in half precision; losses do not take it.
    """
    outputs = network(inputs, training=True)
    return keras.tree.map_structure(lambda x: ops.cast(x, "float32"), outputs)


def _check_apart(optimizers):
    given = [
        o for o in optimizers.values() if isinstance(o, keras.optimizers.Optimizer)
    ]
    if len({id(optimizer) for optimizer in given}) < len(given):
        raise ValueError(
            "Expected an optimizer for each player, got one object for several: it "
            "keeps moments of one player's variables. Make each its own, "
            + ", ".join(f"{key}=keras.optimizers.Adam(2e-4)" for key in optimizers)
            + "."
        )
