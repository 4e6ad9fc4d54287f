"""What happens with updates while nobody looks."""

from datetime import datetime, timedelta

import pytest

from gateway.config.settings import Updates
from gateway.testing.updater import machine
from gateway.updates.policy import Window, next_request
from gateway.wire.summary import UpdateState
from gateway.wire.update import Install, Look, Machine, Origin, Past, Reboot, Step

INDEX = "https://example.org/releases.json"
NIGHT, NOON = datetime(2026, 11, 21, 3, 30), datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001  # local time
JUST_NOW, LONG_AGO = timedelta(minutes=5), timedelta(days=2)


def installed(origin: Origin, **more: object) -> Machine:
    return machine(state=UpdateState.INSTALLED, target="2.0.0", other="2.0.0", origin=origin, **more)


def settings(**more: object) -> Updates:
    return Updates.model_validate({"index": INDEX, **more})


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("02:00-05:00", ("02:00", "04:59"), ("01:59", "05:00", "12:00")),
        ("23:00-01:30", ("23:00", "00:00", "01:29"), ("22:59", "01:30", "12:00")),
        ("03:00-03:00", (), ("03:00", "02:59")),
    ],
)
def test_the_window_may_be_over_midnight(text: str, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    window = Window.of(text)
    for times, wanted in ((inside, True), (outside, False)):
        for one in times:
            assert window.holds(datetime.fromisoformat(f"2026-11-21T{one}")) is wanted, one


@pytest.mark.parametrize(
    ("found", "given", "local", "starts"),
    [
        (installed(Origin.HUB), settings(), NIGHT, True),
        (installed(Origin.HUB), settings(), NOON, False),
        (installed(Origin.HUB), settings(), None, False),
        (installed(Origin.HUB), settings(reboot="by_hand"), NIGHT, False),
        (installed(Origin.HUB), settings(window="11:00-13:00"), NOON, True),
        (installed(Origin.INDEX), settings(automatic="install"), NIGHT, True),
        (installed(Origin.INDEX), settings(automatic="install", reboot="by_hand"), NIGHT, False),
        (installed(Origin.INDEX), settings(automatic="download"), NIGHT, False),
        (installed(Origin.UPLOAD), settings(automatic="install"), NIGHT, False),
        (installed(Origin.STICK), settings(automatic="install"), NIGHT, False),
        (installed(Origin.HUB, step=Step.REBOOTING), settings(), NIGHT, False),
        (installed(Origin.HUB, confirmed=False), settings(), NIGHT, False),
    ],
)
def test_only_what_no_person_had_installed_starts_by_itself_and_at_night(
    found: Machine, given: Updates, local: datetime | None, starts: bool
) -> None:
    asked = next_request(found, given, local=local, looked=JUST_NOW)
    assert asked == (Reboot() if starts else None)


def test_the_index_is_asked_once_a_day_and_only_where_there_is_one() -> None:
    assert next_request(machine(), Updates(), local=NOON, looked=None) is None
    assert next_request(machine(), settings(), local=None, looked=None) == Look(url=INDEX)
    assert next_request(machine(), settings(), local=NOON, looked=JUST_NOW) is None
    assert next_request(machine(), settings(), local=NOON, looked=LONG_AGO) == Look(url=INDEX)


@pytest.mark.parametrize("automatic", ["none", "download", "install"])
def test_what_is_newer_is_laid_beside_only_where_it_is_wanted(automatic: str) -> None:
    asked = next_request(machine(newest="2.0.0"), settings(automatic=automatic), local=NOON, looked=JUST_NOW)
    assert asked == (None if automatic == "none" else Install(origin=Origin.INDEX))


@pytest.mark.parametrize("newest", ["1.0", "1.0.0-rc1", "0.9.9"])
def test_a_list_that_was_held_back_brings_nothing(newest: str) -> None:
    assert next_request(machine(newest=newest), settings(automatic="install"), local=NOON, looked=JUST_NOW) is None


@pytest.mark.parametrize("state", [UpdateState.FAILED, UpdateState.ROLLED_BACK])
def test_what_failed_here_is_not_tried_for_ever(state: UpdateState) -> None:
    past = Past(version="2.0.0", origin=Origin.INDEX, state=state, key="page")
    found = machine(newest="2.0.0", state=state, history=(past,))
    assert next_request(found, settings(automatic="install"), local=NOON, looked=JUST_NOW) is None
    newer = found.model_copy(update={"newest": "2.0.1"})
    assert next_request(newer, settings(automatic="install"), local=NOON, looked=JUST_NOW) is not None


@pytest.mark.parametrize(
    "found",
    [
        machine(slot=None, newest="2.0.0"),
        machine(confirmed=False, state=UpdateState.TRYING, newest="2.0.0"),
        machine(state=UpdateState.DOWNLOADING, step=Step.INSTALLING, newest="2.0.0"),
    ],
)
def test_where_something_goes_on_or_nothing_can_nothing_is_asked(found: Machine) -> None:
    assert next_request(found, settings(automatic="install"), local=NIGHT, looked=None) is None
