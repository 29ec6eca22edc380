import keras
import numpy as np
from PIL import Image
from small_networks import small_discriminator, small_generator

import gan_zoo
from gan_zoo.callbacks import EarlyPictures, Pictures, SampleGrid


class Clock:
    """Time goes on by as much as each step takes, and each picture."""

    def __init__(self, per_picture=0.0):
        self.now = 1000.0
        self.per_picture = per_picture

    def __call__(self):
        return self.now


class Slow(Pictures):
    """Pictures that take their time."""

    def __init__(self, folder, clock):
        super().__init__(folder)
        self.clock = clock

    def draw(self, caption):
        self.clock.now += self.clock.per_picture
        return Image.new("L", (1, 1))


class Model:
    trained_steps, ema = 0, None


def seconds_of_pictures(folder, steps, clock, epochs_end=(), **kwargs):
    """Seconds of training at which pictures were told of, a step taking a second."""
    model, told = Model(), []
    pictures = Slow(folder, clock)
    early = EarlyPictures(
        pictures, tell=lambda text: told.append(model.trained_steps), clock=clock
    )
    pictures._model = early._model = model
    early.on_train_begin()
    for step in range(1, steps + 1):
        model.trained_steps = step
        clock.now += 1.0
        early.on_train_batch_end(0)
        if step in epochs_end:
            early.on_epoch_end(0)
    return told


def test_the_first_comes_soon_and_then_one_each_half_minute_for_four(tmp_path):
    told = seconds_of_pictures(tmp_path, 600, Clock())
    assert told == [15, 45, 75, 105, 135, 165, 195, 225]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"step-{step:09d}.png" for step in told]


def test_pictures_of_epochs_count(tmp_path):
    every_ten = range(10, 601, 10)
    assert seconds_of_pictures(tmp_path, 600, Clock(), every_ten) == []
    assert seconds_of_pictures(tmp_path, 120, Clock(), [60]) == [15, 45, 90, 120]


def test_slow_pictures_take_a_fifth_of_the_time_at_most(tmp_path):
    # A second per step: the first at 15 seconds ends at 35, and 80 seconds follow.
    told = seconds_of_pictures(tmp_path, 300, Clock(per_picture=20.0))
    assert told == [15, 95, 175]


def test_one_clock_for_several_calls_of_fit():
    clock = Clock()
    early = EarlyPictures(None, clock=clock)
    early.on_train_begin()
    clock.now += 10.0
    early.on_train_begin()
    assert early._due == 1015.0


def trained(folder, early):
    """Weights after a short training, with a picture after every step or none."""
    keras.utils.set_random_seed(0)
    gan = gan_zoo.GAN(
        (8, 8, 1),
        4,
        generator=small_generator((8, 8, 1), 4),
        discriminator=small_discriminator((8, 8, 1), 4),
        ema=0.9,
    )
    gan.compile()
    images = np.random.default_rng(0).uniform(-1, 1, (32, 8, 8, 1)).astype("float32")
    grid = SampleGrid(folder, count=4)
    callbacks = [grid]
    if early:
        # By a clock that stands still every step is due, however slow the machine.
        early = EarlyPictures(
            grid, first=0.0, every=0.0, until=1.0, tell=lambda text: None, clock=Clock()
        )
        callbacks.append(early)
    gan.fit(images, batch_size=8, epochs=2, shuffle=False, callbacks=callbacks)
    return gan.get_weights()


def test_pictures_change_nothing_in_what_is_trained(tmp_path):
    without = trained(tmp_path / "without", early=False)
    among_pictures = trained(tmp_path / "early", early=True)
    for one, other in zip(without, among_pictures, strict=True):
        np.testing.assert_array_equal(one, other)
    steps = sorted(path.name for path in (tmp_path / "early").glob("step-*"))
    assert len(steps) == 8  # one after every step of two epochs of four
    last = np.asarray(Image.open(tmp_path / "early" / "epoch-0002.png"))
    alone = np.asarray(Image.open(tmp_path / "without" / "epoch-0002.png"))
    np.testing.assert_array_equal(last, alone)
