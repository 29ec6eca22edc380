import numpy as np
import pytest
from inputs.systems import ROWS, TextGAN, arrays
from models.systems import SYSTEMS
from PIL import Image

import gan_zoo
from gan_zoo.callbacks import SampleGrid, TranslationGrid, save_grid
from gan_zoo.callbacks.sample_grid import as_uint8, grid_of, named_rows, picture_of
from gan_zoo.networks.gan import mlp


def test_bytes_of_known_values():
    values = np.array([-1.5, -1, -0.5, 0, 1, 1.5])
    np.testing.assert_array_equal(as_uint8(values), [0, 0, 64, 128, 255, 255])


def test_grid_places_images_row_by_row():
    images = np.stack([np.full((2, 3, 1), v) for v in (-1.0, 0.0, 1.0)])
    grid = grid_of(images, columns=2)[..., 0]
    assert grid.shape == (5, 7)
    assert (grid[:2, :3] == 0).all()
    assert (grid[:2, 4:] == 128).all()
    assert (grid[3:, :3] == 255).all()
    assert (grid[2] == 255).all()  # the line between rows


def test_grid_refuses_what_is_no_picture():
    with pytest.raises(ValueError, match="1 or 3 channels"):
        grid_of(np.zeros((2, 4, 4, 2)))
    with pytest.raises(ValueError, match="at least one"):
        grid_of(np.zeros((0, 4, 4, 1)))


def test_saved_pictures_are_read_back(tmp_path):
    images = np.linspace(-1, 1, 3 * 4 * 4 * 3).reshape(3, 4, 4, 3)
    save_grid(tmp_path / "deep" / "grid.png", images, columns=3, scale=2)
    with Image.open(tmp_path / "deep" / "grid.png") as picture:
        read = np.asarray(picture)
    np.testing.assert_array_equal(read[::2, ::2], grid_of(images, 3))
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["grid.png"]


def test_sample_grid_shows_the_same_latents_each_time(tmp_path):
    callback = SampleGrid(tmp_path, count=4, every=2)
    callback.set_model(gan_zoo.GAN((8, 8, 1), 3))
    for epoch in range(4):
        callback.on_epoch_end(epoch)
    pictures = sorted(tmp_path.iterdir())
    assert [p.name for p in pictures] == ["epoch-0002.png", "epoch-0004.png"]
    first, second = (np.asarray(Image.open(path)) for path in pictures)
    rows = 2 * (2 * 9 - 1)
    np.testing.assert_array_equal(first[:rows], second[:rows])
    # Under the grid each has its own caption, dark on white.
    assert (first[rows:] != second[rows:]).any()
    assert first[rows:].min() < 60
    assert first[rows:].max() == 255


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"labels": 3}, TypeError, r"takes nothing besides noise; got \['labels'\]"),
        ({"count": 1.5}, ValueError, "n to be an integer"),
    ],
)
def test_what_generate_does_not_take_is_refused_before_training(
    tmp_path, given, error, message
):
    gan = gan_zoo.GAN((8, 8, 1), 3)
    gan.compile()
    with pytest.raises(error, match=message):
        gan.fit(
            np.zeros((8, 8, 8, 1), "float32"),
            verbose=0,
            callbacks=[SampleGrid(tmp_path, **given)],
        )
    assert gan.trained_steps == 0


def test_vectors_are_refused_before_they_train(tmp_path):
    callback = SampleGrid(tmp_path)
    callback.set_model(
        gan_zoo.GAN((2,), 3, generator=mlp(3, 2), discriminator=mlp(2, 1))
    )
    with pytest.raises(ValueError, match="1 or 3 channels"):
        callback.on_train_begin()


def test_texts_are_asked_for_before_training(tmp_path):
    model = TextGAN.build()
    callback = SampleGrid(tmp_path, 9)
    callback.set_model(model)
    message = r"TextGAN needs \['texts'\].*SampleGrid\(folder, texts=\.\.\.\).* or 9,"
    with pytest.raises(TypeError, match=message):
        callback.on_train_begin()
    texts = arrays()["texts"]
    for given in ("red heart", texts):
        callback = SampleGrid(tmp_path, ROWS, scale=1, texts=given)
        callback.set_model(model)
        callback.on_train_begin()
        callback.on_epoch_end(0)
        wanted = grid_of(model.generate(ROWS, seed=0, texts=given))
        with Image.open(tmp_path / "epoch-0001.png") as picture:
            shown = np.asarray(picture)[: wanted.shape[0], : wanted.shape[1]]
        np.testing.assert_array_equal(shown, wanted[..., 0])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"b_to_c": np.zeros((2, 8, 8, 1))}, r"direction in \['a_to_b', 'b_to_a'\]"),
        ({"a_to_b": np.zeros((2, 8, 8, 3))}, "another number of channels"),
    ],
)
def test_what_is_not_translated_is_refused_before_training(tmp_path, inputs, message):
    model = SYSTEMS["CycleGAN"].tiny()
    model.compile()
    images = np.zeros((4, 8, 8, 1), "float32")
    grid = TranslationGrid(tmp_path, inputs)
    with pytest.raises(ValueError, match=message):
        model.fit((images, images), verbose=0, callbacks=[grid])
    assert model.trained_steps == 0


def test_translation_grid_puts_outputs_under_inputs(tmp_path):
    class Negative:
        ema, trained_steps = None, 7

        def translate(self, images, direction):
            return -images

    inputs = {"a_to_b": np.full((3, 4, 4, 3), -1.0), "b_to_a": np.ones((3, 4, 4, 3))}
    callback = TranslationGrid(tmp_path, inputs, scale=1)
    callback._model = Negative()
    callback.on_epoch_end(0)
    with Image.open(tmp_path / "epoch-0001.png") as picture:
        column = np.asarray(picture)[:20:5, 0, 0]
    np.testing.assert_array_equal(column, [0, 255, 255, 0])


def test_translation_grid_puts_the_truth_last_and_grey_beside_colour(tmp_path):
    class Coloured:
        ema, trained_steps = None, 7

        def translate(self, images, direction):
            return np.tile(np.array([1.0, -1.0, -1.0]), (*images.shape[:3], 1))

    inputs = {"a_to_b": np.zeros((2, 4, 4, 1))}
    truth = {"a_to_b": np.full((2, 4, 4, 3), -1.0)}
    callback = TranslationGrid(tmp_path, inputs, scale=1, truth=truth)
    callback._model = Coloured()
    callback.on_epoch_end(0)
    with Image.open(tmp_path / "epoch-0001.png") as picture:
        column = np.asarray(picture)[:15:5, 0]
    np.testing.assert_array_equal(column, [[128] * 3, [255, 0, 0], [0, 0, 0]])
    with pytest.raises(ValueError, match=r"'a_to_b', got 1 and 2"):
        TranslationGrid(tmp_path, inputs, truth={"a_to_b": truth["a_to_b"][:1]})


def test_translation_grid_shows_the_way_back_and_a_row_for_each_condition(tmp_path):
    class Shifting:
        ema, trained_steps = None, 7

        def translate(self, images, direction, by=0.0):
            return images + (0.5 if direction == "up" else -0.25) + by

        def way_back(self, direction):
            return {"up": "down"}.get(direction)

    inputs = {"up": np.full((2, 4, 4, 1), -1.0), "down": np.zeros((2, 4, 4, 1))}
    given = {"up": {"little": {"by": 0.0}, "much": {"by": 1.0}}}
    truth = {"up": {"much": np.ones((2, 4, 4, 1))}}
    callback = TranslationGrid(
        tmp_path, inputs, scale=1, given=given, truth=truth, cycle=True
    )
    callback._model = Shifting()
    wanted = [
        *(("input of up", -1), ("little", -0.5), ("way back", -0.75)),
        *(("much", 0.5), ("way back", 0.25), ("truth", 1)),
        *(("input of down", 0), ("translation", -0.25)),  # no way back
    ]
    names = [name for way in inputs for name, _ in callback._rows(way)]
    assert names == [name for name, _ in wanted]
    callback.on_epoch_end(0)
    with Image.open(tmp_path / "epoch-0001.png") as picture:
        column = np.asarray(picture)[:40:5, 0]
    np.testing.assert_array_equal(
        column, as_uint8(np.array([value for _, value in wanted]))
    )
    callback = TranslationGrid(
        tmp_path, inputs, given=given, truth={"up": truth["up"]["much"]}
    )
    callback._model = Shifting()
    names = [name for name, _ in callback._rows("up")]
    assert names == ["input of up", "little", "much", "truth"]
    back = {"up": {"by": -0.25}}
    callback = TranslationGrid(tmp_path, {"up": inputs["up"]}, cycle=back)
    callback._model = Shifting()
    (_, made), (name, returned) = callback._rows("up")[1:]
    assert name == "way back"
    np.testing.assert_array_equal(returned, made - 0.5)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"given": {"left": {}}}, "given for directions out of .*'up'.*'left'"),
        ({"cycle": {"left": {}}}, "cycle for directions"),
        ({"given": {"up": [{}]}}, r"given\['up'\] as a dict"),
        ({"truth": {"up": {"glases": np.ones((2, 4, 4, 1))}}}, r"got \['glases'\]"),
    ],
)
def test_directions_and_rows_that_there_are_not_are_refused(wrong, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        TranslationGrid(tmp_path, {"up": np.ones((2, 4, 4, 1))}, **wrong)


def test_rows_have_their_names_on_the_right():
    rows = picture_of(np.full((4, 16, 16, 1), -1.0), columns=2)
    named = np.asarray(named_rows(rows, ["first", ""]))
    np.testing.assert_array_equal(named[:, : rows.width], rows)
    beside = named[:, rows.width :]
    assert (beside[:17] < 128).any()
    assert (beside[17:] == 255).all()
    low = picture_of(np.full((4, 4, 4, 1), -1.0), columns=2)
    assert named_rows(low, ["first", "second"]) is low


def test_translation_grid_repeats_the_pixels_of_smaller_inputs(tmp_path):
    class Enlarging:
        ema, trained_steps = None, 7

        def translate(self, images, direction):
            return np.ones((*images.shape[:1], 4, 6, 3))

    inputs = {
        "enlarge": np.array([[-1.0, 0.0, 1.0], [1.0, 0.0, -1.0]])[None, ..., None]
    }
    callback = TranslationGrid(tmp_path, inputs, scale=1)
    callback._model = Enlarging()
    callback.on_epoch_end(0)
    with Image.open(tmp_path / "epoch-0001.png") as picture:
        shown = np.asarray(picture)[:9, :6, 0]
    np.testing.assert_array_equal(shown[0], [0, 0, 128, 128, 255, 255])
    np.testing.assert_array_equal(shown[:4, 0], [0, 0, 255, 255])
    assert (shown[5:] == 255).all()
