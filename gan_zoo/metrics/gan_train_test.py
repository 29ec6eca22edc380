"""GAN-train and GAN-test: classifiers trained on samples or tested on them."""

import dataclasses

import keras
import numpy as np
from keras import ops


@dataclasses.dataclass(frozen=True)
class ClassifierAccuracies:
    """Accuracies in [0, 1] of one kind of classifier.

    Attributes:
        gan_train: trained on samples, tested on real images. It is low where samples
            are unlike real images or less diverse, like a recall.
        gan_test: trained on real images, tested on samples. It is low where samples do
            not show the class that was asked for, like a precision. It is above the
            baseline where the model draws easy images, or the training images.
        baseline: trained on real images, tested on other real images.
        protocol: how the numbers were made, in words.
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
    """GAN-train and GAN-test accuracy of a conditional model.

    As many samples are drawn as there are real training images, of the same labels, so
    that both classifiers see equal numbers of each class. Both start from the same
    weights and see their images in the same order.

    Args:
        model: a model whose `generate(n, seed=..., labels=...)` takes one label per
            image, in [0, `num_classes`).
        train: real (images (n, h, w, c) in [-1, 1], labels (n,)), those that the model
            was trained on.
        test: real images and labels that nothing was trained on.
        classifier: function of (image shape, number of classes, seed) that returns a
            compiled `keras.Model` from images to one number per class, with the same
            weights each time; `small_classifier` by default.
        epochs: passes of each training.
        batch_size: images per step; a last incomplete batch is left out.
        seed: of the samples, the weights and the order of the images.
        verbose: 0 for no progress bar.

    Returns:
        `ClassifierAccuracies`.

    Raises:
        ValueError: for images and labels that do not belong together, or fewer than one
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
    for images, wanted in (samples, train):
        network = (classifier or small_classifier)(
            images.shape[1:], model.num_classes, seed
        )
        rng = np.random.default_rng(seed)
        for _ in range(epochs):
            order = rng.permutation(len(images))
            order = order[: len(order) // batch_size * batch_size]
            network.fit(
                images[order], wanted[order], batch_size, shuffle=False, verbose=0
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

    Three convolutions 3×3 of stride 2, of 32, 64 and 128 filters, with batch norm and
    ReLU, then one dense layer. Ten epochs on the 10,000 digits of `mnist_sample` take
    it 15 seconds of one core, to 97.6 % of its test set. (The paper takes a residual
    network of 32 layers for CIFAR; compare only numbers of the same classifier.)

    Args:
        image_shape: (height, width, channels).
        num_classes: number of classes.
        seed: integer from which the weights start.

    Returns:
        `keras.Model` of images to logits (n, num_classes).
    """
    x = images = keras.Input(image_shape)
    for number, filters in enumerate((32, 64, 128)):
        start = keras.initializers.HeNormal(seed=1000 * seed + number)
        x = keras.layers.Conv2D(
            filters, 3, 2, "same", use_bias=False, kernel_initializer=start
        )(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.layers.Flatten()(x)  # (n, h, w, 128) -> (n, h w 128)
    start = keras.initializers.GlorotUniform(seed=1000 * seed + 3)
    logits = keras.layers.Dense(num_classes, kernel_initializer=start, dtype="float32")(
        x
    )
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
