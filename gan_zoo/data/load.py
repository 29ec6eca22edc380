"""Opens data sets by name, as a training and a test stream."""

import difflib
import operator
import os

from gan_zoo.data import (
    avatars,
    bundled,
    degradations,
    few_labels,
    folders,
    image_sets,
    left_out,
    pipeline,
    stacked,
    tfds_sets,
    toy,
)
from gan_zoo.data.files_below import escaped

NAMES = (
    "mnist_sample",
    *bundled.DRAWN_NAMES,
    "avatar_sample",
    *tfds_sets.NAMES,
    "stacked_mnist_sample",
    "stacked_mnist",
    *(f"toy:{name}" for name in toy.NAMES),
)
_PATHS = ("folder:/path", "unpaired:/path", "paired:/path")
_WITH_ATTRIBUTES = ("celeb_a", "avatar_sample")
_UNLABELLED = (
    "unpaired",
    "paired",
    "toy",
    *(f"{sample}/{kind}" for sample in bundled.PAIRS for kind in bundled.PAIRS[sample]),
)


def load(
    name,
    batch_size=64,
    image_size=None,
    *,
    labels=False,
    labels_per_class=None,
    channels=None,
    seed=0,
    start=None,
    crop_from=None,
    flip=False,
    data_dir=None,
    manual_dir=None,
    test_fraction=0.1,
    input_side="left",
    on_bad_file="error",
    splits=None,
    attribute_file=None,
    domains=None,
    degrade=None,
):
    """Opens a data set as two `tf.data` streams of batches.

    | name | what it is |
    |---|---|
    | `mnist_sample` | in the package: 12,000 digits, 28 x 28 |
    | `emoji_sample/noto`, `/twemoji` | in the package: emoji of one vendor, 32 x 32 |
    | `emoji_sample/paired`, `/unpaired` | in the package: pairs (noto, twemoji) |
    | `fluent_sample/flat`, `/modern`, `/high_contrast` | in the package: other emoji |
    | `fluent_sample/paired`, `/unpaired` | in the package: pairs (flat, modern) |
    | `emoji_sample/styles`, `fluent_sample/styles` | in the package: all styles |
    | `fluent_sample/paired_lines` | in the package: pairs (high_contrast, modern) |
    | `avatar_sample` | in the package: drawn faces with attributes, 32 x 32 |
    | `stacked_mnist_sample` | three of these digits as the channels of an RGB image |
    | `mnist`, `fashion_mnist`, `kmnist`, `cifar10` | TensorFlow Datasets |
    | `stacked_mnist` | three of MNIST's digits as the channels of an RGB image |
    | `celeb_a` | TensorFlow Datasets; the central square of the faces, 64 x 64 |
    | `cycle_gan/horse2zebra`, ... | TensorFlow Datasets; unpaired (a, b) |
    | `folder:/path` | your images; see `gan_zoo.data.folders.open_folder` |
    | `unpaired:/path` | your `trainA`, `trainB`, `testA`, `testB` |
    | `paired:/path` | your side-by-side pairs in `train`, `test` or `val` |
    | `toy:ring`, `toy:grid`, ... | points [B, D]; see `gan_zoo.data.toy.sample` |

    Both streams are deterministic. The training stream has full batches only, of a
    static shape. Samples that do not fill a last batch are dropped, and these are
    different samples in each epoch. The test stream has every sample once. Its last
    batch may be smaller. If it would be less than half full, the last two batches share
    their samples. If two unpaired test sides have different lengths, the longer side is
    cut to the length of the shorter one, with a message in the log.

    With `start=None` the training stream has one epoch, in a new order each time it is
    iterated, as `fit(train, epochs=...)` needs. With an integer it is endless and
    begins at that (global) batch index. Batch b is the same for every `start` <= b.
    Iteration e of the finite stream is batches e * len(train), ... of the endless one.
    Opening the stream at a late batch takes no more time than at the first.

    For two unpaired sides, an epoch contains the longer side once. The shorter side is
    repeated in a new order. Under `tf.distribute`, each worker gets its part of a
    batch.

    Args:
        name: see the table.
        batch_size: number of samples in a batch. Under `tf.distribute` it is the global
            batch.
        image_size: int or (height, width). Images are resized (bicubic, antialiased) to
            cover it, and their centre is cropped. 28 x 28 digits get a black margin for
            32 instead. The default is the size of the images, which must then be the
            same for all; 64 for `celeb_a`.
        labels: whether to return (image, label) with an int32 class [B]. `celeb_a`,
            `avatar_sample` and folders with `attribute_file`: True for all attributes
            (int32 [B, K] of 0 and 1), names for some, one name for one [B].
            `emoji_sample` and `fluent_sample`: "category", or "name" for captions
            (tf.string [B]); True of `/styles` is the style. The attribute `class_names`
            of the streams has the names of the classes or attributes.
        labels_per_class: with labels=True, the number of training images of each class
            that keep their labels. They are chosen at random by `seed`. Training
            batches are then ((images, labels), unlabelled images), with `batch_size`
            images of each kind. The labelled images are repeated in a new order
            whenever all were used. The unlabelled ones are all images.
        channels: 1 or 3. Default: 1 if all images are grey, else 3.
        seed: int in [0, 2**31) for the order, the augmentation and the toy samples. The
            split into training and test files does not depend on it.
        start: None, or the index of the first batch of an endless training stream.
        crop_from: int or (height, width). Training images are resized to this size, and
            a random window of `image_size` is cropped (pix2pix, CycleGAN: 286 for 256).
        flip: whether to flip training images at random. An input and its target are
            cropped and flipped together, unpaired sides independently.
        data_dir: folder of the prepared sets of TensorFlow Datasets. Other names ignore
            it.
        manual_dir: folder of original files for TensorFlow Datasets, which you copied
            there.
        test_fraction: share of the files to hold out if there is no test folder; 0 for
            none.
        input_side: the half of side-by-side pairs that is the input.
        on_bad_file: "error", or "skip" to leave out files of a folder that cannot be
            decoded. The log counts them. If a file can no longer be read later, "skip"
            uses another image in its place.
        splits: whether sub-folders such as `train`, `Test` or `validation` of a folder
            are its splits (True) or ordinary folders and classes (False). None decides
            if their names are clear; see `gan_zoo.data.folders.open_folder`. Other
            names ignore it.
        attribute_file: for `folder:/path`, a file that lists the attributes of each
            image: CelebA's `list_attr_celeba.txt`, or a CSV with a header; see
            `gan_zoo.data.attributes.read_attribute_file`. Images may be in one folder.
        domains: name of an attribute of `celeb_a`, `avatar_sample` or a folder with
            `attribute_file`. Its images make two unpaired sides: a has those without
            the attribute, b those with it.
        degrade: what is done to images on the fly, for restoration: "bicubic:4" for
            (reduced images, images), "jpeg:10" for (compressed images, images),
            "mask:rectangles" or "mask:strokes" for (images, masks), "guided:strokes"
            for (images, masks, guides); see `gan_zoo.data.degradations.degradation`.
            Only for sets of images alone, without labels.

    Returns:
        (train, test): tf.data.Dataset of float32 images [B, H, W, C] in [-1, 1], of
        (images, labels), of ((images, labels), images) with `labels_per_class`, of
        (a, b) images for the paired and unpaired names and with `domains`, or of points
        [B, D] for the toys. `test` is None with test_fraction=0 and no test folder.

    Raises:
        ValueError: for unknown names or arguments out of range; for images that cannot
            be decoded, have different sizes without `image_size`, or are too few for
            one batch; and for sub-folders that may be splits or classes.
        FileNotFoundError: if the folder does not exist.
        OSError: if a data set cannot be downloaded. The message says how to copy it by
            hand.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"Expected the name of a data set as a text, got {name!r}. For a folder "
            "write 'folder:/path'."
        )
    batch_size = _at_least(1, "batch_size", batch_size)
    seed = _at_least(0, "seed", seed)
    if seed >= 2**31:
        raise ValueError(f"Expected seed below 2**31, got {seed}.")
    if start is not None:
        start = _at_least(0, "start", start)
    if channels not in (None, 1, 3):
        raise ValueError(f"Expected channels None, 1 or 3, got {channels!r}.")
    if labels_per_class is not None:
        _at_least(1, "labels_per_class", labels_per_class)
        if not labels:
            raise ValueError(f"labels_per_class needs labels=True, got {labels!r}.")
    scheme, _, rest = name.partition(":")
    if domains is not None:
        if labels or degrade is not None or not isinstance(domains, str):
            raise ValueError(
                "domains takes the name of one attribute, without labels or degrade; "
                f"got domains={domains!r}, labels={labels!r}, degrade={degrade!r}."
            )
        if name not in _WITH_ATTRIBUTES and attribute_file is None:
            raise ValueError(
                f"domains needs images with attributes: {', '.join(_WITH_ATTRIBUTES)}, "
                f"or a folder with attribute_file= (--attribute_file); got {name!r}."
            )
        labels = domains
    if attribute_file is not None and (scheme != "folder" or not labels):
        raise ValueError(
            "attribute_file needs a folder, and labels or domains: load("
            "'folder:/path', labels=True, attribute_file=...); got "
            f"{name!r} and labels={labels!r}."
        )
    if degrade is not None:
        if labels or scheme in _UNLABELLED or name.startswith("cycle_gan/"):
            raise ValueError(
                "degrade needs a set of images alone, without labels or pairs; got "
                f"{name!r} and labels={labels!r}."
            )
        degrade = degradations.degradation(degrade)
    if labels and (scheme in _UNLABELLED or name.startswith("cycle_gan/")):
        raise ValueError(f"Expected labels=False for {name!r}, got {labels!r}.")
    _check_labels(name, labels, has_names=attribute_file is not None)

    if scheme == "toy" and name in NAMES:
        return toy.batches(rest, batch_size, seed, start)
    tfds_folders = {"data_dir": data_dir, "manual_dir": manual_dir}
    file_rules = {"test_fraction": test_fraction, "on_bad_file": on_bad_file}
    if scheme == "folder":
        opened = folders.open_folder(
            rest, labels, **file_rules, splits=splits, attribute_file=attribute_file
        )
    elif scheme == "unpaired":
        opened = folders.open_unpaired(rest, **file_rules)
    elif scheme == "paired":
        opened = folders.open_paired(rest, input_side, **file_rules, splits=splits)
    elif name == "mnist_sample":
        opened = bundled.open_mnist_sample(labels)
    elif name == "stacked_mnist_sample":
        digits = bundled.open_mnist_sample(labels=True)
        opened = stacked.stacked(*digits[:2], labels)
    elif name == "stacked_mnist":
        digits = tfds_sets.open_arrays("mnist", labels=True, **tfds_folders)
        opened = stacked.stacked(*digits[:2], labels)
    elif name in bundled.DRAWN_NAMES:
        opened = bundled.open_drawings(name, labels)
    elif name == "avatar_sample":
        opened = avatars.open_avatars(labels)
    elif name in tfds_sets.ARRAYS:
        opened = tfds_sets.open_arrays(name, labels, **tfds_folders)
    elif name == "celeb_a":
        opened = tfds_sets.open_celeb_a(labels, **tfds_folders)
        image_size = 64 if image_size is None else image_size
    elif name in tfds_sets.CYCLE_GAN:
        opened = tfds_sets.open_cycle_gan(name, **tfds_folders)
    else:
        raise ValueError(_unknown(name))

    train, test, class_names = opened
    if domains is not None:
        train, test, class_names = train.domains(), test and test.domains(), None
    if test is not None and not test.aligned:
        _warn_uneven(name, [len(side) for side in test.sides])
    splits = [split for split in (train, test) if split is not None]
    size = _size("image_size", image_size) or image_sets.common_size(splits)
    window = _size("crop_from", crop_from) or size
    if window[0] < size[0] or window[1] < size[1]:
        raise ValueError(
            f"Expected crop_from no smaller than the images {size}, got {window}."
        )
    if degrade and any(side % degrade.multiple for side in size):
        raise ValueError(
            f"Expected sides that are multiples of {degrade.multiple}, got {size}. "
            f"Pass image_size={min(size) // degrade.multiple * degrade.multiple}."
        )
    if channels is None:
        grey = all(side.grey for split in splits for side in split.sides)
        channels = 1 if grey else 3
    if labels_per_class is None:
        source = train.source(window, channels)
    else:
        chosen = few_labels.choose_per_class(train.labels, labels_per_class, seed)
        source = few_labels.source(train, chosen, window, channels)
    streams = [
        pipeline.train_batches(
            source,
            batch_size,
            seed,
            start,
            crop=size if window != size else None,
            flip=flip,
            degrade=degrade,
        ),
        test
        and pipeline.test_batches(test.source(size, channels), batch_size, degrade),
    ]
    if labels_per_class is not None:
        streams[0] = streams[0].map(few_labels.nested)
    for stream in filter(None, streams):
        stream.class_names = class_names
    return tuple(streams)


def _warn_uneven(name, lengths):
    if lengths[0] != lengths[1]:
        left_out.warn_once(
            f"{escaped(name)} has {lengths[0]} test images of A and {lengths[1]} of B: "
            f"the first {min(lengths)} of each are used."
        )


def _at_least(smallest, argument, value):
    try:
        number = operator.index(value)
    except TypeError:
        number = smallest - 1
    if number < smallest:
        raise ValueError(f"Expected {argument} an int >= {smallest}, got {value!r}.")
    return number


def _size(argument, value):
    if value is None:
        return None
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise ValueError(
            f"Expected {argument} an int or (height, width), got {value!r}."
        )
    return tuple(_at_least(1, argument, length) for length in pair)


def _unknown(name):
    closest = difflib.get_close_matches(name.lower(), NAMES, 1)
    scheme, mark, path = name.partition(":")
    if mark and f"{scheme.lower()}:" in (each.partition("/")[0] for each in _PATHS):
        closest = [f"{scheme.lower()}:{path}"]
    if os.path.isdir(os.path.expanduser(name)):
        closest = [f"folder:{name}"]
    hint = f" Did you mean {closest[0]!r}?" if closest else ""
    return (
        f"Expected the name of a data set, got {name!r}.{hint} Available: "
        f"{', '.join((*NAMES, *_PATHS))}."
    )


def _check_labels(name, labels, has_names):
    """Raises ValueError for names of labels of a data set whose labels have none."""
    if has_names or name in ("celeb_a", "avatar_sample", *bundled.DRAWN_NAMES):
        return
    if isinstance(labels, str | list | tuple) and labels:
        raise ValueError(
            f"Expected labels True or False for {name!r}, whose labels are classes, "
            f"got {labels!r}. Names are those of attributes: of 'celeb_a', of "
            "'avatar_sample', or of a folder with attribute_file='list.csv'."
        )
