"""GAN-train and GAN-test: classifiers trained on samples or tested on them."""

import dataclasses

import keras
import numpy as np
from keras import ops


@dataclasses.dataclass(frozen=True)
class ClassifierAccuracies:
    """Accuracies in [0, 1] of one kind of classifier.

    Attributes:
        gan_train: trained on samples, tested on real images. It is low when samples
            are unlike real images or less diverse, like recall.
        gan_test: trained on real images, tested on samples. It is low when samples do
            not show the requested class, like precision. It is above the baseline
            when the model makes images that are easy to classify, or training images.
        baseline: trained on real images, tested on other real images.
        protocol: how the numbers were computed, in words.
    """

    gan_train: float
    gan_test: float
    baseline: float
    protocol: str


def gan_train_test(
    model,
    train,
    test,
    classifier=None,
    *,
    epochs=10,
    batch_size=128,
    seed=0,
    verbose=1,
):
    """The GAN-train and GAN-test accuracy of a conditional model.

    The number of samples and their labels are those of the real training images, so
    both classifiers get equal numbers of each class. Both start from the same weights
    and get their images in the same order.

    Args:
        model: a model whose `generate(n, seed=..., labels=...)` takes one label per
            image, in [0, `num_classes`).
        train: the training data of the model: real images (n, h, w, c) in [-1, 1] and
            labels (n,).
        test: held-out real images and labels.
        classifier: function of (image shape, number of classes, seed) that returns a
            compiled `keras.Model` from images to one number per class, with the same
            weights each time. The default is `small_classifier`.
        epochs: number of epochs of each training.
        batch_size: images per step. An incomplete last batch is left out.
        seed: integer seed of the samples, the weights and the order of the images.
        verbose: 0 for no progress bar.

    Returns:
        `ClassifierAccuracies`.

    Raises:
        ValueError: for images and labels of different lengths, or fewer than one
            batch of them.

    Reference: Shmelkov et al. 2018, How good is my GAN?, 1807.09499, section 3.
    """
    train, test = _checked("train", train), _checked("test", test)
    if len(train[0]) < batch_size:
        raise ValueError(
            f"Expected at least one batch of {batch_size} training images, got "
            f"{len(train[0])}. Pass a smaller batch_size."
        )
    labels = train[1]
    samples = model.generate(len(labels), seed=seed, labels=labels), labels
    bar = keras.utils.Progbar(2 * epochs, verbose=verbose, unit_name="epoch")
    networks = []
    for images, targets in (samples, train):
        network = (classifier or small_classifier)(
            images.shape[1:], model.num_classes, seed
        )
        rng = np.random.default_rng(seed)
        for _ in range(epochs):
            order = rng.permutation(len(images))
            order = order[: len(order) // batch_size * batch_size]
            network.fit(
                images[order], targets[order], batch_size, shuffle=False, verbose=0
            )
            bar.add(1)
        networks.append(network)
    on_samples, on_real = networks
    return ClassifierAccuracies(
        gan_train=_accuracy(on_samples, *test),
        gan_test=_accuracy(on_real, *samples),
        baseline=_accuracy(on_real, *test),
        protocol=(
            f"GAN-train and GAN-test: {networks[0].name} of "
            f"{networks[0].count_params():,} weights, {epochs} epochs of batches of "
            f"{batch_size}, seed {seed}; trained on {len(labels)} real and as many "
            f"generated images of the same labels, tested on {len(test[0])} real ones "
            "and, for GAN-test, the generated ones"
        ),
    )


def small_classifier(image_shape, num_classes, seed=0):
    """A small convolutional classifier, compiled.

    It has three 3×3 convolutions of stride 2 with 32, 64 and 128 filters, batch norm
    and ReLU, then one dense layer. Ten epochs on the 10,000 digits of `mnist_sample`
    take 15 seconds on one core and reach 97.6 % on its test set. (The paper uses a
    residual network of 32 layers for CIFAR. Compare only numbers of the same
    classifier.)

    Args:
        image_shape: (height, width, channels).
        num_classes: number of classes.
        seed: integer seed of the initial weights.

    Returns:
        `keras.Model` of images to logits (n, num_classes).
    """
    x = images = keras.Input(image_shape)
    for number, filters in enumerate((32, 64, 128)):
        initializer = keras.initializers.HeNormal(seed=1000 * seed + number)
        x = keras.layers.Conv2D(
            filters, 3, 2, "same", use_bias=False, kernel_initializer=initializer
        )(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.layers.Flatten()(x)  # (n, h, w, 128) -> (n, h w 128)
    initializer = keras.initializers.GlorotUniform(seed=1000 * seed + 3)
    logits = keras.layers.Dense(
        num_classes, kernel_initializer=initializer, dtype="float32"
    )(x)
    network = keras.Model(images, logits, name="small_classifier")
    network.compile(
        keras.optimizers.Adam(1e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return network


def _accuracy(network, images, labels):
    scores = network.predict(images, batch_size=500, verbose=0)
    return float(np.mean(scores.argmax(axis=1) == labels))


def _checked(name, pair):
    images, labels = (ops.convert_to_numpy(part) for part in pair)
    if images.ndim != 4 or labels.shape != images.shape[:1]:
        raise ValueError(
            f"Expected {name} to be images (n, h, w, c) and labels (n,), got shapes "
            f"{images.shape} and {labels.shape}."
        )
    return images, labels
