"""Data sets that TensorFlow Datasets downloads and prepares."""

import pathlib

import numpy as np

from gan_zoo.data import images
from gan_zoo.data.attributes import attribute_columns, chosen_attributes
from gan_zoo.data.image_sets import ArrayImages, EncodedImages, Split

_PADDED = {"mnist", "fashion_mnist", "kmnist"}  # 28 x 28, padded to 32 x 32
ARRAYS = ("mnist", "fashion_mnist", "kmnist", "cifar10")
CYCLE_GAN = (
    "cycle_gan/apple2orange",
    "cycle_gan/summer2winter_yosemite",
    "cycle_gan/horse2zebra",
    "cycle_gan/monet2photo",
    "cycle_gan/cezanne2photo",
    "cycle_gan/ukiyoe2photo",
    "cycle_gan/vangogh2photo",
    "cycle_gan/maps",
    "cycle_gan/facades",
    "cycle_gan/iphone2dslr_flower",
)
NAMES = (*ARRAYS, "celeb_a", *CYCLE_GAN)


def open_arrays(name, labels=False, data_dir=None, manual_dir=None):
    """Opens MNIST, a similar set or CIFAR-10, decoded into memory.

    Args:
        name: one of `ARRAYS`.
        labels: whether to return the classes.
        data_dir: see `prepare`.
        manual_dir: see `prepare`.

    Returns:
        (train `Split`, test `Split`, class names or None).

    Raises:
        OSError: if the data cannot be downloaded; see `prepare`.
    """
    builder = prepare(name, data_dir, manual_dir)
    splits = []
    for held in builder.as_dataset(split=["train", "test"], batch_size=-1):
        array = held["image"].numpy()
        padded = (32, 32) if name in _PADDED else None
        classes = held["label"].numpy().astype(np.int32) if labels else None
        splits.append(Split((ArrayImages(array, padded),), labels=classes))
    return *splits, list(builder.info.features["label"].names) if labels else None


def open_celeb_a(labels=False, data_dir=None, manual_dir=None):
    """Opens CelebA, aligned and cropped, 178 x 218.

    The encoded images are held in memory (1.4 GB), so that all of them can be shuffled
    and a stream can start at any batch.

    Args:
        labels: True for all 40 attributes, a list of names for some in that order
            (int32 [K], 0 or 1), or one name (int32 scalar).
        data_dir: see `prepare`.
        manual_dir: see `prepare`.

    Returns:
        (train `Split`, test `Split`, names of the attributes or None).

    Raises:
        OSError: if the data cannot be downloaded; see `prepare`.
        ValueError: for an unknown attribute.
    """
    builder = prepare("celeb_a", data_dir, manual_dir)
    known = list(builder.info.features["attributes"])
    chosen = chosen_attributes(labels, known, "CelebA")  # before all is read
    splits = []
    for split in ("train", "test"):
        encoded, columns = _encoded(builder, split, "attributes" if chosen else None)
        values = None
        if chosen:
            every = np.stack([columns[name] for name in known], 1)
            values, _ = attribute_columns(labels, known, every, "CelebA")
        splits.append(Split((encoded,), labels=values))
    return *splits, chosen or None


def open_cycle_gan(name, data_dir=None, manual_dir=None):
    """Opens one of the unpaired sets of CycleGAN. Encoded images are held in memory.

    Args:
        name: one of `CYCLE_GAN`.
        data_dir: see `prepare`.
        manual_dir: see `prepare`.

    Returns:
        (train `Split`, test `Split`, None).

    Raises:
        OSError: if the data cannot be downloaded; see `prepare`.
    """
    builder = prepare(name, data_dir, manual_dir)
    splits = [
        Split(
            tuple(_encoded(builder, f"{split}{side}")[0] for side in "AB"),
            aligned=False,
        )
        for split in ("train", "test")
    ]
    return *splits, None


def _encoded(builder, split, columns=None):
    import tensorflow_datasets as tfds

    items, values = [], []
    for batch in builder.as_dataset(
        split=split, decoders={"image": tfds.decode.SkipDecoding()}, batch_size=512
    ):
        items += batch["image"].numpy().tolist()
        if columns:
            values.append({k: v.numpy() for k, v in batch[columns].items()})
    heads = [images.head(item) for item in items]
    encoded = EncodedImages(
        items=items,
        names=[f"{builder.name} {split}[{i}]" for i in range(len(items))],
        shapes=[shape for shape, _ in heads],
        grey=all(grey for _, grey in heads),
    )
    keys = values[0] if values else ()
    return encoded, {k: np.concatenate([v[k] for v in values]) for k in keys}


def prepare(name, data_dir=None, manual_dir=None):
    """The builder of a data set, which is downloaded and prepared if needed.

    Args:
        name: name in tfds, such as "mnist" or "cycle_gan/facades".
        data_dir: folder of prepared data sets. The default is ~/tensorflow_datasets.
        manual_dir: folder of original files, which are used instead of a download.

    Returns:
        tfds.core.DatasetBuilder.

    Raises:
        OSError: if the data cannot be downloaded or prepared. The message says which
            files to copy to which folder.
        FileNotFoundError: if `manual_dir` is not a folder.
    """
    import tensorflow_datasets as tfds

    if manual_dir is not None:
        manual_dir = pathlib.Path(manual_dir).expanduser()
        if not manual_dir.is_dir():
            raise FileNotFoundError(
                "Expected manual_dir to be a folder of original files, got "
                f"{manual_dir}, which is none."
            )
    if data_dir is not None:
        data_dir = pathlib.Path(data_dir).expanduser()
    builder = tfds.builder(name, data_dir=data_dir)
    if pathlib.Path(builder.data_path, "dataset_info.json").exists():
        return builder
    originals = _originals(builder)
    try:
        _probe(_missing(builder, originals, manual_dir))
        builder.download_and_prepare(
            download_config=tfds.download.DownloadConfig(
                manual_dir=manual_dir, try_download_gcs=False
            )
        )
    except Exception as error:  # of any kind: the advice is the same
        raise OSError(_advice(name, builder, originals, manual_dir, error)) from error
    return builder


def _originals(builder):
    """{address: UrlInfo} of the files that this builder (and configuration) needs."""
    infos = type(builder).url_infos
    if builder.builder_config is None:
        return infos
    archive = f"{builder.builder_config.name}.zip"
    return {url: info for url, info in infos.items() if info.filename == archive}


def _missing(builder, originals, manual_dir):
    """Addresses of files that are neither in `manual_dir` nor downloaded before."""
    from tensorflow_datasets.core.download import resource

    downloads = pathlib.Path(builder.data_dir_root, "downloads")
    return [
        url
        for url, info in originals.items()
        if not (manual_dir and (manual_dir / info.filename).exists())
        and not any(downloads.rglob(resource.get_dl_fname(url, info.checksum)))
    ]


def _probe(addresses):
    """Raises at once without a connection. tfds would try again for minutes."""
    import requests

    for url in addresses[:1]:
        with requests.get(url, stream=True, timeout=20) as answer:
            answer.raise_for_status()


def _advice(name, builder, originals, manual_dir, error):
    files = "\n".join(
        f"  {info.filename} ({info.size})  {url}" for url, info in originals.items()
    )
    sample = "emoji_sample/unpaired" if name in CYCLE_GAN else "mnist_sample"
    held = ""
    if manual_dir:
        names = sorted(path.name for path in manual_dir.iterdir())
        held = f"manual_dir={str(manual_dir)!r} holds {names[:10] or 'nothing'}.\n"
    return (
        f"Expected the data set {name!r} at {builder.data_path}, got nothing there, "
        f"and preparing it failed: {type(error).__name__}: {error}\n{held}"
        f"To place the original files by hand, put\n{files}\ninto a folder and call\n"
        f'  gan_zoo.data.load("{name}", manual_dir="/that/folder")\n'
        'A copy that tfds has prepared elsewhere: data_dir="/folder/that/holds/'
        f'{builder.name}". Images of your own: load("folder:/path") or '
        f'load("unpaired:/path"). Nothing to download: load("{sample}").'
    )
