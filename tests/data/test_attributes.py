import re

import numpy as np
import pytest
from PIL import Image

import gan_zoo
from gan_zoo.data.attributes import (
    attribute_columns,
    chosen_attributes,
    read_attribute_file,
)

NAMES = ("Smiling", "Eyeglasses")
ROWS = {"a.png": (1, 0), "b.png": (0, 1), "c.png": (1, 1), "sub/d.png": (0, 0)}
CSV = "image_id,Smiling,Eyeglasses\n" + "".join(
    f"{file},{a},{b}\n" for file, (a, b) in ROWS.items()
)
# As list_attr_celeba.txt: columns of spaces, -1 for 0.
CELEBA = "4\nSmiling Eyeglasses \n" + "".join(
    f"{file}  {2 * a - 1:2} {2 * b - 1:2}\n" for file, (a, b) in ROWS.items()
)


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        CELEBA,
        "\ufeff" + CSV.replace(",", ", ").replace("\n", "\r\n") + "\r\n",
        CSV.replace("image_id", "").replace(",0", ",-1"),
        CSV.replace("a.png", '"a.png"'),
    ],
    ids=["csv", "celeba", "spreadsheet's", "without a first name", "quoted"],
)
def test_both_layouts_are_read(text, tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(text.encode())
    assert read_attribute_file(path) == (ROWS, NAMES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names of attributes, each one once.* got 'an empty file'"),
        ("file,a,a\nx.png,1,0\n", "each one once.* got 'file,a,a'"),
        ("file;a\nx.png;1\n", "separated by commas.* got 'file;a'"),
        (CSV.replace("b.png,0", "b.png,2"), "1 and -1, in line 3 of .*, got '2'"),
        (CSV.replace("b.png,0", "b.png,"), "in line 3 of .*, got ''"),
        (CSV.replace("b.png,0", "b.png"), "2 values in line 3 of .*, got 1 values"),
        (CSV.replace("b.png", "a.png"), "got 'a.png' again in line 3"),
        (CELEBA.replace(" 1\n", " 1  1\n", 1), "2 values in line 4 of .*, got 3"),
    ],
)
def test_other_files_are_refused_with_the_line(text, message, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_attribute_file(path)


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="got nothing"):
        read_attribute_file(tmp_path / "list.csv")
    with pytest.raises(FileNotFoundError, match="got a folder"):
        read_attribute_file(tmp_path)
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(ValueError, match="text in UTF-8"):
        read_attribute_file(tmp_path / "photo.csv")


def test_attributes_are_chosen_in_the_order_asked_for():
    values = np.array([[1, 0], [0, 1]])
    columns, names = attribute_columns(["Eyeglasses", "Smiling"], NAMES, values, "x")
    np.testing.assert_array_equal(columns, values[:, ::-1])
    assert names == ["Eyeglasses", "Smiling"]
    assert columns.dtype == np.int32
    column, names = attribute_columns("Eyeglasses", NAMES, values, "x")
    np.testing.assert_array_equal(column, [0, 1])
    assert names == ["Eyeglasses"]
    assert attribute_columns(True, NAMES, values, "x")[1] == list(NAMES)
    assert attribute_columns(False, NAMES, values, "x") == (None, None)
    with pytest.raises(
        ValueError, match=r"of faces \(Smiling, Eyeglasses\), got 'Hat'"
    ):
        chosen_attributes(["Hat"], NAMES, "faces")


def folder_of_images(folder):
    """Each image's brightness is its place in ROWS."""
    for place, name in enumerate(ROWS):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4, 3), place, "uint8")).save(path)
    (folder / "list.csv").write_text(CSV)
    return folder


def test_a_folder_is_loaded_with_its_attributes(tmp_path, caplog):
    folder = folder_of_images(tmp_path / "faces")
    train, test = gan_zoo.data.load(
        f"folder:{folder}",
        batch_size=2,
        labels=["Eyeglasses", "Smiling"],
        attribute_file=folder / "list.csv",
        test_fraction=0.5,
    )
    assert train.class_names == test.class_names == ["Eyeglasses", "Smiling"]
    seen = {}
    for images, attributes in (*train.as_numpy_iterator(), *test.as_numpy_iterator()):
        places = np.rint((images[:, 0, 0, 0] + 1) * 127.5).astype(int)
        seen |= dict(zip(places.tolist(), attributes.tolist(), strict=True))
    assert seen == {i: [b, a] for i, (a, b) in enumerate(ROWS.values())}
    # The list itself is not "left out".
    assert not caplog.records


def test_images_without_a_row_are_refused_or_left_out(tmp_path, caplog):
    folder = folder_of_images(tmp_path / "faces")
    (folder / "list.csv").write_text(CSV.replace("b.png", "another.png"))
    name, file = f"folder:{folder}", str(folder / "list.csv")
    options = {"labels": True, "attribute_file": file, "test_fraction": 0}
    message = r"1 of 4 images have no row in .*list\.csv \(b\.png\).*as a\.png"
    with pytest.raises(ValueError, match=message):
        gan_zoo.data.load(name, 1, **options)
    train, _ = gan_zoo.data.load(name, 1, **options, on_bad_file="skip")
    assert train.cardinality() == 3
    assert re.search(r"1 of 4 images .* are left out", caplog.text)
    (folder / "list.csv").write_text("file,a\nother.png,1\n")
    with pytest.raises(ValueError, match="4 of 4 images have no row"):
        gan_zoo.data.load(name, 1, **options, on_bad_file="skip")


def test_an_attribute_file_needs_a_folder_and_labels():
    for name, labels in (("mnist_sample", True), ("folder:x", False)):
        with pytest.raises(
            ValueError, match="attribute_file needs a folder, and labels"
        ):
            gan_zoo.data.load(name, labels=labels, attribute_file="list.csv")


def test_an_attribute_makes_two_unpaired_sides(tmp_path):
    folder = folder_of_images(tmp_path / "faces")
    train, test = gan_zoo.data.load(
        f"folder:{folder}",
        batch_size=2,
        domains="Smiling",
        attribute_file=folder / "list.csv",
        test_fraction=0,
    )
    assert test is None
    for side, smiling in zip(next(train.as_numpy_iterator()), (0, 1), strict=True):
        places = np.rint((side[:, 0, 0, 0] + 1) * 127.5).astype(int)
        wanted = [i for i, row in enumerate(ROWS.values()) if row[0] == smiling]
        assert sorted(places) == wanted


def test_domains_need_one_attribute_that_some_images_have(tmp_path):
    for given in (["Smiling"], True):
        with pytest.raises(ValueError, match="name of one attribute"):
            gan_zoo.data.load("avatar_sample", domains=given)
    with pytest.raises(ValueError, match="without labels or degrade"):
        gan_zoo.data.load("avatar_sample", domains="smiling", labels=True)
    with pytest.raises(ValueError, match=r"images with attributes.*got 'mnist_sample'"):
        gan_zoo.data.load("mnist_sample", domains="smiling")
    with pytest.raises(ValueError, match=r"avatar_sample.*mean 'eyeglasses'\?"):
        gan_zoo.data.load("avatar_sample", domains="eyeglases")
    folder = folder_of_images(tmp_path / "faces")
    path = folder / "list.csv"
    path.write_text("file,Bald\n" + "".join(f"{file},1\n" for file in ROWS))
    with pytest.raises(ValueError, match="got 4 with it and 0 without"):
        gan_zoo.data.load(
            f"folder:{folder}",
            2,
            domains="Bald",
            attribute_file=path,
            test_fraction=0,
        )
