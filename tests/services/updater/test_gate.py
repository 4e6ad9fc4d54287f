"""When a boot is good, and when it has had its time."""

from services.updater.gate import DEADLINE_S, FRESH_S, STABLE_S, Gate, Verdict
from services.updater.host import Health

WELL = Health(active=True, restarts=0, page=True)


def lived(gate: Gate, until_s: float, *, failing: tuple[str, ...] = (), health: Health = WELL) -> Verdict:
    """From where it was to `until_s`, with a report and a look every five seconds."""
    for up_s in range(20, int(until_s) + 1, 5):
        gate.report(failing, None, up_s)
        gate.look(health, up_s)
        if gate.verdict(up_s) is not Verdict.WAIT:
            return gate.verdict(up_s)
    return Verdict.WAIT


def test_well_for_long_enough_passes_and_not_before() -> None:
    assert lived(Gate(), 20 + STABLE_S - 5) is Verdict.WAIT
    assert lived(Gate(), 20 + STABLE_S) is Verdict.PASSED


def test_ill_for_too_long_is_overdue_and_not_before() -> None:
    assert lived(Gate(), DEADLINE_S - 5, failing=("store",)) is Verdict.WAIT
    assert lived(Gate(), DEADLINE_S, failing=("store",)) is Verdict.OVERDUE


def test_every_kind_of_ill_begins_the_count_anew() -> None:
    for health, key in (
        (Health(active=False, restarts=0, page=True), "service_inactive"),
        (Health(active=True, restarts=1, page=True), "service_restarted"),
        (Health(active=True, restarts=0, page=False), "page_silent"),
    ):
        gate = Gate()
        lived(gate, 100)
        gate.look(health, 100)
        assert gate.failing(100) == (key,)
        assert gate.stable_s(100) == 0
        gate.look(WELL if health.restarts == 0 else health, 105)
        assert gate.failing(105) == ()
        assert gate.stable_s(125) == 20


def test_a_daemon_that_has_stopped_reporting_is_not_well() -> None:
    gate = Gate()
    lived(gate, 100)
    assert gate.verdict(100 + FRESH_S) is Verdict.WAIT
    assert gate.failing(101 + FRESH_S) == ("no_report",)
    assert gate.stable_s(101 + FRESH_S) == 81 + FRESH_S
    gate.verdict(101 + FRESH_S)
    assert gate.stable_s(101 + FRESH_S) == 0


def test_who_is_just_well_at_the_deadline_is_given_his_time() -> None:
    gate = Gate()
    lived(gate, DEADLINE_S - 10, failing=("models",))
    gate.report((), None, DEADLINE_S - 5)
    assert gate.verdict(DEADLINE_S + 20) is Verdict.WAIT
    gate.report(("models",), None, DEADLINE_S + 21)
    assert gate.verdict(DEADLINE_S + 21) is Verdict.OVERDUE


def test_the_settings_may_ask_for_longer() -> None:
    gate = Gate()
    gate.report((), 900, 20)
    gate.look(WELL, 20)
    for up_s in range(25, 920, 5):
        gate.report((), None, up_s)
        assert gate.verdict(up_s) is Verdict.WAIT
    assert gate.verdict(920) is Verdict.PASSED


def test_the_daemons_own_word_comes_first_and_nothing_twice() -> None:
    gate = Gate()
    gate.report(("store", "page_silent"), None, 20)
    gate.look(Health(active=False, restarts=0, page=False), 20)
    assert gate.failing(20) == ("store", "page_silent", "service_inactive")
    gate.report(tuple(f"check_{'x' * n}" for n in range(32)), None, 25)
    assert len(gate.failing(25)) == 32
