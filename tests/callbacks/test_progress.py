import io

import pytest

from gan_zoo.callbacks import Progress, duration
from gan_zoo.callbacks import progress as progress_module


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that stands still until it is told to go on."""
    now = [100.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    return now


def told(stream, steps, clock, done=0):
    progress = Progress(2, 3, done=done, stream=stream, every=0.0)
    for step in range(done, steps):
        clock[0] += 2.0
        progress.on_train_batch_end(step, {"d_loss": 1.23456})
        if (step + 1) % 3 == 0:
            progress.on_epoch_end(step // 3, {"d_loss": 1.23456, "g_loss": 0.5})
    return progress


def test_one_line_per_epoch_where_there_is_no_terminal(clock):
    stream = io.StringIO()
    told(stream, 6, clock)
    first, second = stream.getvalue().splitlines()
    assert first == "Epoch 1/2  step 3/3  6 seconds left  d_loss 1.235  g_loss 0.5"
    assert second == "Epoch 2/2  step 3/3  d_loss 1.235  g_loss 0.5"


def test_a_terminal_sees_each_step_on_the_same_line(clock):
    stream = Terminal()
    told(stream, 6, clock)
    lines = stream.getvalue().split("\n")
    assert [line.count("\r") for line in lines] == [4, 4, 0]
    assert "\rEpoch 2/2  step 1/3" in lines[1]


LOGS = {"d_loss": 1.23456, "fake_score": -12.5, "g_loss": 0.5, "real_score": 3.0}
WHOLE = "Epoch 1/2  step 1/3  d_loss 1.235  g_loss 0.5  fake_score -12.5  real_score 3"


# A row that is full to its last column would wrap.
@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (len(WHOLE) + 1, WHOLE),
        (len(WHOLE), "Epoch 1/2  step 1/3  d_loss 1.235  g_loss 0.5  fake_score -12.5"),
        (60, "Epoch 1/2  step 1/3  d_loss 1.235  g_loss 0.5"),
        (30, "Epoch 1/2  step 1/3"),
        (5, ""),
    ],
)
def test_a_terminal_shows_the_losses_first_and_whole_values_only(
    columns, shown, monkeypatch
):
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Terminal()
    progress = Progress(2, 3, stream=stream, every=0.0)
    progress.on_train_batch_end(0, LOGS)
    assert stream.getvalue() == f"\r{shown}\x1b[K"


def test_a_resized_window_is_noticed_and_the_line_of_an_epoch_is_whole(monkeypatch):
    stream = Terminal()
    progress = Progress(2, 3, stream=stream, every=0.0)
    for columns in (20, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        progress.on_train_batch_end(0, {"d_loss": 1.0})
    monkeypatch.setenv("COLUMNS", "20")
    progress.on_epoch_end(0, LOGS)
    narrow, wide, epoch = stream.getvalue().split("\r")[1:]
    assert ("d_loss" in narrow, "d_loss" in wide) == (False, True)
    assert epoch.endswith("\n")
    rows = epoch.replace("\x1b[K", "").splitlines()
    assert rows[0] == "Epoch 1/2  step 2/3"
    assert "  d_loss 1.235" in rows
    assert rows[-1].strip() == "real_score 3"
    assert max(map(len, rows[:2])) < 20


def test_a_resumed_epoch_is_counted_in_the_whole(clock):
    stream = io.StringIO()
    told(stream, 6, clock, done=4)
    assert stream.getvalue().startswith("Epoch 2/2  step 3/3")


def test_the_time_left_is_that_of_the_steps_to_come(clock):
    # The first step does not count; three are left.
    assert told(io.StringIO(), 3, clock).seconds_left == 3 * 2.0
    assert told(io.StringIO(), 1, clock).seconds_left is None


def test_times_in_words():
    words = [duration(s) for s in (0.6, 5.4, 89, 90, 3600, 2 * 3600)]
    assert words[:3] == ["1 second", "5 seconds", "89 seconds"]
    assert words[3:] == ["2 minutes", "60 minutes", "2.0 hours"]
