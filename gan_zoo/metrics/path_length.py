"""Perceptual path length: how much images change along a path between latents."""

import dataclasses

import keras
import numpy as np
from keras import ops

from gan_zoo import backend


@dataclasses.dataclass(frozen=True)
class PathLength:
    """Perceptual path length; lower is smoother.

    Attributes:
        mean: mean of what was kept.
        std: standard deviation of what was kept.
        kept: number of paths that were kept.
        protocol: how the numbers were made, in words.
    """

    mean: float
    std: float
    kept: int
    protocol: str


def lerp(a, b, t):
    """Straight interpolation a + (b − a) t.

    Args:
        a: array (n, ...).
        b: the same.
        t: array (n,); 0 gives a, 1 gives b.

    Returns:
        float64 array (n, ...).
    """
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    return a + (b - a) * _beside(t, a)


def slerp(a, b, t):
    """Interpolation along the great circle between two directions.

    Args:
        a: array (n, d); only its direction is used.
        b: the same.
        t: array (n,); 0 gives a / |a|, 1 gives b / |b|.

    Returns:
        float64 array (n, d) of unit vectors.

    Reference: Shoemake 1985, Animating rotation with quaternion curves.
    """
    a, b = _unit(np.asarray(a, "float64")), _unit(np.asarray(b, "float64"))
    cosine = np.sum(a * b, axis=-1, keepdims=True)
    angle = _beside(t, a) * np.arccos(np.clip(cosine, -1, 1))
    across = _unit(b - cosine * a)
    return _unit(a * np.cos(angle) + across * np.sin(angle))


def polar_lerp(a, b, t):
    """Direction by `slerp`, length by `lerp`.

    A generator that normalises its latent, as StyleGAN's, sees `slerp`. For any other
    the latents on the path stay as long as those it was trained on.

    Args:
        a: as in `slerp`.
        b: as in `slerp`.
        t: array (n,); 0 gives a, 1 gives b.

    Returns:
        float64 array (n, d).
    """
    lengths = (np.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b))
    return slerp(a, b, t) * lerp(*lengths, t)


def _beside(t, a):
    t = np.asarray(t, "float64")
    return t.reshape(-1, *[1] * (a.ndim - 1))  # (n, 1, ...)


def _unit(x):
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.maximum(length, np.finfo("float64").tiny)  # a zero vector stays 0


def path_steps(render, a, b, t, distance, between=lerp, epsilon=1e-4):
    """Distance of two images a small step apart on a path, over the step squared.

    d(G(f(a, b; t)), G(f(a, b; t + ε))) / ε²: for a distance that grows with the square
    of a difference it tends to the squared speed at t.

    Args:
        render: function of points (n, ...), float64, to images.
        a: where the paths start (n, ...).
        b: where they end.
        t: places on the paths (n,).
        distance: function of two batches of n images to numbers (n,).
        between: f, such as `lerp` or `slerp`.
        epsilon: ε.

    Returns:
        float64 array (n,).
    """
    t = np.asarray(t, "float64")
    here, there = (render(between(a, b, where)) for where in (t, t + epsilon))
    steps = ops.convert_to_numpy(distance(here, there)).astype("float64")
    if steps.shape != t.shape:
        raise ValueError(
            f"Expected one distance per pair of images, shape {t.shape}, got shape "
            f"{steps.shape} from the distance."
        )
    return steps / epsilon**2


def without_outliers(values, low=1, high=99):
    """Values from one percentile to another, those at the ends included.

    Args:
        values: array (n,).
        low: lower percentile, rounded down to a value that occurs.
        high: upper percentile, rounded up.

    Returns:
        Those of the values that lie between, in their order.
    """
    values = np.asarray(values)
    least = np.percentile(values, low, method="lower")
    most = np.percentile(values, high, method="higher")
    return values[(least <= values) & (values <= most)]


def path_length(
    model,
    distance,
    *,
    space="z",
    sampling="full",
    samples=100_000,
    epsilon=1e-4,
    seed=0,
    batch_size=50,
    verbose=1,
    **given,
):
    """Perceptual path length of a generator.

    The mean of `path_steps` between pairs of random latents, without those below the
    1st and above the 99th percentile, as in the authors' code. Compare only numbers of
    one distance, space and sampling: those of Z and W are of different units.

    The steps are so small that float32 images leave them three digits. Equal settings
    give equal numbers; another batch size changes them within this precision.

    Args:
        model: noise-to-image model. In Z any; in W one with `styles` and `synthesise`,
            as `StyleGAN`.
        distance: function of two batches of images (n, h, w, c) in [-1, 1] to numbers
            (n,); the paper's is a weighted squared difference of VGG16's features. It
            also crops and shrinks images, where the protocol asks for that (the
            authors crop faces and shrink to 256 × 256).
        space: "z", interpolating by `polar_lerp`; or "w", by `lerp` between styles
            that are not truncated.
        sampling: "full" for places t uniform in [0, 1); "end" for t = 0.
        samples: number of paths; the paper's 100,000.
        epsilon: step ε; the paper's 1e-4.
        seed: of the latents, the places and what else the model draws.
        batch_size: paths at a time.
        verbose: 0 for no progress bar.
        **given: in Z, what the model takes besides noise, as for `generate`; the same
            at both ends of a step.

    Returns:
        `PathLength`.

    Raises:
        ValueError: for another space or sampling, a model without styles in W, one that
            computes in half precision (also by a mixed policy), a distance that gives
            another shape than (n,).

    Reference: Karras et al. 2018, A Style-Based Generator Architecture for Generative
    Adversarial Networks, 1812.04948, section 4.1.
    """
    if space not in ("z", "w") or sampling not in ("full", "end"):
        raise ValueError(
            "Expected space 'z' or 'w' and sampling 'full' or 'end', got "
            f"{space!r} and {sampling!r}."
        )
    if space == "w" and not (hasattr(model, "styles") and not given):
        raise ValueError(
            "Expected for a path in W a model with styles(z) and synthesise(styles), "
            "such as StyleGAN, and nothing besides noise, got "
            f"{type(model).__name__} and {sorted(given) or 'nothing else'}. Use "
            "space='z'."
        )
    _check_precision(model)
    with backend.draws((seed, 0)):
        a, b = (ops.convert_to_numpy(model.latents(samples)) for _ in range(2))
        if space == "z":
            for name, condition in model.conditions.items():
                if condition.can_draw:
                    # Also where it is given, so that the next one stays what it is.
                    drawn = ops.convert_to_numpy(condition.draw(samples))
                    if given.get(name) is None:
                        given[name] = drawn
                given[name] = condition.given(name, given[name], samples)
    t = np.zeros(samples)
    if sampling == "full":
        t = np.random.default_rng(seed).random(samples)
    steps = np.empty(samples)
    bar = keras.utils.Progbar(samples, verbose=verbose, unit_name="path")
    for start in range(0, samples, batch_size):
        rows = slice(start, start + batch_size)
        place = _in_w if space == "w" else _in_z
        render, ends, between = place(model, (a[rows], b[rows]), given, rows)
        steps[rows] = path_steps(render, *ends, t[rows], distance, between, epsilon)
        bar.add(len(t[rows]))
    kept = without_outliers(steps)
    name = getattr(distance, "description", None) or getattr(
        distance, "__name__", distance
    )
    return PathLength(
        float(kept.mean()),
        float(kept.std()),
        len(kept),
        f"perceptual path length in {space.upper()}, {sampling}: {name}, {samples} "
        f"paths of which {len(kept)} within percentiles 1 to 99, epsilon {epsilon:g}, "
        f"seed {seed}",
    )


def _check_precision(model):
    dtypes = {
        layer.compute_dtype
        for network in model.sampling_networks.values()
        for layer in (network, *network.layers)
    }
    halves = sorted(dtypes & {"float16", "bfloat16"})
    if halves:
        raise ValueError(
            "A step on the path is smaller than half precision resolves, so that its "
            "length would be rounding noise. Expected networks that compute in "
            f"float32, got {', '.join(halves)}. Save the weights (save_weights), call "
            "keras.config.set_dtype_policy('float32'), make the model again and load "
            "them (load_weights)."
        )


def _in_z(model, ends, given, rows):
    conditioned = {
        name: value[rows] if name in model.conditions else value
        for name, value in given.items()
    }

    def render(z):
        return model.sample_in_batches(z, len(z), **conditioned)

    return render, ends, polar_lerp


def _in_w(model, ends, given, rows):
    styles, synthesise = (model.graph_of(name) for name in ("styles", "synthesise"))
    ends = (ops.convert_to_numpy(styles(ops.convert_to_tensor(z))) for z in ends)

    def render(w):
        return ops.convert_to_numpy(
            synthesise(ops.convert_to_tensor(w.astype("float32")))
        )

    return render, ends, lerp
