"""ADA's operations against the authors' numbers, and how they are drawn."""

import json
import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import erfinv
from testing import golden, rebuilt

from gan_zoo import backend
from gan_zoo.augment import OPERATIONS, Pipeline
from gan_zoo.augment.pipeline import GROUPS
from gan_zoo.optimizers import Cosine

with np.load(golden("ada_augment_extract.npz")) as archive:
    RECORDED = {key: archive[key] for key in archive.files}
OPS = json.loads(str(RECORDED["cfg"]))["ops"]
CASES = [key.removeprefix("out/") for key in RECORDED if "_pct" in key]


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1))


def numbers_at(share, names):
    """The authors' numbers for debugging: each operation's at a share of its range."""
    within, normal = 2 * share - 1, erfinv(2 * share - 1)
    values = {
        "xflip": [math.floor(2 * share)],
        "rotate90": [math.floor(4 * share)],
        "xint": [0.125 * within] * 2,
        "scale": [2 ** (0.2 * normal)],
        "rotate": [math.pi * within, 0.0],
        "aniso": [2 ** (0.2 * normal)],
        "xfrac": [0.125 * normal] * 2,
        "brightness": [0.2 * normal],
        "contrast": [2 ** (0.5 * normal)],
        "lumaflip": [math.floor(2 * share)],
        "hue": [math.pi * within],
        "saturation": [2**normal],
        "imgfilter": [2**normal] * 4,
        "cutout": [0.5, share, share],
    }
    return {
        name: [tf.constant([value], "float32") for value in values[name]]
        for name in names
    }


@pytest.mark.parametrize("case", [c for c in CASES if "grad" not in c])
def test_operations_equal_the_authors(case):
    name, share = case.split("_pct")
    x = tf.constant(channels_last(RECORDED["in/x"]))
    made = Pipeline().apply(x, numbers_at(float(share), OPS[name]))
    wanted = channels_last(RECORDED[f"out/{case}"])
    np.testing.assert_allclose(made, wanted, atol=5e-5 * np.abs(wanted).max())


def test_the_gradient_equals_the_authors():
    x = tf.constant(channels_last(RECORDED["in/x"]))
    given = numbers_at(0.3, OPS["bgc"])
    with tf.GradientTape() as tape:
        tape.watch(x)
        made = Pipeline().apply(x, given)
        total = tf.reduce_sum(made * channels_last(RECORDED["in/g"]))
    wanted = channels_last(RECORDED["out/bgc_pct0.3_grad_x"])
    gradient = tape.gradient(total, x)
    np.testing.assert_allclose(gradient, wanted, atol=5e-5 * np.abs(wanted).max())


SHAPE = (8, 6, 3)


def drawn(count=1000, seed=0, **kwargs):
    pipeline = Pipeline(**kwargs)
    pipeline.build((None, *SHAPE))
    with backend.draws((seed, 1)):
        given = pipeline.draw(count)
    return {name: np.stack(values, 1) for name, values in given.items()}


def test_each_operation_has_probability_p_times_its_factor():
    given = drawn(4000, p=0.4, operations=dict.fromkeys(OPERATIONS, 0.5))
    neutral = dict.fromkeys(OPERATIONS, 0.0)
    neutral |= dict.fromkeys(("scale", "aniso", "contrast", "saturation"), 1.0)
    neutral["imgfilter"] = 1.0
    # Of a flip one half, of quarter turns three quarters do something.
    acts = {"xflip": 0.5, "lumaflip": 0.5, "rotate90": 0.75}
    for name, values in given.items():
        first = values[:, 0] != neutral[name]
        share = 0.2 * acts.get(name, 1.0)
        if name == "rotate":  # both rotations together
            first = (values != 0.0).any(1)
        assert first.mean() == pytest.approx(share, abs=0.02), name


def test_numbers_have_their_ranges():
    given = drawn(4000, p=1.0, operations=OPERATIONS)
    assert set(given["xflip"][:, 0]) == {0, 1}
    assert set(given["rotate90"][:, 0]) == {0, 1, 2, 3}
    assert 0.12 < np.abs(given["xint"]).max() <= 0.125
    assert np.log2(given["scale"]).std() == pytest.approx(0.2, rel=0.05)
    assert np.log2(given["aniso"]).std() == pytest.approx(0.2, rel=0.05)
    assert given["xfrac"].std() == pytest.approx(0.125, rel=0.05)
    assert 3.1 < np.abs(given["rotate"]).max() <= np.pi + 1e-6
    assert given["brightness"].std() == pytest.approx(0.2, rel=0.05)
    assert np.log2(given["contrast"]).std() == pytest.approx(0.5, rel=0.05)
    assert np.log2(given["saturation"]).std() == pytest.approx(1.0, rel=0.05)
    assert np.log2(given["imgfilter"]).std() == pytest.approx(1.0, rel=0.05)
    assert np.square(given["noise"]).mean() == pytest.approx(0.01, rel=0.1)
    assert set(given["cutout"][:, 0]) == {0.5}
    numbers = np.concatenate(list(given.values()), 1)
    means = numbers - numbers.mean(0)
    spread = means.std(0)
    moving = spread > 0
    correlation = (means.T @ means)[moving][:, moving] / len(means)
    correlation /= np.outer(spread[moving], spread[moving])
    np.fill_diagonal(correlation, 0)
    # Two rows that are one decision: the halves of a shift are drawn apart.
    assert np.abs(correlation).max() < 0.08


def test_nothing_happens_with_probability_0_or_outside_of_training():
    x = tf.random.stateless_uniform((2, *SHAPE), (0, 1), -1, 1)
    pipeline = Pipeline(0.0)
    with backend.draws((0, 1)):
        made = pipeline(x, training=True)
    # The low-pass filters of the geometry stay.
    np.testing.assert_allclose(made, x, atol=2e-5)
    np.testing.assert_array_equal(Pipeline(1.0)(x), x)
    with backend.draws((0, 1)):
        changed = Pipeline(1.0, tuple(GROUPS))(x, training=True)
    assert np.abs(changed - x).max() > 0.1


@pytest.mark.parametrize("channels", [1, 3])
def test_the_map_is_affine_and_its_gradient_the_adjoint(channels):
    shape = (3, 8, 6, channels)
    x, v, g = (tf.random.stateless_normal(shape, (0, k)) for k in range(3))
    groups = [name for name in GROUPS if name != "noise"]
    pipeline = Pipeline(1.0, groups)

    def change(images):
        with backend.draws((7, 1)):
            return pipeline(images, training=True)

    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(change(x) * g)
    left = tf.reduce_sum((change(x + v) - change(x)) * g)
    right = tf.reduce_sum(tape.gradient(total, x) * v)
    assert float(left) == pytest.approx(float(right), rel=1e-3)


def test_a_penalty_through_it_has_the_gradient_of_the_plain_formula():
    """D(x) = Σ sin(W ∘ L x): the penalty is that of an explicit matrix L."""
    size = 6 * 6
    basis = np.eye(size, dtype="float32").reshape(size, 6, 6, 1)
    pipeline = Pipeline(1.0, ("blits", "geometry"))
    pipeline.build((None, 6, 6, 1))
    with backend.draws((3, 1)):
        given = pipeline.draw(1)

    def change(images):
        count = len(images)
        repeated = {k: [tf.repeat(x, count) for x in v] for k, v in given.items()}
        return pipeline.apply(images, repeated)

    matrix = tf.reshape(change(tf.constant(basis)), (size, size))  # rows: L e_i
    weight = tf.random.stateless_normal((size,), (0, 1))
    x = tf.random.stateless_normal((2, 6, 6, 1), (0, 2))
    with tf.GradientTape() as tape:
        tape.watch(weight)
        gradient = backend.input_gradient(
            lambda images: tf.reduce_sum(
                tf.sin(tf.reshape(change(images), (-1, size)) * weight), 1
            ),
            x,
        )
        through = tf.reduce_sum(gradient**2)
    with tf.GradientTape() as plain:
        plain.watch(weight)
        seen = tf.matmul(tf.reshape(x, (-1, size)), matrix)
        explicit = tf.matmul(tf.cos(seen * weight) * weight, matrix, transpose_b=True)
        wanted = tf.reduce_sum(explicit**2)
    assert float(through) == pytest.approx(float(wanted), rel=1e-4)
    np.testing.assert_allclose(
        tape.gradient(through, weight),
        plain.gradient(wanted, weight),
        rtol=1e-3,
        atol=1e-3,
    )


def test_p_follows_a_schedule_of_updates():
    pipeline = Pipeline(Cosine(0.0, 0.8, 4), "blits")
    pipeline.build((None, *SHAPE))
    seen = [float(pipeline.p)]
    for _ in range(5):
        pipeline.adjust(tf.ones((2, 1)))
        seen.append(float(pipeline.p))
    half = 0.4 * (1 - 0.5**0.5)
    np.testing.assert_allclose(seen, [0, half, 0.4, 0.8 - half, 0.8, 0.8], atol=1e-6)


def test_groups_names_and_factors():
    assert Pipeline(0.1, "color").factors == dict.fromkeys(GROUPS["color"], 1.0)
    given = {"cutout": 0.5, "xflip": 2}
    assert Pipeline(0.1, given).factors == {"xflip": 2.0, "cutout": 0.5}
    layer = rebuilt(Pipeline(Cosine(0.0, 0.3, 10), given))
    assert layer.factors == {"xflip": 2.0, "cutout": 0.5}
    assert layer.initial_p.get_config() == {"initial": 0.0, "final": 0.3, "steps": 10}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.5,), r"p in \[0, 1\], got 1.5"),
        ((-0.1,), "Expected p"),
        ((0.1, ("flips",)), "names of operations .* or of groups .*got 'flips'"),
        ((0.1, {"xflip": -1}), "the factor of xflip"),
    ],
)
def test_what_is_out_of_range_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Pipeline(*arguments)


def test_colours_need_images_of_one_or_three_channels():
    with pytest.raises(ValueError, match=r"1 or 3 channels.*got 4.*'geometry'"):
        Pipeline(0.1)(keras.Input((8, 8, 4)))
    Pipeline(0.1, ("blits", "geometry"))(keras.Input((8, 8, 4)))
