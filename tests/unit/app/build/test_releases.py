"""What the home says of releases that were found damaged, and when it stops saying so."""

from pathlib import Path

import pytest

from gateway.app.build import releases
from gateway.flow.board import Board
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.record import begun
from gateway.models.rollout.telling import decided
from gateway.testing.clock import FakeClock
from gateway.types import Event, Level
from tests.models.releases import make_store, release_card, take_in
from tests.unit.models.rollout.house import version


def decision(phase: Phase) -> Event:
    now = FakeClock().now()
    record = begun("tiny", version(2), version(1), now.wall)
    record.phase = phase
    return decided(record, now)


@pytest.mark.parametrize(("phase", "key"), [(Phase.WATCH, "sound"), (Phase.REFUSED, "model_hash")])
def test_damage_is_told_until_a_version_is_promoted(phase: Phase, key: str, tmp_path: Path) -> None:
    board, told = Board(), list[Event]()
    store = make_store(tmp_path, packaged={"tiny": release_card(1)})
    take_in(store, 2)
    store.promote("tiny")
    (tmp_path / "objects" / release_card(2).sha256).write_bytes(b"rotten")
    releases.checked(store, board)
    state = board.all()["models/tiny"]
    assert (state.level, state.detail.endswith("now: packaged")) == (Level.DEGRADED, True)
    event = decision(phase)
    releases.mending(board, told.append)(event)
    assert (board.all()["models/tiny"].key, told) == (key, [event])


def test_what_is_whole_is_said_to_be(tmp_path: Path) -> None:
    board, store = Board(), make_store(tmp_path, packaged={"tiny": release_card(1)})
    take_in(store, 2)
    releases.checked(store, board)
    assert (board.all()["models/tiny"].level, board.all()["models/tiny"].key) == (Level.OK, "sound")
