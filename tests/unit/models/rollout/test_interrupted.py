"""A decision that is killed at any durable step: one verified version serves, and the record says which."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]

BEFORE = {"promote": ("canary", 1), "reject": ("shadow", 1), "rollback": ("watch", 2)}
AFTER = {"promote": ("watch", 2), "reject": ("refused", 1), "rollback": ("rolled_back", 1)}
STORY = {
    "canary": ["candidate", "shadow", "canary"],
    "shadow": ["candidate", "shadow"],
    "watch": ["candidate", "shadow", "canary", "promoted"],
    "refused": ["candidate", "shadow", "refused"],
    "rolled_back": ["candidate", "shadow", "canary", "promoted", "rolled_back"],
}
LEAST_STEPS = 8
"""Fewer would mean that they were not seen: two commits, each a step before and after, and the slots' own."""


@pytest.mark.parametrize("decision", BEFORE)
def test_killed_at_every_step(decision: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.unit.models.rollout.interrupted", str(tmp_path), decision]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    left = json.loads(done.stdout)
    assert len(left) > LEAST_STEPS
    for step, found in enumerate(left):
        place = (found["phase"], found["active"])
        assert place in {BEFORE[decision], AFTER[decision]}, step
        assert found["intent"] == "", (step, "what was intended has been done")
        assert found["labels"] == STORY[found["phase"]], (step, "each decision is told once")
        assert found["candidate"] == (found["phase"] in {"shadow", "canary"}), step
        assert found["for_a_reason"], (step, "the numbers are not lost either")
        assert found["findings"] == 0, step
    places = [found["phase"] for found in left]
    assert (places[0], places[-1]) == (BEFORE[decision][0], AFTER[decision][0])
    assert places == sorted(places, key=places.index), "once decided it stays decided"
