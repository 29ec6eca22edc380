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
        mean: mean over the paths, without outliers.
        std: standard deviation over these paths.
        count: number of these paths.
        protocol: how the numbers were computed, in words.
    """

    mean: float
    std: float
    count: int
    protocol: str


def lerp(a, b, t):
    """Linear interpolation a + (b − a) t.

    Args:
        a: array (n, ...).
        b: the same.
        t: array (n,); 0 gives a, 1 gives b.

    Returns:
        float64 array (n, ...).
    """
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    return a + (b - a) * _broadcast(t, a)


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
    angle = _broadcast(t, a) * np.arccos(np.clip(cosine, -1, 1))
    across = _unit(b - cosine * a)
    return _unit(a * np.cos(angle) + across * np.sin(angle))


def polar_lerp(a, b, t):
    """Interpolates the direction by `slerp` and the norm by `lerp`.

    For a generator that normalises its latents, such as StyleGAN's, this is `slerp`.
    For any other, the latents on the path have the norms of its training.

    Args:
        a: as in `slerp`.
        b: as in `slerp`.
        t: array (n,); 0 gives a, 1 gives b.

    Returns:
        float64 array (n, d).
    """
    norms = (np.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b))
    return slerp(a, b, t) * lerp(*norms, t)


def _broadcast(t, a):
    t = np.asarray(t, "float64")
    return t.reshape(-1, *[1] * (a.ndim - 1))  # (n, 1, ...)


def _unit(x):
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.maximum(norm, np.finfo("float64").tiny)  # a zero vector stays 0


def path_steps(generate, a, b, t, distance, interpolate=lerp, epsilon=1e-4):
    """Distances of images one small step apart, divided by the step squared.

    d(G(f(a, b; t)), G(f(a, b; t + ε))) / ε². For a distance that grows with the square
    of a difference, this tends to the squared speed at t.

    Args:
        generate: function of points (n, ...), float64, to images.
        a: starts of the paths (n, ...).
        b: ends of the paths (n, ...).
        t: positions on the paths (n,).
        distance: function of two batches of n images to numbers (n,).
        interpolate: f, such as `lerp` or `slerp`.
        epsilon: ε.

    Returns:
        float64 array (n,).
    """
    t = np.asarray(t, "float64")
    first, second = (generate(interpolate(a, b, at)) for at in (t, t + epsilon))
    steps = ops.convert_to_numpy(distance(first, second)).astype("float64")
    if steps.shape != t.shape:
        raise ValueError(
            f"Expected one distance per pair of images, shape {t.shape}, got shape "
            f"{steps.shape} from the distance."
        )
    return steps / epsilon**2


def without_outliers(values, low=1, high=99):
    """The values from one percentile to another, both included.

    Args:
        values: array (n,).
        low: lower percentile, rounded down to a value that occurs.
        high: upper percentile, rounded up.

    Returns:
        The values between them, in their order.
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
    **conditions,
):
    """The perceptual path length of a generator.

    It is the mean of `path_steps` between pairs of random latents, without those below
    the 1st and above the 99th percentile, as in the authors' code. Compare only numbers
    of the same distance, space and sampling. Z and W have different units.

    The steps are so small that float32 images give three correct digits. Equal settings
    give equal numbers. Another batch size changes them within this precision.

    Args:
        model: noise-to-image model. W needs a model with `styles` and `synthesise`,
            such as `StyleGAN`.
        distance: function of two batches of images (n, h, w, c) in [-1, 1] to numbers
            (n,); the paper uses a weighted squared difference of VGG16 features. The
            distance must also crop and resize the images if the protocol requires it.
            (The authors crop faces and resize to 256 × 256.)
        space: "z" for interpolation by `polar_lerp`, or "w" for `lerp` between styles
            without truncation.
        sampling: "full" for t uniform in [0, 1); "end" for t = 0.
        samples: number of paths; the paper uses 100,000.
        epsilon: step ε; the paper uses 1e-4.
        seed: integer seed of the latents, of t and of the inputs that the model draws.
        batch_size: number of paths in a batch.
        verbose: 0 for no progress bar.
        **conditions: inputs of the model besides noise, as for `generate`; in W those
            of its `conditions` only. They are equal at both ends of a path.

    Returns:
        `PathLength`.

    Raises:
        ValueError: for another space or sampling, for a model without styles in W, for
            a model that computes in half precision (also with a mixed policy), or for a
            distance that returns another shape than (n,).

    Reference: Karras et al. 2018, A Style-Based Generator Architecture for Generative
    Adversarial Networks, 1812.04948, section 4.1.
    """
    if space not in ("z", "w") or sampling not in ("full", "end"):
        raise ValueError(
            "Expected space 'z' or 'w' and sampling 'full' or 'end', got "
            f"{space!r} and {sampling!r}."
        )
    others = sorted(set(conditions) - set(model.conditions))
    if space == "w" and (others or not hasattr(model, "styles")):
        raise ValueError(
            "Expected for a path in W a model with styles(z) and synthesise(styles), "
            "such as StyleGAN, and nothing besides its conditions, got "
            f"{type(model).__name__} and {others or 'nothing else'}. Use space='z'."
        )
    _check_precision(model)
    with backend.draws((seed, 0)):
        a, b = (ops.convert_to_numpy(model.latents(samples)) for _ in range(2))
        for name, condition in model.conditions.items():
            if condition.can_draw:
                # Drawn also where it is given, so the next ones do not change.
                drawn = ops.convert_to_numpy(condition.draw(samples))
                if conditions.get(name) is None:
                    conditions[name] = drawn
            conditions[name] = condition.given(name, conditions[name], samples)
    t = np.zeros(samples)
    if sampling == "full":
        t = np.random.default_rng(seed).random(samples)
    steps = np.empty(samples)
    bar = keras.utils.Progbar(samples, verbose=verbose, unit_name="path")
    for start in range(0, samples, batch_size):
        rows = slice(start, start + batch_size)
        setup = _in_w if space == "w" else _in_z
        given = {
            k: v[rows] if k in model.conditions else v for k, v in conditions.items()
        }
        generate, ends, interpolate = setup(model, (a[rows], b[rows]), given)
        steps[rows] = path_steps(
            generate, *ends, t[rows], distance, interpolate, epsilon
        )
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
            "The steps of the path are smaller than the resolution of half precision, "
            "so the path length would be a rounding error. Expected networks that "
            f"compute in float32, got {', '.join(halves)}. Save the weights "
            "(save_weights), call keras.config.set_dtype_policy('float32'), make the "
            "model again and load them (load_weights)."
        )


def _in_z(model, ends, given):
    def generate(z):
        return model.sample_in_batches(z, len(z), **given)

    return generate, ends, polar_lerp


def _in_w(model, ends, given):
    styles, synthesise = (model.graph_of(name) for name in ("styles", "synthesise"))
    given = {name: ops.convert_to_tensor(value) for name, value in given.items()}
    ends = (
        ops.convert_to_numpy(styles(ops.convert_to_tensor(z), **given)) for z in ends
    )

    def generate(w):
        return ops.convert_to_numpy(
            synthesise(ops.convert_to_tensor(w.astype("float32")))
        )

    return generate, ends, lerp
