import numpy as np
import pytest
from PIL import Image

from gan_zoo import data
from gan_zoo.data import folders
from gan_zoo.data.splits import find_splits


def _fill(root, **counts):
    """Images in sub-folders: name of the folder, "/" spelled "__", to how many."""
    for folder, count in counts.items():
        place = root / folder.replace("__", "/")
        place.mkdir(parents=True, exist_ok=True)
        for i in range(count):
            Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(place / f"{i}.png")


def _sizes(root, **options):
    """Images for training and for testing, and the classes."""
    train, test, classes = folders.open_folder(root, **options)
    return len(train.sides[0]), len(test.sides[0]), classes


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train", "test"),
        ("Train", "Test"),
        ("TRAIN", "TEST"),
        ("training", "testing"),
        ("Training", "Validation"),
        ("train", "val"),
        ("train", "Valid"),
    ],
)
@pytest.mark.parametrize("splits", [None, True])
def test_splits_of_any_spelling(tmp_path, train, test, splits):
    _fill(tmp_path, **{f"{train}__a": 4, f"{train}__b": 3, f"{test}__a": 2})
    assert _sizes(tmp_path, splits=splits) == (7, 2, None)
    assert _sizes(tmp_path, splits=splits, labels=True) == (7, 2, ["a", "b"])


def test_classes_with_the_names_of_splits_are_asked_about(tmp_path):
    _fill(tmp_path, bus=10, car=10, train=10)
    with pytest.raises(ValueError, match="clearly splits or clearly not") as caught:
        folders.open_folder(tmp_path)
    message = str(caught.value)
    assert "got 'train' beside 'bus', 'car'." in message
    assert "images are the 10 in 'train', and the other 20 are left out" in message
    assert "pass splits=True" in message
    assert "all 30 images are used" in message
    assert "pass splits=False" in message
    labelled = {"labels": True, "splits": False}
    assert _sizes(tmp_path, **labelled) == (27, 3, ["bus", "car", "train"])
    assert _sizes(tmp_path, splits=False) == (27, 3, None)
    assert _sizes(tmp_path, splits=True) == (9, 1, None)


def test_a_class_with_the_name_of_a_test_split_is_asked_about(tmp_path):
    _fill(tmp_path, valid=4, expired=6)
    with pytest.raises(ValueError, match="got 'valid' beside 'expired'") as caught:
        folders.open_folder(tmp_path, labels=True)
    assert "splits=False" in str(caught.value)
    assert "splits=True" not in str(caught.value)  # whose images would have no class
    with pytest.raises(ValueError, match="got 'valid' beside 'expired'") as caught:
        folders.open_folder(tmp_path)
    message = str(caught.value)
    assert (
        "the test images are the 4 in 'valid', and the training images are" in message
    )
    assert _sizes(tmp_path, splits=True) == (6, 4, None)
    with pytest.raises(ValueError, match="or splits=False if valid is a class"):
        folders.open_folder(tmp_path, splits=True, labels=True)
    assert _sizes(tmp_path, splits=False, labels=True) == (9, 1, ["expired", "valid"])


@pytest.mark.parametrize("names", [["test"], ["Valid", "testing"]])
def test_test_folders_alone_are_asked_about(tmp_path, names):
    _fill(tmp_path, **dict.fromkeys(names, 5))
    with pytest.raises(ValueError, match="beside nothing"):
        folders.open_folder(tmp_path)
    train, test, _ = _sizes(tmp_path, splits=False)
    assert train + test == 5 * len(names)


def test_many_classes_are_counted(tmp_path):
    _fill(tmp_path, train=1, **{f"class{i}": 1 for i in range(9)})
    with pytest.raises(ValueError, match="'class3' and 5 more"):
        folders.open_folder(tmp_path)


def test_a_training_folder_alone_is_a_split(tmp_path):
    _fill(tmp_path, train__a=5, train__b=5)
    assert _sizes(tmp_path, labels=True) == (9, 1, ["a", "b"])


def test_folders_of_one_meaning_belong_together(tmp_path):
    _fill(tmp_path, train=3, training=4, test=2, val=1, valid=1)
    assert _sizes(tmp_path) == (7, 2, None)


def test_folders_of_splits_further_down_are_told(tmp_path, caplog):
    _fill(tmp_path, images__train=5, images__test__deep=5)
    assert _sizes(tmp_path) == (9, 1, None)
    assert "not read as such (images/test; images/train)" in caplog.text
    caplog.clear()
    assert _sizes(tmp_path, splits=False) == (9, 1, None)
    assert not caplog.records
    assert _sizes(tmp_path / "images") == (5, 5, None)


def test_a_word_within_a_name_is_no_split(tmp_path, caplog):
    _fill(tmp_path, trains=3, contest=3, test2=4)
    assert _sizes(tmp_path, labels=True)[2] == ["contest", "test2", "trains"]
    assert not caplog.records


@pytest.mark.parametrize(
    ("test", "train"),
    [
        ("Test-Set", "train_images"),
        ("TestImages", "TrainImages"),
        ("TESTSET", "TRAINSET"),
        ("testset", "trainset"),
        ("testA", "trainA"),
        ("eval", "training_data"),
        ("val2017", "train2017"),
    ],
)
def test_names_that_begin_or_end_like_splits_are_asked_about(tmp_path, test, train):
    _fill(tmp_path, **{f"{train}__a": 5, f"{test}__a": 2, f"{test}__b": 1})
    for labels in (False, True):
        with pytest.raises(ValueError, match="clearly splits or clearly not") as caught:
            folders.open_folder(tmp_path, labels=labels)
        read = f"images are the 5 in '{train}', and the test images the 3 in '{test}'"
        assert read in str(caught.value)
    assert _sizes(tmp_path, splits=True, labels=True) == (5, 3, ["a", "b"])
    assert sum(_sizes(tmp_path, splits=False)[:2]) == 8


def test_images_of_a_split_without_classes_cannot_be_read_as_such(tmp_path):
    _fill(tmp_path, trainset=5, testset=2)
    with pytest.raises(ValueError, match="pass splits=False") as caught:
        folders.open_folder(tmp_path, labels=True)
    assert "splits=True" not in str(caught.value)
    assert "--splits=true" not in str(caught.value)


def test_a_folder_of_both_words_is_no_split(tmp_path):
    _fill(tmp_path, train_val=5, test_set=3)
    assert sum(_sizes(tmp_path)[:2]) == 8
    with pytest.raises(ValueError, match="for splits=True, got"):
        folders.open_folder(tmp_path, splits=True)


def test_beside_a_split_other_names_are_folders_like_any_other(tmp_path):
    _fill(tmp_path, test=2, train_station=4, bus=3)
    assert _sizes(tmp_path, splits=True) == (7, 2, None)
    assert _sizes(tmp_path, splits=True)[:2] == (7, 2)


def test_wrong_arguments_are_refused(tmp_path):
    _fill(tmp_path, a=3)
    with pytest.raises(ValueError, match="splits None, True or False, got 'auto'"):
        find_splits(tmp_path, "auto")
    with pytest.raises(ValueError, match=r"for splits=True, got \['a'\]"):
        find_splits(tmp_path, True)


def test_load_hands_it_on(tmp_path):
    _fill(tmp_path, bus=10, train=10)
    for scheme in ("folder", "paired"):
        with pytest.raises(ValueError, match="pass splits=False"):
            data.load(f"{scheme}:{tmp_path}", 2)
        train, test = data.load(f"{scheme}:{tmp_path}", 2, splits=False)
        assert (len(train), len(test)) == (9, 1)
    _, test = data.load(f"folder:{tmp_path}", 2, labels=True, splits=False)
    assert test.class_names == ["bus", "train"]
