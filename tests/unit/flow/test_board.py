from gateway.flow.board import Board, Counters
from gateway.types import Level, State


def test_since_stays_while_the_key_stays() -> None:
    board = Board()
    board.report(State(part="p", level=Level.OK, key="running"))
    since = board.all()["p"].since
    board.report(State(part="p", level=Level.OK, key="running", detail="15 fps"))
    assert board.all()["p"].since == since
    board.report(State(part="p", level=Level.DOWN, key="lost"))
    assert board.all()["p"].since != since


def test_listeners_hear_changes_only() -> None:
    board, heard = Board(), []
    board.listen(lambda state: heard.append(state.key))
    for key in ("running", "running", "lost"):
        board.report(State(part="p", level=Level.OK, key=key))
    assert heard == ["running", "lost"]


def test_counters_add_up() -> None:
    counters = Counters()
    counters.add("camera.dropped")
    counters.add("camera.dropped", 4)
    assert counters.get("camera.dropped") == 5
    assert counters.all() == {"camera.dropped": 5}
