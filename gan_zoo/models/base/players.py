"""Players: networks with an objective in common, their optimizers and averages."""

import types

import keras

from gan_zoo import backend
from gan_zoo.checks import check_choice, check_count, check_decay, check_seed
from gan_zoo.models.base.metric_checks import check_metrics
from gan_zoo.models.base.networks import (
    check_sharing,
    frozen_copies,
    share_layers,
    shared_layers,
)


class PlayerModel(keras.Model):
    """A Keras model of players that have an optimizer each.

    A player is one or more networks that share an objective, such as the two
    generators of CycleGAN. Networks may share layers: a shared weight is moved once per
    step, and stays shared in files, checkpoints, averages and `from_config`.

    Args:
        players: dict of player name to its networks, `{"d": {"discriminator": net},
            "g": {"generator": net}}`. Each network becomes an attribute of its name,
            and a constructor takes it by that name; the player `d` is moved by
            `d_optimizer`.
        frozen: dict of name to network that no player moves, such as a pretrained
            encoder. Each becomes an attribute and is saved with the model. Call it with
            `infer`: in training its batch norm would move.
        ema: decay per step of the moving averages of weights, in [0, 1), or None for no
            average. In the first steps it is at most (1 + t) / (10 + t) after t steps,
            so that the first weights are soon forgotten. `generate`, metrics, grids and
            export use the averages.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    Raises:
        ValueError: when `ema` is not in [0, 1), `seed` is no integer, or networks share
            layers in a way that files do not keep.
    """

    def __init__(self, players, *, frozen=None, ema=None, seed=0, name=None):
        super().__init__(name=name)
        if ema is not None:
            check_decay("ema", ema)
        check_seed(seed)
        self.ema = ema
        self.seed = int(seed)
        self._network_names = {player: list(nets) for player, nets in players.items()}
        self._frozen_names = list(frozen or {})
        for nets in (*players.values(), frozen or {}):
            for attribute, net in nets.items():
                setattr(self, attribute, net)
        check_sharing(self.networks)
        for player, decay in self.decays().items():
            if decay:
                for attribute, copy in frozen_copies(players[player]).items():
                    setattr(self, f"average_{attribute}", copy)
        # In a namespace, which Keras does not track: these are no part of a model's
        # saved state.
        self._unsaved = types.SimpleNamespace(
            metrics=[], compiled={}, validation=None, averaged=True
        )
        self.built = True

    # Networks.

    @property
    def players(self):
        """Dict of player name to list of its networks."""
        return {
            player: [getattr(self, name) for name in names]
            for player, names in self._network_names.items()
        }

    @property
    def networks(self):
        """Dict of name to network: those of all players, then the frozen ones."""
        names = [name for names in self._network_names.values() for name in names]
        return {name: getattr(self, name) for name in [*names, *self._frozen_names]}

    def variables_of(self, player):
        """Trainable variables of a player's networks, each once."""
        variables = [v for net in self.players[player] for v in net.trainable_variables]
        return list({id(v): v for v in variables}.values())

    def decays(self):
        """Decay of the moving average of each averaged player; None for no average."""
        return {"g": self.ema}

    @property
    def averages(self):
        """Dict of name of a network to the network of its averaged weights."""
        return {
            name: getattr(self, f"average_{name}")
            for player, decay in self.decays().items()
            if decay
            for name in self._network_names[player]
        }

    # Optimizers.

    def paper_optimizers(self):
        """The paper's optimizers: dict of player name to a new Keras optimizer."""
        raise NotImplementedError(
            f"{type(self).__name__} must return the paper's optimizers by player, for "
            "example {'d': keras.optimizers.Adam(2e-4), 'g': ...}."
        )

    def compile(
        self,
        *unnamed,
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
            *unnamed: nothing; an optimizer needs the name of its player.
            steps_per_execution: training steps per call of the compiled function.
            run_eagerly: run steps without compiling them, for debugging.
            jit_compile: as in Keras; "auto" leaves XLA off on CPU.
            **optimizers: `d_optimizer=`, `g_optimizer=` ...: a Keras optimizer (or its
                name) for the player d, g ...; a missing one is the paper's.

        Raises:
            TypeError: for a keyword that names no player of this model, or metrics of
                another kind.
            ValueError: for two metrics of one name, one optimizer for two players, an
                optimizer whose averages nobody would use, a metric that cannot compare
                the model's images, or arguments out of range.
            NotImplementedError: under ParameterServerStrategy.
        """
        backend.check_strategy(self.distribute_strategy)
        expected = [f"{player}_optimizer" for player in self._network_names]
        for key in (*unnamed, *optimizers):
            if key not in expected:
                raise TypeError(
                    f"{type(self).__name__}.compile() takes the optimizers "
                    f"{', '.join(expected)} by name; got {key!r}. Write "
                    f"compile({expected[0]}='adam'). The losses are the class's own."
                )
        _check_apart(optimizers)
        metrics = [] if metrics is None else metrics
        # Models of other data have no images to compare.
        check_metrics(self.own_metrics, metrics, getattr(self, "image_shape", None))
        metrics = list(metrics)
        check_count("steps_per_execution", steps_per_execution)
        check_choice("run_eagerly", run_eagerly, (True, False))
        check_choice("jit_compile", jit_compile, (True, False, "auto"))
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
                chosen = _optimizer_of(key, chosen)
                setattr(self, key, self._prepared(chosen, self.variables_of(player)))
        self._unsaved.metrics = metrics
        self._compiled_with = {
            "steps_per_execution": steps_per_execution,
            "run_eagerly": run_eagerly,
            "jit_compile": jit_compile,
        }

    def _prepared(self, optimizer, variables):
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
        theirs = getattr(optimizer, "_trainable_variables", None)
        if (
            optimizer.built
            and theirs
            and set(map(id, theirs)) != set(map(id, variables))
        ):
            raise ValueError(
                f"Expected a new optimizer, got {optimizer!r}, which keeps moments of "
                "another model's variables. Make one for each model and player."
            )
        # Unbuilt optimizers lose their slots when a model is loaded.
        optimizer.build(variables)
        return optimizer

    def optimizer_of(self, player):
        """The optimizer `compile` gave to a player.

        Raises:
            ValueError: before `compile`.
        """
        if not self.compiled:
            raise ValueError(
                f"Expected a compiled {type(self).__name__}, got one without "
                "optimizers. Call compile() first; without arguments it takes the "
                "paper's."
            )
        return getattr(self, f"{player}_optimizer")

    # Saving.

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
        """The networks and what all systems share; subclasses add their arguments."""
        save = keras.saving.serialize_keras_object
        config = {"ema": self.ema, "seed": self.seed, "name": self.name}
        config |= {name: save(network) for name, network in self.networks.items()}
        if shared := shared_layers(self.networks):
            config["shared_layers"] = shared
        return config

    @classmethod
    def from_config(cls, config):
        """Rebuilds a model; networks are stored serialised among the arguments."""
        load = keras.saving.deserialize_keras_object
        config = dict(config)
        shared = config.pop("shared_layers", [])
        config = {k: load(v) if _is_object(v) else v for k, v in config.items()}
        names = {name for row in shared for name in (row[0], row[2])}
        apart = {name: net for name, net in config.items() if name in names}
        return cls(**config | share_layers(apart, shared))


def _is_object(value):
    """Whether a value of a configuration stands for a Keras object."""
    return isinstance(value, dict) and "class_name" in value


def _optimizer_of(key, value):
    """The Keras optimizer that a user gave, by its name or as an object."""
    try:
        return keras.optimizers.get(value)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Expected {key} to be a Keras optimizer or its name, got {value!r}. Write "
            f"{key}=keras.optimizers.Adam(2e-4) or {key}='adam'."
        ) from error


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
