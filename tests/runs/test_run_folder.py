import contextlib
import json
import os

import pytest

from gan_zoo.runs.run_folder import only_process, remember

SETTINGS = {"batch_size": 50, "epochs": 2, "strategy": "none"}


def test_a_second_process_on_the_folder_is_refused(tmp_path):
    with (
        only_process(tmp_path),
        pytest.raises(RuntimeError, match=f"Process {os.getpid()}"),
        only_process(tmp_path),
    ):
        pass
    with only_process(tmp_path):  # free again
        pass


def test_the_lock_clears_what_a_killed_process_left(tmp_path):
    run = tmp_path / "deep" / "run"
    (run / "checkpoints" / ".step-000000004.x").mkdir(parents=True)
    (run / "checkpoints" / "step-000000002").mkdir()
    (run / "phases" / "first" / "checkpoints" / ".step-000000004.y").mkdir(parents=True)
    with only_process(run):
        assert (run / ".lock").read_text() == str(os.getpid())
        names = [path.name for path in (run / "checkpoints").iterdir()]
        assert not [*(run / "phases" / "first" / "checkpoints").iterdir()]
    assert names == ["step-000000002"]


@pytest.mark.parametrize(
    ("known", "trained", "kept"),
    [
        (False, None, False),
        (True, None, True),
        (False, "checkpoints/step-000000004", True),
        (False, "phases/first/checkpoints/step-000000004", True),
        (False, "row/column/checkpoints/step-000000004", True),
    ],
)
def test_a_run_that_trained_nothing_leaves_no_settings(tmp_path, known, trained, kept):
    if known:
        remember(tmp_path, SETTINGS)
    with contextlib.suppress(ValueError), only_process(tmp_path):
        remember(tmp_path, SETTINGS)
        if trained:
            (tmp_path / trained).mkdir(parents=True)
        raise ValueError
    assert (tmp_path / "settings.json").exists() == kept


def test_settings_are_written_and_may_be_repeated(tmp_path):
    for _ in range(2):
        remember(tmp_path, SETTINGS)
        kept = json.loads((tmp_path / "settings.json").read_text())
        assert kept.pop("started")
        assert kept == SETTINGS


def test_what_changes_the_numbers_is_refused_and_the_rest_is_not(tmp_path):
    remember(tmp_path, SETTINGS)
    remember(tmp_path, SETTINGS | {"strategy": "mirrored"})
    longer = SETTINGS | {"epochs": 3}
    with pytest.raises(ValueError, match="--epochs: 2 then, 3 now"):
        remember(tmp_path, longer)
    remember(tmp_path, longer, may_change=("epochs",))
    with pytest.raises(ValueError, match="--seed: None then, 1 now"):
        remember(tmp_path, longer | {"seed": 1})
    assert json.loads((tmp_path / "settings.json").read_text())["epochs"] == 3
