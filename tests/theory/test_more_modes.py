import itertools

import numpy as np
import pytest
from keras import ops
from testing import ROOT

import gan_zoo
from gan_zoo import layers
from gan_zoo.networks.gan import mlp
from gan_zoo.theory import modes, more_modes

SCHEDULE = more_modes.SETTINGS | modes.SCHEDULES["WGAN-GP"]
FEW = {"steps": {"ring": 50, "grid": 50}, "width": 8}


def built(name, seed=0):
    return more_modes.SYSTEMS[name](seed, SCHEDULE)


def same_weights(network, other):
    weights, others = network.get_weights(), other.get_weights()
    return len(weights) == len(others) and all(map(np.array_equal, weights, others))


@pytest.mark.parametrize("name", more_modes.SYSTEMS)
def test_every_system_generates_by_the_perceptron_of_modes(name):
    system = built(name, seed=3)
    assert type(system).__name__ == name.partition(",")[0]
    assert system.prior == "normal"
    assert system.image_shape == (2,)
    networks = system.sampling_networks
    generator = networks.get("generator") or networks["decoder"]
    ends = 4 if name == "GaussianVAE" else 2  # means and log variances
    assert same_weights(generator, mlp(16, ends, 128, 3, seed=6))
    plays = hasattr(system, "critic_steps")
    assert plays == (name in more_modes.WITH_CRITIC_STEPS)
    assert not plays or system.critic_steps == 5


def test_a_spectral_critic_starts_like_the_others_with_gradient_norm_below_1():
    critic = built("SNGAN").discriminator
    plain = mlp(2, 1, 128, 3, seed=1)
    dense = [x for x in critic.layers if isinstance(x, layers.SpectralDense)]
    for layer, other in zip(dense, plain.layers[1:], strict=True):
        np.testing.assert_array_equal(layer.kernel, other.kernel)
        normalised = ops.convert_to_numpy(layer.normalized(training=False))
        assert np.linalg.norm(normalised, 2) == pytest.approx(1.0, rel=1e-4)
    points = np.random.default_rng(0).normal(size=(2, 500, 2))
    ups = critic.predict(points[0], verbose=0) - critic.predict(points[1], verbose=0)
    runs = np.linalg.norm(points[0] - points[1], axis=1)
    assert (np.abs(ups[:, 0]) / runs).max() < 1.0


def test_the_improved_discriminator_sees_whether_points_are_close():
    critic = built("ImprovedGAN").discriminator
    spread = np.array([[1.0, 1.0], [-2.0, 0.0], [0.0, 3.0]])
    alone, together = critic(spread), critic(np.ones((3, 2)))
    assert abs(float(alone[0, 0] - together[0, 0])) > 0.01
    again = built("ImprovedGAN").discriminator
    assert same_weights(critic, again)


def test_the_features_of_vaegan_are_the_last_hidden_layer():
    system = built("VAEGAN")
    scores, features = system.discriminator(np.ones((4, 2)))
    assert scores.shape == (4, 1)
    assert features.shape == (4, 128)
    last = system.discriminator.layers[-1]
    np.testing.assert_allclose(scores, last(features), rtol=1e-6)


def test_the_bandwidths_of_gmmn_reach_from_a_mode_to_the_gap_between_modes():
    for target in modes.TARGETS:
        centres, std = gan_zoo.data.toy.modes(target)
        gap = np.linalg.norm(centres[0] - centres[1])
        bandwidths = np.sqrt(built("GMMN").bandwidths)
        assert min(bandwidths) / 6 < std < min(bandwidths)
        assert max(bandwidths) > gap


def test_the_standard_deviation_of_a_vae_may_be_fixed():
    means, log_variances = built("GaussianVAE, σ 0.1").decoder(np.ones((3, 16)))
    assert np.ptp(means) > 0
    np.testing.assert_allclose(np.exp(log_variances / 2), 0.1, rtol=1e-6)


@pytest.mark.parametrize("name", ["SNGAN", "VAEGAN"])
def test_a_training_is_repeatable(name):
    first, again = (more_modes.train("DCGAN", "ring", name, 0, **FEW) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (2500, 2)


@pytest.mark.parametrize(("name", "updates"), [("MMDGAN", 250), ("VAEGAN", 50)])
def test_critics_are_updated_as_often_as_the_schedule_says(name, updates):
    s = SCHEDULE | FEW
    if name not in more_modes.WITH_CRITIC_STEPS:
        s |= {"critic_steps": 1}
    system = more_modes.SYSTEMS[name](0, s)
    modes.train_and_sample(system, "ring", 0, s)
    assert int(system.optimizer_of("d").iterations) == updates
    assert float(system.optimizer_of("d").learning_rate) == pytest.approx(0, abs=1e-9)
    assert int(system.optimizer_of("g").iterations) == 50


PICTURE = ROOT / "docs" / "images" / "theory" / "more_modes.png"


@pytest.fixture(scope="module")
def published():
    """The results behind the picture in the docs; nothing is trained anew."""
    results = more_modes.measure(PICTURE.with_suffix(".json"))
    assert len(results) == 2 + 2 * 2 * 7 * 5
    return results


def test_the_picture_is_drawn_from_stored_results(published, tmp_path):
    assert more_modes.draw(tmp_path / "m.png", published) is published
    assert (tmp_path / "m.png").stat().st_size < 100_000
    assert "; DCGAN grid GaussianVAE, σ 0.1 " in more_modes.summary(published)


def test_the_docs_table_holds_the_published_results(published):
    page = (ROOT / "docs" / "theory.md").read_text()
    means = modes.table(published)
    for name in more_modes.SYSTEMS:
        keys = [
            modes.format_mean(means[schedule, target, name])
            for target, schedule in itertools.product(modes.TARGETS, modes.SCHEDULES)
        ]
        assert f"| `{name}` | {' | '.join(keys)} |" in page


@pytest.mark.slow
def test_a_bounded_gradient_norm_fills_the_ring_with_one_schedule_only():
    """Half a minute; a fixed kernel also fills it with the other schedule."""

    def filled(schedule, name):
        samples = more_modes.train(schedule, "ring", name, 0)
        return modes.evaluate(schedule, "ring", name, 0, samples).filled

    assert filled("WGAN-GP", "SNGAN") == 8
    assert filled("DCGAN", "SNGAN") <= 2
    assert filled("DCGAN", "GMMN") == 8
