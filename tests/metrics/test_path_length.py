import json

import keras
import numpy as np
import pytest
from keras import ops
from testing import golden

import gan_zoo
from gan_zoo.metrics import path_length
from gan_zoo.metrics.path_length import (
    lerp,
    path_steps,
    polar_lerp,
    slerp,
    without_outliers,
)
from gan_zoo.networks.stylegan import stylegan_generator
from gan_zoo.networks.stylegan2 import stylegan2_discriminator, stylegan2_generator


def squared(x, y):
    return ((np.asarray(x) - np.asarray(y)) ** 2).reshape(len(x), -1).sum(1)


@pytest.fixture(scope="module")
def recorded():
    return np.load(golden("ppl_slerp.npz"))


@pytest.mark.parametrize("t", [0.0, 0.25, 0.5, 1.0])
def test_interpolation_equals_the_authors(recorded, t):
    a, b = recorded["slerp/in/a"], recorded["slerp/in/b"]
    where = np.full(len(a), t)
    expected = recorded[f"slerp/out/nvlabs_slerp_t{t}"]
    np.testing.assert_allclose(slerp(a, b, where), expected, atol=2e-6)
    expected = recorded[f"slerp/out/torchfid_lerp_t{t}"]
    np.testing.assert_allclose(lerp(a, b, where), expected, atol=2e-6)


def test_slerp_by_hand():
    """A third of the way from the x axis to the y axis is 30 degrees."""
    a, b = np.array([[5.0, 0.0]]), np.array([[0.0, 2.0]])
    third = np.array([1 / 3])
    expected = [[np.sqrt(3) / 2, 1 / 2]]
    np.testing.assert_allclose(slerp(a, b, third), expected, rtol=1e-12)
    # Of length 5 to 2, a third of the way: 4.
    np.testing.assert_allclose(polar_lerp(a, b, third), 4 * np.array(expected))
    np.testing.assert_allclose(slerp(a, 7 * a, third), [[1.0, 0.0]])
    assert np.isfinite(slerp(a, 0 * a, third)).all()


@pytest.mark.parametrize("kind", ["lerp_normal", "slerp_unit_unit"])
def test_equals_torch_fidelity_on_a_linear_generator(recorded, kind):
    """They interpolate in float32, hence the tolerance."""
    prefix = "ppl_linear_generator"
    epsilon = json.loads(str(recorded[f"{prefix}/cfg"]))["epsilon"]
    matrix = recorded[f"{prefix}/in/A"].astype("float64")
    a, b = (recorded[f"{prefix}/out/{z}_normal"] for z in ("z0", "z1"))
    if kind == "slerp_unit_unit":
        # Its unit latents are uniform numbers from 0 to 1, brought to length 1.
        draw = np.random.RandomState(2020)
        a, b = (draw.rand(200, 6) for _ in range(2))
    steps = path_steps(
        lambda z: z @ matrix.T,
        a,
        b,
        np.zeros(len(a)),
        squared,
        lerp if kind == "lerp_normal" else slerp,
        epsilon,
    )
    if kind == "lerp_normal":  # the closed form, wherever on the path
        closed = recorded[f"{prefix}/out/closed_form_lerp_all"]
        np.testing.assert_allclose(steps, closed, rtol=1e-6)
    raw = recorded[f"{prefix}/out/{kind}_raw_all"]
    np.testing.assert_allclose(np.sort(steps), np.sort(raw), rtol=2e-4)
    kept = without_outliers(steps)
    assert len(kept) == len(recorded[f"{prefix}/out/{kind}_kept"])
    assert kept.mean() == pytest.approx(recorded[f"{prefix}/out/{kind}_mean"], rel=1e-4)
    assert kept.std() == pytest.approx(recorded[f"{prefix}/out/{kind}_std"], rel=1e-4)


def test_a_linear_generator_has_a_closed_form():
    """Lerp: |A (b − a)|² at every t; slerp: |A v|², v the velocity on the sphere."""
    rng = np.random.default_rng(0)
    matrix, (a, b) = rng.normal(size=(4, 3)), rng.normal(size=(2, 50, 3))
    t = rng.random(50)

    def generate(z):
        return z @ matrix.T

    steps = path_steps(generate, a, b, t, squared, lerp)
    np.testing.assert_allclose(steps, squared(generate(a), generate(b)), rtol=1e-6)
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b)]
    angle = np.arccos((unit[0] * unit[1]).sum(1))[:, None]
    # d/dt of (sin((1 − t) ω) a + sin(t ω) b) / sin ω
    by_a, by_b = -np.cos((1 - t[:, None]) * angle), np.cos(t[:, None] * angle)
    velocity = angle * (by_a * unit[0] + by_b * unit[1]) / np.sin(angle)
    steps = path_steps(generate, a, b, t, squared, slerp, epsilon=1e-6)
    np.testing.assert_allclose(
        steps, squared(generate(velocity), 0 * steps[:, None]), rtol=1e-4
    )


def test_outliers_are_cut_at_values_that_occur():
    values = np.random.default_rng(0).permutation(201.0 * np.arange(200) / 200)
    kept = without_outliers(values)
    # Ranks 1.99 and 197.01, rounded outwards.
    assert sorted(kept) == sorted(values)[1:199]
    assert len(without_outliers(np.ones(7))) == 7


def linear_gan():
    z = keras.Input((4,))
    start = keras.initializers.RandomNormal(seed=1)
    x = keras.layers.Dense(6, use_bias=False, kernel_initializer=start)(z)
    generator = keras.Model(z, keras.layers.Reshape((2, 3, 1))(x))
    images = keras.Input((2, 3, 1))
    scores = keras.layers.Dense(1)(keras.layers.Flatten()(images))
    return gan_zoo.GAN(
        (2, 3, 1),
        4,
        generator=generator,
        discriminator=keras.Model(images, scores),
    )


def test_a_model_in_z_is_judged_by_its_speed(capsys):
    """At the start of the path, ‖A v‖² with v from `polar_lerp` by a small step."""
    gan = linear_gan()
    settings = {"sampling": "end", "samples": 120, "epsilon": 1e-2, "seed": 3}
    result = path_length(gan, squared, batch_size=50, **settings)
    assert "120/120" in capsys.readouterr().out
    with gan_zoo.backend.draws((3, 0)):
        a, b = (ops.convert_to_numpy(gan.latents(120)) for _ in range(2))
    matrix = gan.generator.get_weights()[0].astype("float64")
    ends = (polar_lerp(a, b, np.full(120, t)) @ matrix for t in (0, 1e-2))
    kept = without_outliers(squared(*ends) / 1e-4)
    assert result.mean == pytest.approx(kept.mean(), rel=1e-3)
    assert result.std == pytest.approx(kept.std(), rel=1e-3)
    assert result.count == len(kept)
    assert "in Z, end: squared, 120 paths of which 118" in result.protocol
    other = path_length(gan, squared, batch_size=120, verbose=0, **settings)
    assert other.mean == pytest.approx(result.mean, rel=1e-4)
    full = path_length(gan, squared, verbose=0, **settings | {"sampling": "full"})
    assert full.mean != result.mean


def test_a_style_gan_in_z_and_in_w():
    generator = stylegan_generator((8, 8, 1), 4, 4, mapping_depth=1, width=8)
    gan = gan_zoo.StyleGAN(
        (8, 8, 1), 4, generator=generator, discriminator=_scores((8, 8, 1))
    )
    settings = {"samples": 20, "epsilon": 1e-2, "verbose": 0, "seed": 5}
    found = {
        space: path_length(gan, squared, space=space, **settings) for space in "zw"
    }
    with gan_zoo.backend.draws((5, 0)):
        a, b = (ops.convert_to_numpy(gan.latents(20)) for _ in range(2))
    t = np.random.default_rng(5).random(20)
    # In Z by the authors' slerp, since the mapping normalises; in W by lerp.
    paths = {
        "z": [gan.sample(slerp(a, b, at).astype("float32")) for at in (t, t + 1e-2)],
        "w": [
            gan.synthesise(lerp(gan.styles(a), gan.styles(b), at).astype("float32"))
            for at in (t, t + 1e-2)
        ],
    }
    for space, (here, there) in paths.items():
        expected = without_outliers(squared(here, there) / 1e-4).mean()
        assert found[space].mean == pytest.approx(expected, rel=2e-3)
        assert f"in {space.upper()}, full" in found[space].protocol


def test_a_style_gan_with_classes_keeps_them_in_w():
    """The ends of a path are styles of the class of its row."""
    shape, classes = (8, 8, 1), {"num_classes": 3}
    narrow = {"width": 8, "mapping_depth": 1}
    gan = gan_zoo.StyleGAN2(
        shape,
        4,
        generator=stylegan2_generator(shape, 4, 4, **narrow, **classes),
        discriminator=stylegan2_discriminator(shape, **narrow, **classes),
        **classes,
    )
    settings = {"samples": 20, "epsilon": 1e-2, "verbose": 0, "seed": 5}
    found = path_length(gan, squared, space="w", labels=2, **settings)
    with gan_zoo.backend.draws((5, 0)):
        a, b = (ops.convert_to_numpy(gan.latents(20)) for _ in range(2))
    t, labels = np.random.default_rng(5).random(20), np.full(20, 2)
    a, b = gan.styles(a, labels=labels), gan.styles(b, labels=labels)
    here, there = (
        gan.synthesise(lerp(a, b, at).astype("float32")) for at in (t, t + 1e-2)
    )
    expected = without_outliers(squared(here, there) / 1e-4).mean()
    assert found.mean == pytest.approx(expected, rel=2e-3)
    with pytest.raises(ValueError, match=r"its conditions, got StyleGAN2.*truncation"):
        path_length(gan, squared, space="w", truncation=0.5, **settings)


def _scores(shape):
    images = keras.Input(shape)
    return keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)))


def test_a_conditional_model_keeps_its_classes_along_a_path():
    """Images are 10 × class + z: a change of class would be a step of 100 / ε²."""
    z, label = keras.Input((2,)), keras.Input((), dtype="int32")
    shift = 10.0 * ops.cast(label, "float32")[:, None]
    images = keras.Input((1, 2, 1))
    scores = keras.layers.Dense(1)(keras.layers.Flatten()(images))
    gan = gan_zoo.CGAN(
        (1, 2, 1),
        2,
        num_classes=3,
        generator=keras.Model([z, label], keras.layers.Reshape((1, 2, 1))(z + shift)),
        discriminator=keras.Model([images, label], scores),
    )
    result = path_length(gan, squared, samples=40, epsilon=1e-2, verbose=0)
    assert result.mean < 100
    again = path_length(gan, squared, samples=40, epsilon=1e-2, verbose=0, labels=1)
    assert again.mean == pytest.approx(result.mean, rel=1e-2)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_refused_and_the_fix_works(policy, tmp_path):
    """Its last bit is larger than a step: the numbers would be noise."""
    keras.config.set_dtype_policy(policy)
    try:
        half = linear_gan()
    finally:
        keras.config.set_dtype_policy("float32")
    with pytest.raises(ValueError, match=f"got {policy.removeprefix('mixed_')}.*load_"):
        path_length(half, squared, samples=20, verbose=0)
    half.save_weights(tmp_path / "gan.weights.h5")
    again = linear_gan()
    again.load_weights(tmp_path / "gan.weights.h5")
    assert path_length(again, squared, samples=20, verbose=0).mean > 0


def test_wrong_input_is_named():
    gan = linear_gan()
    with pytest.raises(ValueError, match="'x' and 'full'"):
        path_length(gan, squared, space="x")
    with pytest.raises(ValueError, match=r"path in W a model with styles.*got GAN"):
        path_length(gan, squared, space="w")
    with pytest.raises(ValueError, match=r"shape \(3,\), got shape \(\)"):
        path_steps(
            lambda z: z, np.ones((3, 2)), np.ones((3, 2)), np.zeros(3), lambda x, y: 1.0
        )
