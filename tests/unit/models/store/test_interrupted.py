"""Whatever is interrupted, at whatever step, and whatever the disk forgot: one sound version serves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
CHANGES = {"first": 12, "candidate": 14, "promote": 4, "reject": 4, "rollback": 4, "collect": 4, "boot": 8}
"""The least number of steps that each has on the disk: fewer would mean that they were not seen."""


@pytest.mark.parametrize("change", CHANGES)
def test_an_interruption_at_any_step_leaves_the_state_before_or_after(change: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.unit.models.store.interrupted", str(tmp_path), change]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    for loss, left in told["left"].items():
        assert len(left) > CHANGES[change]
        after = left[-1]["slots"]
        before = after if change == "boot" else told["before"]
        assert before != after or change in {"collect", "boot"}, loss
        for step, found in enumerate(left):
            assert found["slots"] in (before, after), (loss, step)
            assert found["slots"]["active"] or (change == "first" and found["slots"] == before), (loss, step)
            assert (found["strangers"], found["again"]) == ([], 0), (loss, step)
            assert not found["findings"] or change == "boot", (loss, step)
