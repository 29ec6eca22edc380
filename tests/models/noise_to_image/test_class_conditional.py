import contextlib

import numpy as np
import pytest
import tensorflow as tf
from models.system import data_for
from models.systems import SYSTEMS
from replicas import two_replicas

import gan_zoo
from gan_zoo.networks import cgan

SHAPE = (8, 8, 1)


def tiny(**kwargs):
    return gan_zoo.CGAN(
        SHAPE,
        4,
        num_classes=3,
        generator=cgan.conditional_dcgan_generator(SHAPE, 4, 3, 4),
        discriminator=cgan.conditional_dcgan_discriminator(SHAPE, 3, 4),
        **kwargs,
    )


IMAGES = np.random.default_rng(0).uniform(-1, 1, (24, *SHAPE)).astype("float32")
LABELS = np.arange(24) % 3


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((IMAGES, None), r"batches \(images, labels\), got one part of shape"),
        ((IMAGES, LABELS.astype("float32")), "integers .n,., got float32"),
        ((IMAGES, LABELS > 0), r"got bool.*tf\.cast\(labels, .int32.\)"),
        ((IMAGES, LABELS * 1.0), r"got float64.*tf\.cast\(labels, .int32.\)"),
        ((IMAGES, LABELS.astype(str)), r"Number the classes.*return_inverse"),
        ((IMAGES, np.eye(3)[LABELS].astype("int32")), r"one-hot.*argmax\(labels, -1\)"),
        # As keras.datasets.cifar10 gives them; argmax would make each of them 0.
        ((IMAGES, LABELS[:, None].astype("uint8")), r"write labels\[:, 0\]\.$"),
        (((IMAGES, LABELS[:, None]), None), r"write labels\[:, 0\]\.$"),
        ((IMAGES, LABELS[:, None] * 1.0), r"tf\.cast\(labels\[:, 0\], .int32.\)"),
    ],
)
def test_wrong_labels_are_refused_before_training(data, message):
    gan = tiny()
    gan.compile()
    with pytest.raises(ValueError, match=message):
        gan.fit(*data, verbose=0)


def state(model):
    optimizers = [model.optimizer_of(player) for player in model.players]
    variables = model.weights + [v for o in optimizers for v in o.variables]
    return [v.numpy() for v in variables]


@contextlib.contextmanager
def refused_without_a_trace(model):
    """Labels are refused, and neither weights nor counters nor slots have moved."""
    before = state(model)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="labels from 0 to"
    ) as error:
        yield error
    for a, b in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("wrong", [-1, 3, 2**32])
def test_arrays_with_a_label_out_of_range_are_refused_before_training(wrong):
    gan = tiny()
    gan.compile()
    labels = LABELS.copy()
    labels[-1] = wrong
    with refused_without_a_trace(gan) as error:
        gan.fit(IMAGES, labels, batch_size=6, verbose=0)
    assert str(error.value).startswith("Expected labels from 0 to 2. ")
    assert str(error.value).endswith(f" Got: {wrong}")


# XLA drops checks from a step.
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize(
    "system", ["CGAN", "ACGAN", "ProjectionGAN", "SemiSupervisedGAN"]
)
def test_a_label_out_of_range_in_a_data_set_changes_nothing(system, jit_compile):
    gan = SYSTEMS[system].tiny()
    gan.compile(jit_compile=jit_compile)
    data = data_for(gan, steps=2)
    if system == "SemiSupervisedGAN":
        bad = data.map(lambda xy, u: ((xy[0], xy[1] + 3), u))
    else:
        bad = data.map(lambda x, y: (x, y + 3))
    with refused_without_a_trace(gan):
        gan.fit(bad, verbose=0)
    if not jit_compile:
        gan.fit(data, verbose=0)
        assert gan.trained_steps == 2


def test_steps_before_the_bad_batch_are_taken_and_those_after_it_are_not():
    gan = tiny()
    gan.compile(run_eagerly=True)
    labels = tf.constant([*LABELS[:12], *LABELS[12:] - 1])
    data = tf.data.Dataset.from_tensor_slices((IMAGES, labels)).batch(6)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels from 0 to 2"):
        gan.fit(data, verbose=0)
    assert gan.trained_steps == 2


def test_no_replica_moves_where_one_of_them_has_a_label_out_of_range():
    with two_replicas().scope():
        gan = SYSTEMS["ProjectionGAN"].tiny()  # several critic steps, spectral norm
    gan.compile()
    wrong = tf.constant([0, 0, 0, 3])  # on the second replica
    with refused_without_a_trace(gan):
        gan.fit(data_for(gan).map(lambda x, y: (x, y + wrong)), verbose=0)
    assert gan.trained_steps == 0


def test_a_training_step_of_one_s_own_waits_for_the_check_of_its_labels():
    gan = tiny()
    gan.compile()
    before = [w.numpy() for n in (gan.generator, gan.discriminator) for w in n.weights]
    step = tf.function(gan.train_step, autograph=False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels from 0 to 2"):
        step((tf.constant(IMAGES), tf.constant(LABELS + 1)))
    after = [w.numpy() for n in (gan.generator, gan.discriminator) for w in n.weights]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_same_seed_and_label_give_the_same_images_and_other_labels_others():
    gan = tiny()
    ones = gan.generate(4, seed=1, labels=1)
    np.testing.assert_array_equal(ones, gan.generate(4, seed=1, labels=[1, 1, 1, 1]))
    assert np.abs(ones - gan.generate(4, seed=1, labels=2)).max() > 1e-4
    np.testing.assert_array_equal(gan.generate(6, seed=2), gan.generate(6, seed=2))
    with pytest.raises(ValueError, match="labels from 0 to 2"):
        gan.generate(4, labels=3)
    with pytest.raises(TypeError, match="besides noise"):
        gan.generate(4, truncation=0.5)


def test_critic_steps_keep_images_and_labels_together():
    gan = tiny(critic_steps=3)
    numbers = tf.range(12.0) / 16  # in [-1, 1]
    images = tf.reshape(numbers, (12, 1, 1, 1)) * tf.ones((1, *SHAPE))
    joined = (images, tf.range(12) // 3 % 3)
    for k, (x, y) in enumerate(gan.minibatches(joined)):
        rows = np.array([k, k + 3, k + 6, k + 9])
        np.testing.assert_array_equal(x[:, 0, 0, 0] * 16, rows)
        np.testing.assert_array_equal(y, rows // 3 % 3)


def test_metrics_judge_images_of_the_data_s_labels():
    gan = tiny()
    seen = []
    gan.sample = lambda z, labels: seen.append(labels.numpy()) or z
    from gan_zoo import backend

    with backend.draws((0, 0)):
        gan.real_and_fake(tf.constant(IMAGES[:6]), tf.constant(LABELS[:6]))
    np.testing.assert_array_equal(seen[0], LABELS[:6])


def test_sample_refuses_labels_that_are_no_classes_where_it_sees_them():
    gan = tiny()
    z = tf.zeros((3, 4))
    with pytest.raises(ValueError, match="labels from 0 to 2, got 99"):
        gan.sample(z, labels=tf.fill((3,), 99))
    with pytest.raises(ValueError, match=r"or \(3,\), a row per image"):
        gan.sample(z, labels=tf.fill((2,), 1))
    with pytest.raises(TypeError, match="integers"):
        gan.sample(z, labels=tf.ones((3,)))
    labels = tf.constant([0, 1, 2])
    traced = tf.function(gan.sample, autograph=False)(z, labels=labels)
    np.testing.assert_allclose(gan.sample(z, labels=labels), traced, atol=1e-6)


def test_a_gradient_reaches_the_latents_through_sample():
    gan, z = tiny(), tf.Variable(tf.ones((2, 4)))
    with tf.GradientTape() as tape:
        images = gan.sample(z, labels=tf.constant([0, 2]))
    assert (np.abs(tape.gradient(images, z)) > 0).any()
