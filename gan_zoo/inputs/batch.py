"""What a batch of a data set holds: named inputs in a fixed order."""

from keras import ops

from gan_zoo import backend
from gan_zoo.inputs.input import shape_words


class Batch:
    """The description of a batch, by which `fit` and `evaluate` read data.

    A data set may hold a tuple in the order of the parts, a dict by their names, or
    for a single part the tensor itself. Images alone may have something beside them
    that the model does not use: (images, labels).

    Args:
        owner: name of the model's class, for messages.
        parts: dict of name to `Input`, in order. The inputs of a part have a row per
            image each. A part may itself be a dict of inputs; then the parts have rows
            of their own: `{"labelled": {"images": ..., "labels": ...},
            "unlabelled": ...}`.
        unpaired: whether the rows of the parts do not belong together, so that there
            may be more of one than of another.
        shortened: whether, for unpaired parts, the rows beyond the shortest part are
            left out, because a step needs the same number of rows of each.
    """

    def __init__(self, owner, parts, unpaired=False, shortened=True):
        self.owner = owner
        self.parts = parts
        self.unpaired = unpaired
        self.shortened = unpaired and shortened
        self.names, self.inputs, self.groups = [], [], []
        nested = any(isinstance(part, dict) for part in parts.values())
        for place, (name, part) in enumerate(parts.items()):
            inner = part if isinstance(part, dict) else {name: part}
            self.names += inner
            self.inputs += inner.values()
            self.groups += [place if nested else 0] * len(inner)

    @property
    def words(self):
        """The structure for messages, such as "(images, labels)"."""
        return _words(self.parts)

    def arranged(self, batch):
        """The tensors of a batch as a list, in the order of `names`.

        Args:
            batch: one batch's tensors, arrays or specs, in one of the forms that the
                class describes.

        Raises:
            TypeError: for sample weights beside them.
            ValueError: for another structure.
        """
        while isinstance(batch, (tuple, list)):
            # Keras's (images, labels, weights), None where there is nothing.
            if len(batch) == 3 and batch[1] is None and batch[2] is not None:
                raise TypeError(self._weighted(batch))
            batch = [part for part in batch if part is not None]
            if len(batch) != 1:
                break
            batch = batch[0]  # Keras wraps several arrays once more
        return self._flat(self.parts, batch)

    def _flat(self, parts, batch, which="the data set"):
        flat = []
        values = self._values(parts, batch, which)
        for (name, part), value in zip(parts.items(), values, strict=True):
            which = f"the {name} data set, before zipping,"
            if isinstance(part, dict):
                flat += self._flat(part, value, which)
            elif isinstance(value, dict):
                flat += self._values({name: part}, value, which)
            else:
                flat.append(value)
        return flat

    def _values(self, parts, batch, which):
        if isinstance(batch, dict):
            if missing := [name for name in parts if name not in batch]:
                chosen = _chosen(parts, batch)
                fix = f"Convert {which} with ds.map(lambda d: {chosen})."
                if _are_arrays(batch.values()):
                    fix = f"Pass {chosen} of the dict d."
                raise ValueError(
                    f"Expected batches with {_names(parts)}, got a dict of "
                    f"{_names(batch)}, which lacks {_names(missing)}. {fix}"
                )
            return [batch[name] for name in parts]
        if not isinstance(batch, (tuple, list)):
            if len(parts) == 1:
                return [batch]
            raise ValueError(self._expected(f"one part of shape {_shape(batch)}"))
        (first, *others) = parts.values()
        alone = not others and not isinstance(first, dict)
        # Beside images alone there may be labels, which are not used.
        most = len(parts) + (alone and first.may_have_labels)
        nested = [isinstance(part, dict) for part in parts.values()]
        given = [isinstance(value, (tuple, list, dict)) for value in batch]
        if len(batch) == most + 1 and given[: len(nested)] == nested:
            raise TypeError(self._weighted(batch))
        if not len(parts) <= len(batch) <= most:
            raise ValueError(self._expected(f"{len(batch)} parts"))
        for beside in batch[len(parts) :]:
            self._check_rows_beside(batch[0], beside)
            # Labels have a number per row, or a row of them.
            if len(getattr(beside, "shape", ())) > 2:
                raise ValueError(
                    f"{self._expected(f'a pair, the second of shape {_shape(beside)}')}"
                    " For the first of each pair alone write ds.map(lambda a, b: a). "
                    "A model of image pairs takes both."
                )
        return list(batch)[: len(parts)]

    def _check_rows_beside(self, images, beside):
        rows = [getattr(part, "shape", (None,))[:1] for part in (images, beside)]
        if all(rows) and None not in (*rows[0], *rows[1]) and rows[0] != rows[1]:
            raise ValueError(
                f"Expected as many rows beside the {self.names[0]} as there are, got "
                f"{rows[1][0]} and {rows[0][0]}."
            )

    def _weighted(self, batch):
        return (
            f"{self._expected(f'{len(batch)} parts')} Sample weights are not "
            f"supported: {self.owner} counts every image alike. Leave images out of "
            "the data, or repeat them, instead."
        )

    def _expected(self, got):
        text = f"{self.owner} expects batches {self.words}, got {got}."
        if any(isinstance(part, dict) for part in self.parts.values()):
            text += f" Write fit({self.words}), or pass a data set of such batches."
        return text

    def check(self, spec):
        """Raises ValueError for batches of another structure, shape or type.

        Args:
            spec: one batch's arrays or specs, with `shape` and `dtype`.
        """
        parts = self.arranged(spec)
        for name, kind, part in zip(self.names, self.inputs, parts, strict=True):
            if not hasattr(part, "shape"):
                raise ValueError(
                    f"{self._expected(f'a structure in place of {name}')} Zip data "
                    "sets with tf.data.Dataset.zip(...)."
                )
            kind.check_spec(self.owner, name, part)
        for first, second in self._pairs():
            rows = parts[first].shape[0], parts[second].shape[0]
            if None not in rows and rows[0] != rows[1]:
                arrays = _are_arrays(parts)
                raise ValueError(self._uneven(first, second, *rows, arrays=arrays))

    def check_values(self, arrays):
        """Raises ValueError for arrays whose values cannot be meant; warns of others.

        Args:
            arrays: one batch's arrays, or all.
        """
        parts = self.arranged(arrays)
        for name, kind, array in zip(self.names, self.inputs, parts, strict=True):
            kind.check_array(name, array)

    def from_arrays(self, arrays):
        """Arrays as a list in the order of `names`, as networks take them.

        Raises:
            ValueError: for values that a step must not use.
        """
        return [
            kind.from_array(name, array)
            for name, kind, array in zip(
                self.names, self.inputs, self.arranged(arrays), strict=True
            )
        ]

    def checked(self, batch):
        """A batch as networks take it; its values are checked when the graph runs.

        Args:
            batch: one batch's tensors.

        Returns:
            List of tensors in the order of `names`.

        Raises:
            InvalidArgumentError: for values or numbers of rows that a step must not
                use.
        """
        parts = self.arranged(batch)
        if self.shortened:
            parts = _shortened(parts)
        for first, second in self._pairs():
            rows = [ops.shape(parts[place])[0] for place in (first, second)]
            if not all(isinstance(count, int) for count in rows):
                equal, message = rows[0] == rows[1], self._uneven(first, second)
                parts = backend.require(equal, f"{message} Got:", parts, rows[1])
        return [
            kind.checked(name, part)
            for name, kind, part in zip(self.names, self.inputs, parts, strict=True)
        ]

    def packed(self, parts):
        """Tensors in the order of `names` in the form that `arranged` reads."""
        if len(parts) == 1:
            return parts[0]
        parts = iter(parts)
        return _packed(self.parts, parts)

    def _pairs(self):
        """Places of neighbours whose rows must be equally many."""
        if self.unpaired:
            return []
        places = range(len(self.names) - 1)
        return [(i, i + 1) for i in places if self.groups[i] == self.groups[i + 1]]

    def _uneven(self, first, second, *rows, arrays=False):
        got = f", got {rows[1]} and {rows[0]}" if rows else " in each batch"
        fix = "Zip the data sets before they are batched."
        if arrays:
            places = (first, second) if rows[0] > rows[1] else (second, first)
            more, fewer = (self.names[place] for place in places)
            fix = f"Leave out the rows of {more} that have no {fewer}."
        return (
            f"Expected as many {self.names[second]} as {self.names[first]}{got}. {fix}"
        )


def _are_arrays(values):
    """Whether these are a user's arrays, rather than what a data set says of itself."""
    return all(hasattr(value, "__array__") for value in values)


def _shortened(parts):
    """Tensors cut to the rows of the shortest."""
    rows = [ops.shape(part)[0] for part in parts]
    if all(isinstance(count, int) for count in rows) and len(set(rows)) == 1:
        return parts
    least = ops.min(ops.stack([ops.convert_to_tensor(r, "int32") for r in rows]))
    return [part[:least] for part in parts]


def _packed(parts, values):
    return tuple(
        _packed(part, values) if isinstance(part, dict) else next(values)
        for part in parts.values()
    )


def _words(parts):
    inner = [
        _words(part) if isinstance(part, dict) else name for name, part in parts.items()
    ]
    return inner[0] if len(inner) == 1 else f"({', '.join(inner)})"


def _names(names):
    return ", ".join(map(str, names))


def _shape(part):
    return shape_words(tuple(part.shape)) if hasattr(part, "shape") else repr(part)


def _chosen(parts, batch):
    """A tuple of a dict's entries, whose names are often those of tfds: "image"."""
    keys = []
    # Those of other names, in their order.
    others = [key for key in batch if key not in parts and f"{key}s" not in parts]
    for name in parts:
        near = [key for key in (name, name.removesuffix("s")) if key in batch]
        keys.append((near or others or [name])[0])
        if not near:
            others = others[1:]
    taken = [f"d[{key!r}]" for key in keys]
    return f"({', '.join(taken)})" if len(taken) > 1 else taken[0]
