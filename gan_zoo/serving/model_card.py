"""The model card that travels with an exported model."""

import importlib.metadata
import inspect
import json
import math
import re

import keras
import numpy as np
import tensorflow as tf


def model_card(model, endpoints, outputs, max_images, metrics, data):
    """What a user of the exported model should know, as a dict for JSON.

    Args:
        model: the model.
        endpoints: its `Endpoint`s.
        outputs: dict of endpoint name to dict of output name to `tf.TensorSpec`.
        max_images: most images per request.
        metrics: dict of metric name to value or to (value, protocol), or None.
        data: note on the training data and its licence, or None.
    """
    doc = inspect.getdoc(type(model)) or ""
    steps = getattr(model, "steps", None)
    return {
        "model": type(model).__name__,
        "name": model.name,
        "summary": doc.partition("\n")[0],
        "reference": _reference(doc),
        "config": _config(model),
        "training_steps": None if steps is None else int(steps.value.numpy()),
        "ema": getattr(model, "ema", None),
        "image_range": "float32 in [-1, 1]; uint8 = round((x + 1) * 127.5)",
        "max_images": max_images,
        "endpoints": {
            e.name: {
                "about": e.about,
                "inputs": {i.name: _input(i) for i in e.inputs},
                "outputs": {k: _tensor(s) for k, s in outputs[e.name].items()},
            }
            for e in endpoints
        },
        "metrics": {
            name: _measured(*(m if isinstance(m, (tuple, list)) else [m]))
            for name, m in (metrics or {}).items()
        },
        "data": data,
        "versions": {
            "gan_zoo": _version("gan_zoo"),
            "keras": keras.__version__,
            "tensorflow": tf.__version__,
        },
    }


def write_card(folder, card):
    """Writes `model_card.json` and `model_card.md` into a folder."""
    text = json.dumps(card, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "model_card.json").write_text(text + "\n", encoding="utf-8")
    (folder / "model_card.md").write_text(markdown(card), encoding="utf-8")


def markdown(card):
    """The card as Markdown."""
    lines = [
        f"# {card['model']}",
        "",
        card["summary"],
        "",
        f"- Reference: {card['reference'] or 'not stated'}",
        f"- Training steps: {card['training_steps']}",
        f"- Moving average of the weights (ema): {card['ema'] or 'none'}",
        f"- Training data: {card['data'] or 'not stated'}",
        f"- Images: {card['image_range']}",
        f"- Images per request: at most {card['max_images']}",
        "- Made with "
        + ", ".join(f"{k} {version}" for k, version in card["versions"].items()),
        "",
        "## Measured",
        "",
    ]
    lines += [
        f"- {name}: {m['value']} ({m['protocol']})"
        for name, m in card["metrics"].items()
    ] or ["Nothing was recorded at export."]
    lines += ["", "## Endpoints", ""]
    for name, endpoint in card["endpoints"].items():
        lines += [f"### {name}", "", f"Returns {endpoint['about']}.", ""]
        for kind in ("inputs", "outputs"):
            lines += [
                f"- {kind[:-1]} `{k}`: " + ", ".join(f"{w}: {v}" for w, v in t.items())
                for k, t in endpoint[kind].items()
            ]
        lines.append("")
    lines += ["## Settings", ""]
    lines += [f"- {name}: {value}" for name, value in card["config"].items()]
    return "\n".join(lines) + "\n"


def _reference(doc):
    # The paragraph behind "Reference:", or the indented block below it.
    found = re.search(r"Reference:\s*(.+?)(?:\n\s*\n|\Z)", doc, re.DOTALL)
    return " ".join(found.group(1).split()) if found else None


def _config(model):
    return {k: _setting(model, k, v) for k, v in model.get_config().items()}


def _setting(model, key, value):
    own = getattr(model, key, None)
    if isinstance(own, keras.Layer):
        return f"{own.name}, {own.count_params():,} parameters"
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float):
        return _number(value)
    return value if isinstance(value, (str, int, list, type(None))) else repr(value)


def _measured(value, protocol="protocol not stated"):
    return {"value": _number(value), "protocol": protocol}


def _input(i):
    described = {"dtype": i.dtype.name, "shape": list(i.shape), "about": i.about}
    if i.names:
        described["names"] = list(i.names)
    if i.default is None:
        return described
    # No rows stand for a condition that is left out.
    scalar = np.ndim(i.default) == 0
    return described | {"default": i.default if scalar else "drawn at random"}


def _tensor(spec):
    return {"dtype": spec.dtype.name, "shape": list(spec.shape)}


def _number(value):
    # JSON knows no infinity and no NaN.
    return float(value) if math.isfinite(value) else str(float(value))


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
