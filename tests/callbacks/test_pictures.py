import pytest
from PIL import Image

from gan_zoo.callbacks import Pictures
from gan_zoo.callbacks.pictures import about_picture, pictures_in, save_picture


class Model:
    """All that a picture asks of a model."""

    def __init__(self, trained_steps=0, ema=None):
        self.trained_steps = trained_steps
        self.ema = ema


class Grey(Pictures):
    """A picture as grey as the training is old."""

    def draw(self, caption):
        return Image.new("L", (3, 2), self.model.trained_steps)


def pictures(folder, every=1, **model):
    made = Grey(folder, every)
    made._model = Model(**model)
    return made


@pytest.mark.parametrize(
    ("ema", "weights"),
    [(None, "current"), (0.0, "current"), (0.999, "averaged")],
)
def test_a_picture_says_when_it_was_and_of_which_weights(tmp_path, ema, weights):
    pictures(tmp_path, trained_steps=2000, ema=ema).on_epoch_end(1)
    about = about_picture(tmp_path / "epoch-0002.png")
    assert about == (2000, f"epoch 2, step 2,000, {weights} weights")


def test_a_picture_between_epochs_is_named_after_its_step(tmp_path):
    made = pictures(tmp_path, trained_steps=57)
    told = []
    made.listeners.append(told.append)
    path = made.save_between_epochs()
    assert path == tmp_path / "step-000000057.png"
    assert about_picture(path) == (57, "step 57, current weights")
    assert told == [path]


def test_every_other_epoch(tmp_path):
    made = pictures(tmp_path, every=2)
    for epoch in range(5):
        made.on_epoch_end(epoch)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["epoch-0002.png", "epoch-0004.png"]


def test_a_folder_s_pictures_are_in_the_order_of_their_steps(tmp_path):
    made = pictures(tmp_path)
    for step, epoch in ((40, 0), (15, None), (80, 1), (90, None)):
        made.model.trained_steps = step
        made.save_between_epochs() if epoch is None else made.on_epoch_end(epoch)
    save_picture(tmp_path / "of_a_user.png", Image.new("L", (2, 2)))
    (tmp_path / ".123-0.png").write_text("half of a picture")  # of a killed process
    (tmp_path / "notes.txt").touch()
    assert [path.name for path in pictures_in(tmp_path)] == [
        "of_a_user.png",
        "step-000000015.png",
        "epoch-0001.png",
        "epoch-0002.png",
        "step-000000090.png",
    ]
    assert about_picture(tmp_path / "of_a_user.png") == (None, None)
    assert pictures_in(tmp_path / "nothing") == []


def test_a_picture_without_a_drawing_is_an_error(tmp_path):
    made = Pictures(tmp_path)
    made._model = Model()
    with pytest.raises(NotImplementedError, match="Pictures must override draw"):
        made.on_epoch_end(0)
