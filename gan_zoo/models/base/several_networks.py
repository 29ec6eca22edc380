"""Keras's methods for a model of several networks, or what to use instead."""

import math
import os
import tempfile
import warnings
import zipfile

from gan_zoo.checks import check_known
from gan_zoo.models.base.players import PlayerModel


class SeveralNetworks(PlayerModel):
    """A `PlayerModel` with the methods of `keras.Model`.

    Methods that need one forward pass, one loss or one network to write are refused.
    Each error names what to use instead.
    """

    def __new__(cls, *args, **kwargs):
        """Checks the names of arguments; Python's message would name a base class."""
        check_known(cls, kwargs)
        return super().__new__(cls, *args, **kwargs)

    def call(self, *args, **kwargs):
        """A system of several networks has no one forward pass."""
        ways = [f"{name}()" for name in _WAYS if hasattr(self, name)]
        ways += [*self.networks]
        raise NotImplementedError(
            f"{type(self).__name__} is several networks: use {' or '.join(ways)}."
        )

    # Refused by themselves: Keras would wrap the error of `call` in another one.
    __call__ = predict = predict_on_batch = call

    def compute_loss(self, *args, **kwargs):
        """Each player has a loss of its own, which the training step computes."""
        raise NotImplementedError(
            f"{type(self).__name__} has a loss per player, which its train_step "
            "computes. train_on_batch(x, return_dict=True) takes a step and gives "
            f"{', '.join(self.tracked)}."
        )

    def export(self, *args, **kwargs):
        """Refused: Keras cannot know which of several networks is to be served."""
        raise NotImplementedError(
            f"{type(self).__name__} is several networks, and Keras's export writes "
            "one. Write gan_zoo.export(model, 'serving/model/1') for a SavedModel, "
            "gan_zoo.serving.export_onnx or export_litert for other formats."
        )

    def quantize(self, *args, **kwargs):
        """Quantized networks can neither be trained nor averaged any more."""
        raise NotImplementedError(
            f"Expected {type(self).__name__} to stay trainable, which quantized "
            "weights are not. Quantize a copy of the network that you use, one of "
            f"sampling_networks ({', '.join(self.networks)}): copy = "
            "keras.models.clone_model(network); "
            "copy.set_weights(network.get_weights()); copy.quantize('int8')."
        )

    def get_state_tree(self, *args, **kwargs):
        """Keras's tree has a place for one optimizer."""
        raise NotImplementedError(
            f"{type(self).__name__} has an optimizer per player, and Keras's tree of a "
            "model's state holds one. Write save('gan.keras') to keep all of them, or "
            "get_weights() for the weights."
        )

    set_state_tree = get_state_tree

    def save(self, filepath, *args, **kwargs):
        """As `keras.Model.save`, to a `.keras` file.

        Raises:
            ValueError: for a name with another ending.
        """
        name = str(filepath)
        if not name.endswith(".keras") and "://" not in name:
            raise ValueError(
                f"Expected a name that ends in .keras, got {name!r}. Write "
                "save('gan.keras'), save_weights('gan.weights.h5') for the weights "
                "alone, or gan_zoo.export(gan, 'serving/gan/1') for a SavedModel."
            )
        super().save(filepath, *args, **kwargs)

    def load_weights(self, filepath, skip_mismatch=False, **kwargs):
        """Loads weights as `keras.Model.load_weights` does.

        A `.weights.h5` or `.keras` file may be that of a model with other averages.
        Averages that it does not hold start at the loaded weights; averages that this
        model does not keep are left out.

        Args:
            filepath: as in Keras, as are the others.
            skip_mismatch: leave out layers that do not fit, with a warning.
            **kwargs: as in Keras.

        Raises:
            ValueError: for weights that do not fit, naming the networks that differ.
            FileNotFoundError: for a file that does not exist.
        """
        name = str(filepath)
        if "://" not in name and not os.path.exists(name):
            raise FileNotFoundError(
                f"Expected a file of weights, got {name!r}, which does not exist. The "
                "files that save and save_weights write end in .keras and .weights.h5."
            )
        if not kwargs and name.endswith((".weights.h5", ".weights.json")):
            self._load(filepath, name, skip_mismatch)
        elif not kwargs and name.endswith(".keras") and zipfile.is_zipfile(filepath):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    with zipfile.ZipFile(filepath) as archive:
                        weights = archive.extract("model.weights.h5", folder)
                except (KeyError, OSError, zipfile.BadZipFile) as reason:
                    raise ValueError(_unreadable(name, reason)) from reason
                self._load(weights, name, skip_mismatch)
        elif "://" in name or kwargs:
            super().load_weights(filepath, skip_mismatch, **kwargs)
        else:
            raise ValueError(_unreadable(name, "it has another ending"))

    def _load(self, filepath, name, skip_mismatch):
        before = self.get_weights()
        try:
            self._load_or_raise(filepath, name, skip_mismatch)
        except BaseException:
            # To see whether a layer fits is to load it.
            self.set_weights(before)
            raise

    def _load_or_raise(self, filepath, name, skip_mismatch):
        averages = [*self.averages.values()]
        try:
            error = None if skip_mismatch else self._misfit(filepath, skipped=averages)
        except (OSError, KeyError) as reason:
            raise ValueError(_unreadable(name, reason)) from reason
        if error:
            raise ValueError(
                f"Expected weights that fit this {type(self).__name__} in {name!r}, "
                f"got weights that do not fit {self._differing(filepath)}. Make the "
                "model with the arguments of the one that was saved, or load a whole "
                f"model with keras.models.load_model('gan.keras'). {error}"
            ) from error
        super().load_weights(filepath, skip_mismatch, objects_to_skip=averages)
        for names in self._network_names.values():
            names = [n for n in names if n in self.averages]
            if self._misfit(filepath, self._all_but(self.averages[n] for n in names)):
                for n in names:
                    self.averages[n].set_weights(self.networks[n].get_weights())

    def _misfit(self, filepath, skipped):
        """The error of loading all layers but some from a file, or None."""
        optimizers = map(self.optimizer_of, self.players) if self.compiled else []
        with warnings.catch_warnings():
            # Keras warns of what it then raises an error about.
            warnings.simplefilter("ignore")
            try:
                skipped = [*skipped, *optimizers]
                super().load_weights(filepath, objects_to_skip=skipped)
            except ValueError as error:
                return error
        return None

    def _all_but(self, layers):
        kept = {id(layer) for layer in layers}
        return [layer for layer in self.layers if id(layer) not in kept]

    def _differing(self, filepath):
        """Which networks a file has other weights for, in words."""
        if self._misfit(filepath, self.layers):
            return (
                "variables of the model itself: they may be those of another class, or "
                "of one network, which loads them by its own load_weights"
            )
        differing = [
            name
            for name, network in self.networks.items()
            if self._misfit(filepath, self._all_but([network]))
        ]
        return ", ".join(differing) or "layers outside its networks"

    def get_layer(self, name=None, index=None):
        """A network by its name in the model, or a layer as Keras finds it.

        Args:
            name: name of a network, such as "generator" or "average_generator", or of
                one of `layers`.
            index: place among `layers`.
        """
        averages = {f"average_{key}": net for key, net in self.averages.items()}
        named = self.networks | averages
        if index is None and name in named:
            return named[name]
        return super().get_layer(name, index)

    def summary(
        self,
        line_length=None,
        positions=None,
        print_fn=None,
        expand_nested=False,
        show_trainable=False,
    ):
        """Prints the summary of each network, then how many numbers each player has.

        Args:
            line_length: as in `keras.Model.summary`, as are the others. Its
                `layer_range` is one of layers of a network:
                `gan.generator.summary(layer_range=...)`.
            positions: as in Keras.
            print_fn: function that is called with each text; `print` by default.
            expand_nested: show the layers of networks within networks.
            show_trainable: show which layers are trained.
        """
        write = print_fn or print
        for name, network in self.networks.items():
            # What stands in Keras's table is the network's own name.
            write(f"{name} of {type(self).__name__}:")
            network.summary(
                line_length, positions, print_fn, expand_nested, show_trainable
            )
        networks, averages = self.networks, self.averages
        for player, names in self._network_names.items():
            trained = _count(self.variables_of(player))
            own = _count(v for name in names for v in networks[name].weights)
            kept = _count(
                v for name in names if name in averages for v in averages[name].weights
            )
            write(
                f"Player {player} ({', '.join(names)}): {own:,} parameters, "
                f"{trained:,} of them trainable"
                + (f"; {kept:,} more in averages" if kept else "")
            )
        if self._frozen_names:
            own = _count(v for n in self._frozen_names for v in networks[n].weights)
            write(f"Frozen ({', '.join(self._frozen_names)}): {own:,} parameters")
        write(f"Total with averages and counters: {self.count_params():,} parameters")


# What a user who tries `predict` may want, of the systems that have it.
_WAYS = "generate", "translate", "encode", "reconstruct", "predict_classes"


def _unreadable(name, reason):
    return (
        f"Expected a file of weights that ends in .keras or .weights.h5, got {name!r}, "
        f"which cannot be read as one ({reason}). Write one with save('gan.keras') or "
        "save_weights('gan.weights.h5')."
    )


def _count(variables):
    """How many numbers variables hold, those of shared layers once."""
    return sum({id(v): math.prod(v.shape) for v in variables}.values())
