"""The conditions of a data set that a model needs and cannot draw at random."""

import numpy as np


def needed_conditions(model):
    """Names of the conditions that a user must pass to `generate`, such as "texts".

    Args:
        model: model with `conditions`, a dict of name to `Input`.
    """
    return [name for name, kind in model.conditions.items() if not kind.can_draw]


def first_conditions(model, dataset, count):
    """The conditions that `generate` needs, from the start of a data set.

    Args:
        model: model with `conditions`, a dict of name to `Input`, and the description
            of its batches as `batch`.
        dataset: batches as `fit` takes them.
        count: number of rows. If the data set has fewer, they are repeated in turn.

    Returns:
        Dict of name to array (count, ...), as `generate` takes them; empty if the model
        can draw all its conditions.

    Raises:
        ValueError: for a data set without rows, or batches of another structure.
    """
    needed = needed_conditions(model)
    if not needed:
        return {}
    places = [model.batch.names.index(name) for name in needed]
    batches, found = [], 0
    for batch in dataset.as_numpy_iterator():
        parts = model.batch.arranged(batch)
        batches.append([parts[place] for place in places])
        found += len(batches[-1][0])
        if found >= count:
            break
    if not found:
        raise ValueError(f"Expected a data set with {needed}, got one without rows.")
    columns = [np.concatenate(column) for column in zip(*batches, strict=True)]
    return {
        name: column[np.arange(count) % found]
        for name, column in zip(needed, columns, strict=True)
    }
