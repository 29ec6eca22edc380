import numpy as np
import pytest
import tensorflow as tf

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
        ((IMAGES, None), "trains on .images, labels."),
        ((IMAGES, LABELS.astype("float32")), "integers .n,., got float32"),
        ((IMAGES, np.eye(3)[LABELS].astype("int32")), "one-hot rows"),
    ],
)
def test_wrong_labels_are_refused_before_training(data, message):
    gan = tiny()
    gan.compile()
    with pytest.raises(ValueError, match=message):
        gan.fit(*data, verbose=0)


@pytest.mark.parametrize("wrong", [-1, 3])
def test_a_label_out_of_range_in_the_data_stops_the_step(wrong):
    gan = tiny()
    gan.compile()
    labels = LABELS.copy()
    labels[5] = wrong
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels from 0 to 2"):
        gan.fit(IMAGES, labels, batch_size=24, verbose=0)


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
    images = tf.reshape(tf.range(12.0), (12, 1, 1, 1)) * tf.ones((1, *SHAPE))
    joined = (images, tf.range(12))
    for k, (x, y) in enumerate(gan.minibatches(joined)):
        assert y.numpy().tolist() == [k, k + 3, k + 6, k + 9]
        np.testing.assert_array_equal(x[:, 0, 0, 0], y.numpy())


def test_metrics_judge_images_of_the_data_s_labels():
    gan = tiny()
    seen = []
    gan.sample = lambda z, labels: seen.append(labels.numpy()) or z
    from gan_zoo import backend

    with backend.draws((0, 0)):
        gan.fake_for((IMAGES[:6], LABELS[:6]))
    np.testing.assert_array_equal(seen[0], LABELS[:6])
