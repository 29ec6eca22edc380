"""What the metrics say of generators whose faults are known."""

import keras
import numpy as np
import pytest
from features.feature_doubles import Flat, as_images
from keras import ops

import gan_zoo
from gan_zoo import backend, metrics
from gan_zoo.features import resolve

N = 500


class Reader(Flat):
    """Features that read the pixels as logits."""

    def __init__(self, dim):
        super().__init__(dim)
        self.classes = dim

    def classify(self, images):
        return ops.softmax(self(images))


def every_metric(dim, training):
    """One of each metric that compares sets of features."""
    return [
        metrics.FrechetDistance(Flat(dim)),
        metrics.KernelDistance(Flat(dim), subsets=5, subset_size=20),
        metrics.PrecisionRecall(Flat(dim)),
        metrics.DensityCoverage(Flat(dim)),
        metrics.ClassifierScore(Reader(dim), splits=4),
        metrics.KernelTest(Flat(dim), permutations=50),
        metrics.ClassifierTest(Flat(dim)),
        metrics.Memorisation(training, Flat(dim)),
    ]


@pytest.fixture(scope="module")
def digits():
    """Images and features of three sets of digits, and the labels of the second.

    All are of the split that the feature network was trained on: it knows them equally
    well, while digits of the test split lie a little farther from all others.
    """
    train, _ = gan_zoo.data.load("mnist_sample", batch_size=3 * N, labels=True)
    images, labels = (x.numpy() for x in next(iter(train)))
    features = resolve("mnist")
    seen = metrics.features_of(features, images)
    sets = {"features": features, "labels": labels[N : 2 * N]}
    for i, name in enumerate(("training", "fresh", "held out")):
        rows = slice(i * N, (i + 1) * N)
        sets[name] = images[rows], seen[rows]
    return sets


def near(images):
    """Images with a little noise, as a collapsed generator's differ a little."""
    noise = np.random.default_rng(0).normal(0, 0.02, images.shape)
    return np.clip(images + noise, -1, 1).astype("float32")


def test_a_perfect_generator(digits):
    real, fake = digits["held out"][1], digits["fresh"][1]
    precision, recall = metrics.precision_and_recall(real, fake)
    density, coverage = metrics.density_and_coverage(real, fake)
    assert min(precision, recall) > 0.7
    assert density == pytest.approx(1, abs=0.15)
    assert coverage > 0.9
    assert metrics.classifier_test(real, fake)[1] > 0.01
    for accuracy in metrics.neighbour_accuracies(real, fake):
        assert accuracy == pytest.approx(0.5, abs=0.1)


def test_a_collapsed_generator_has_precision_and_no_recall(digits):
    images, real = digits["training"]
    same = near(np.repeat(images[:1], N, axis=0))
    fake = metrics.features_of(digits["features"], same)
    precision, recall = metrics.precision_and_recall(real, fake)
    assert precision > 0.9
    assert recall < 0.1
    assert metrics.density_and_coverage(real, fake)[1] < 0.1
    assert metrics.neighbour_accuracies(digits["held out"][1], fake)[1] > 0.95
    scores = [
        metrics.classifier_scores(digits["features"].classify(x), 1)[0]
        for x in (same, digits["held out"][0])
    ]
    assert scores[0] == pytest.approx(1, abs=0.05)
    assert scores[1] > 8


def test_a_generator_of_half_the_digits_keeps_its_precision_alone(digits):
    real, fresh = digits["held out"][1], digits["fresh"][1]
    small = fresh[digits["labels"] < 5]
    perfect = metrics.precision_and_recall(real, fresh)
    half = metrics.precision_and_recall(real, small)
    assert half[0] > perfect[0] - 0.1
    assert half[1] < 0.75 * perfect[1]
    coverage = metrics.density_and_coverage(real, small)[1]
    assert coverage == pytest.approx(0.5, abs=0.12)


def test_a_generator_of_noise_has_no_density(digits):
    noise = np.random.default_rng(0).uniform(-1, 1, (N, 28, 28, 1)).astype("float32")
    fake = metrics.features_of(digits["features"], noise)
    real = digits["held out"][1]
    # Precision may be fooled here: one odd digit has a ball with all the noise in it.
    assert max(metrics.density_and_coverage(real, fake)) < 0.05
    assert metrics.classifier_test(real, fake) == (1, pytest.approx(0, abs=1e-50))


def test_a_copied_training_set_is_memorised_and_new_digits_are_not(digits):
    training, held_out = digits["training"][1], digits["held out"][1]
    copies = metrics.features_of(digits["features"], near(digits["training"][0]))

    def judge(fake):
        distances = (metrics.training_distances(x, training) for x in (fake, held_out))
        return metrics.memorisation_test(*distances)

    for fake in (training, copies):
        nearer, p_value, copied = judge(fake)
        assert nearer > 0.95
        assert p_value < 1e-20
        assert copied > 0.5
    nearer, p_value, copied = judge(digits["fresh"][1])
    assert nearer == pytest.approx(0.5, abs=0.06)
    assert p_value > 0.01
    assert copied < 0.05


def test_batches_and_order_do_not_matter():
    draw = np.random.default_rng(0)
    real, fake = draw.normal(size=(2, 60, 4)).astype("float32")
    training, order = as_images(draw.normal(size=(50, 4))), draw.permutation(60)
    results = []
    for index, size in ((np.arange(60), 60), (np.arange(60), 7), (order, 16)):
        each = every_metric(4, training)
        for metric in each:
            for i in range(0, 60, size):
                rows = index[i : i + size]
                # The two sides come in different orders, too.
                metric.update_state(as_images(real[rows]), as_images(fake[rows][::-1]))
        values = keras.tree.flatten([metric.result() for metric in each])
        results.append([float(value) for value in values])
    np.testing.assert_allclose(results[1], results[0], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(results[2], results[0], rtol=1e-6, atol=1e-12)


def test_batches_of_one_say_the_same_of_a_real_networks_features(digits):
    """Whose last bits depend on the size of the batch."""
    real, fake = digits["held out"][0][:100], digits["fresh"][0][:100]
    results = []
    for size in (100, 1):
        each = [
            metrics.KernelDistance("mnist", subsets=10, subset_size=30),
            metrics.ClassifierScore("mnist"),
            metrics.KernelTest("mnist", permutations=200),
            metrics.ClassifierTest("mnist"),
        ]
        for i in range(0, 100, size):
            images = real[i : i + size], fake[i : i + size]
            with backend.one_pass():
                for metric in each:
                    metric.update_state(*images)
        values = keras.tree.flatten([metric.result() for metric in each])
        results.append([float(value) for value in values])
    np.testing.assert_allclose(results[1], results[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("make", [metrics.KernelTest, metrics.ClassifierTest])
def test_data_sorted_by_class_is_not_told_from_itself(digits, make):
    """Where only some of it is kept."""
    images, labels = digits["fresh"][0], digits["labels"]
    metric = make("mnist", max_images=250)
    metric.update_state(images[np.argsort(labels)], images)
    values = {name.removesuffix("_mnist"): v for name, v in metric.result().items()}
    assert values.get("mmd_p", values.get("classifier_p")) > 0.05


def test_measuring_disturbs_no_training():
    images = np.random.default_rng(0).uniform(-1, 1, (24, 2, 2, 1)).astype("float32")
    gan, plain = gan_zoo.GAN((2, 2, 1), 3), gan_zoo.GAN((2, 2, 1), 3)
    plain.set_weights(gan.get_weights())
    each = every_metric(4, images[:16] / 2)
    gan.compile(metrics=each)
    plain.compile()
    validation = images[::-1]
    history = gan.fit(
        images, batch_size=8, epochs=2, validation_data=validation, verbose=0
    ).history
    plain.fit(images, batch_size=8, epochs=2, verbose=0)
    for trained, alone in zip(
        gan.players.values(), plain.players.values(), strict=True
    ):
        for a, b in zip(trained[0].get_weights(), alone[0].get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    names = [name for metric in each for name in metric.result_names]
    assert len(names) == len(set(names)) == 18
    for name in names:
        assert np.isfinite(history[f"val_{name}"]).all()
    assert set(gan.protocols()) == set(names)


def test_directions_say_which_of_two_generators_is_better():
    draw = np.random.default_rng(0)
    real, good, training = (as_images(x) for x in draw.normal(size=(3, 60, 4)))
    bad = as_images(np.float32([3, 4, 5, 6]) + draw.normal(0, 1e-2, (60, 4)))
    seen = set()
    for one, other in zip(*(every_metric(4, training) for _ in "ab"), strict=True):
        results = []
        for metric, fake in ((one, good), (other, bad)):
            metric.update_state(real, fake)
            value = metric.result()
            several = value if isinstance(value, dict) else {metric.name: value}
            results.append({name: float(value) for name, value in several.items()})
        for name, direction in one.directions.items():
            better, worse = (values[name] for values in results)
            assert (better < worse) if direction == "min" else (better > worse), name
            seen.add(name.removesuffix("_flat"))
    # Not of deviations, p-values, and what is best in the middle of its range.
    assert seen == {
        "frechet",
        "kernel",
        "precision",
        "recall",
        "coverage",
        "classifier_score",
        "mmd2",
    }


@pytest.mark.parametrize(
    ("metric", "directions"),
    [
        (metrics.ConfidentShare(), {"confident_mnist": "max"}),
        (
            metrics.ModeCoverage(*gan_zoo.data.toy.modes("ring")),
            {"modes": "max", "modes_kl": "min", "modes_quality": "max"},
        ),
        (metrics.StackedModes(), {"modes_mnist": "max", "modes_mnist_kl": "min"}),
        (metrics.SlicedWasserstein(Flat(4)), {"swd_flat": "min"}),
        (
            metrics.PatchDistance((32, 32, 1)),
            {"swd_patches": "min", "swd_patches_32": "min", "swd_patches_16": "min"},
        ),
        (metrics.PeakSignalToNoise(luma=True), {"psnr_y": "max"}),
        (metrics.StructuralSimilarity(), {"ssim": "max"}),
        (metrics.MultiScaleSimilarity(), {"ms_ssim": "max"}),
    ],
)
def test_directions_of_other_metrics(metric, directions):
    assert metric.directions == directions
