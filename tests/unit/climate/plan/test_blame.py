"""Who is to blame for a cold room."""

from dataclasses import replace

from gateway.climate.plan.blame import Blame
from gateway.climate.words import Mode, Wanted

NIGHT = Wanted(mode=Mode.AUTO, target_c=17.0, next_c=21.0, next_s=600.0)
DAY = Wanted(mode=Mode.AUTO, target_c=21.0)


def warm(wanted: Wanted) -> Blame:
    blame = Blame()
    blame.step(wanted, -1.0, full=False)
    return blame


def test_a_rise_that_was_foretold_should_have_been_met() -> None:
    assert warm(NIGHT).step(DAY, 0.3, full=True)


def test_a_room_that_somebody_turned_up_is_given_the_time_it_takes() -> None:
    blame = warm(DAY)
    boosted = replace(DAY, target_c=23.0, by_hand=True)
    assert [blame.step(boosted, under_c, full=True) for under_c in (1.5, 0.2, -0.1, 0.2)] == [False, False, True, True]


def test_what_was_cold_before_anybody_planned_is_nobodys_fault() -> None:
    blame = Blame()
    assert [blame.step(DAY, under_c, full=True) for under_c in (0.4, -0.1, 0.4)] == [False, True, True]


def test_a_heater_at_its_limit_cannot_do_more() -> None:
    blame = warm(DAY)
    strained = [blame.step(DAY, 0.4, full=True) for _ in range(100)]
    assert (strained[0], strained[-1]) == (True, False)
    assert blame.step(DAY, 0.4, full=False)
