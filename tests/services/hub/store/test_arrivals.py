"""Who may speak under an id."""

import asyncio
from datetime import timedelta

import pytest

from gateway.wire.uplink import WIRE
from services.hub.store import arrivals
from services.hub.store.arrivals import MOST_EPOCHS
from services.hub.store.contract import Store
from services.hub.store.words import Enrolment, Home
from tests.services.hub.store.fleet import EPOCH, INSTANCE, NOON, OTHER_INSTANCE, delivery, greeting, settle

SECOND = timedelta(seconds=1)


async def home_a(store: Store) -> Home:
    found = await store.home("home-a")
    assert found is not None
    return found


async def test_a_hello_is_remembered(store: Store) -> None:
    await settle(store, "home-a")
    home = await home_a(store)
    assert (home.online, home.seen, home.instance, home.epoch) == (True, NOON, INSTANCE, EPOCH)
    assert (home.version, home.wire, home.duplicate) == ("0.5.0", WIRE, None)


async def test_strangers_the_revoked_and_tomorrows_wire_are_turned_away_and_counted(store: Store) -> None:
    await settle(store, "home-a", "home-b")
    await store.revoke("home-b", NOON)
    verdicts = [
        await store.hello("home-x", greeting(), NOON),
        await store.hello("home-b", greeting(), NOON),
        await store.hello("home-a", greeting(wire=WIRE + 1), NOON),
        await store.hello("home-a", greeting(wire=WIRE - 1), NOON),
    ]
    assert [verdict.key for verdict in verdicts] == ["unknown_gateway", "revoked", "wire_unknown", None]
    refusals = await store.refusals(since=NOON, until=NOON + timedelta(hours=1))
    assert {(one.gateway, one.key) for one in refusals} == {
        ("", "unknown_gateway"),
        ("home-b", "revoked"),
        ("home-a", "wire_unknown"),
    }


async def test_a_second_instance_is_refused_while_the_first_lives(store: Store) -> None:
    await settle(store, "home-a")
    at = NOON + timedelta(minutes=10)
    verdict = await store.hello("home-a", greeting(instance=OTHER_INSTANCE), at)
    home = await home_a(store)
    assert verdict.key == "duplicate_id"
    assert (home.instance, home.duplicate, home.online) == (INSTANCE, at, True)
    assert (await store.hello("home-a", greeting(), at)).accepted


async def test_two_that_throw_each_other_off_the_broker_do_not_take_turns(store: Store) -> None:
    """The broker sends the will of the one as soon as the other connects under its client id."""
    await settle(store, "home-a")
    await store.hello("home-a", greeting(online=False), NOON + SECOND)
    newcomer = await store.hello("home-a", greeting(instance=OTHER_INSTANCE), NOON + 2 * SECOND)
    back = await store.hello("home-a", greeting(), NOON + 3 * SECOND)
    assert (newcomer.key, back.key) == ("duplicate_id", None)


async def test_a_new_disk_is_let_in_after_the_old_one_was_silent_for_a_while(store: Store) -> None:
    await settle(store, "home-a")
    await store.hello("home-a", greeting(online=False), NOON + SECOND)
    later = NOON + timedelta(milliseconds=arrivals.SILENT_MS) + SECOND
    assert (await store.hello("home-a", greeting(instance=OTHER_INSTANCE), later)).accepted
    assert (await home_a(store)).instance == OTHER_INSTANCE


async def test_one_whose_will_never_came_does_not_hold_its_id_for_ever(store: Store) -> None:
    await settle(store, "home-a")
    soon, later = NOON + timedelta(minutes=119), NOON + timedelta(minutes=121)
    assert (await store.hello("home-a", greeting(instance=OTHER_INSTANCE), soon)).key == "duplicate_id"
    assert (await store.hello("home-a", greeting(instance=OTHER_INSTANCE), later)).accepted


async def test_what_is_taken_keeps_an_instance_alive(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1)], NOON + timedelta(minutes=100))
    verdict = await store.hello("home-a", greeting(instance=OTHER_INSTANCE), NOON + timedelta(minutes=121))
    assert verdict.key == "duplicate_id"


async def test_a_person_may_let_another_instance_in_at_once(store: Store) -> None:
    await settle(store, "home-a")
    await store.release("home-a")
    assert (await store.hello("home-a", greeting(instance=OTHER_INSTANCE), NOON + SECOND)).accepted
    assert (await store.hello("home-a", greeting(), NOON + 2 * SECOND)).key == "duplicate_id"


async def test_a_clock_that_was_ahead_keeps_nobody_out_once_it_is_right(store: Store) -> None:
    await settle(store, "home-a")
    assert (await store.hello("home-a", greeting(), NOON + timedelta(days=365))).accepted
    await store.take([delivery(1)], NOON)
    assert (await home_a(store)).seen == NOON
    assert (await store.hello("home-a", greeting(), NOON + timedelta(days=365))).accepted
    assert (await store.hello("home-a", greeting(instance=OTHER_INSTANCE), NOON)).accepted


async def test_workers_whose_clocks_differ_take_no_second_instance(store: Store) -> None:
    await settle(store, "home-a")
    verdict = await store.hello("home-a", greeting(instance=OTHER_INSTANCE), NOON - 60 * SECOND)
    assert verdict.key == "duplicate_id"


async def test_the_old_instances_epoch_goes_with_it(store: Store) -> None:
    await settle(store, "home-a")
    await store.release("home-a")
    await store.hello("home-a", greeting(instance=OTHER_INSTANCE, epoch=EPOCH + 1), NOON)
    taken = await store.take([delivery(1), delivery(1, epoch=EPOCH + 1)], NOON)
    assert list(taken.unsettled.values()) == ["wrong_epoch"]
    assert taken.fresh == 1


async def test_a_last_will_that_is_read_again_says_nothing_about_when(store: Store) -> None:
    await settle(store, "home-a")
    await store.hello("home-a", greeting(online=False), NOON + SECOND)
    await store.hello("home-a", greeting(online=False), NOON + timedelta(days=1))
    home = await home_a(store)
    assert (home.online, home.seen) == (False, NOON + SECOND)


async def test_another_instances_will_does_not_end_the_current_one(store: Store) -> None:
    await settle(store, "home-a")
    await store.hello("home-a", greeting(online=False, instance=OTHER_INSTANCE), NOON + SECOND)
    assert (await home_a(store)).online


async def test_many_are_judged_each_by_itself_in_one_commit(store: Store) -> None:
    await settle(store, "home-a", "home-b", "home-c")
    await store.hello("home-b", greeting(online=False), NOON + SECOND)
    await store.revoke("home-c", NOON)
    await store.enrol(Enrolment(gateway="home-d", token_sha256="0" * 64), NOON)
    said = {
        "home-d": greeting(epoch=EPOCH + 4),
        "home-a": greeting(instance=OTHER_INSTANCE),
        "home-b": greeting(epoch=EPOCH + 1),
        "home-c": greeting(),
        "home-x": greeting(),
    }
    verdicts = await store.hellos(said, NOON + 2 * SECOND)
    assert {gateway: one.key for gateway, one in verdicts.items()} == {
        "home-a": "duplicate_id",
        "home-b": None,
        "home-c": "revoked",
        "home-d": None,
        "home-x": "unknown_gateway",
    }
    homes = {home.gateway: (home.instance, home.epoch, home.online) for home in await store.homes()}
    assert homes == {
        "home-a": (INSTANCE, EPOCH, True),
        "home-b": (INSTANCE, EPOCH + 1, True),
        "home-c": (INSTANCE, EPOCH, False),
        "home-d": (INSTANCE, EPOCH + 4, True),
    }
    taken = await store.take([delivery(1, gateway="home-d", epoch=EPOCH + 4)], NOON)
    assert taken.fresh == 1


async def test_what_lay_retained_tells_nothing_that_is_known(store: Store) -> None:
    await settle(store, "home-a", "home-b")
    for home in ("home-a", "home-b"):
        await store.hello(home, greeting(online=False), NOON + SECOND)
    said = {"home-a": greeting(), "home-b": greeting(epoch=EPOCH + 1)}
    await store.hellos(said, NOON + 2 * SECOND, retained={"home-a", "home-b"})
    assert {home.gateway: home.online for home in await store.homes()} == {"home-a": False, "home-b": True}


async def test_crowds_at_two_workers_wait_for_each_other_and_not_in_a_circle(store: Store) -> None:
    names = [f"home-{number}" for number in range(20)]
    await settle(store, *names)
    crowds = [dict.fromkeys(names[::step], greeting(epoch=EPOCH + 1)) for step in (1, -1, 2, -2)]
    for found in await asyncio.gather(*(store.hellos(crowd, NOON + SECOND) for crowd in crowds)):
        assert all(verdict.accepted for verdict in found.values())


async def test_epochs_have_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_EPOCHS >= 100
    monkeypatch.setattr(arrivals, "MOST_EPOCHS", 3)
    await settle(store, "home-a")
    verdicts = [await store.hello("home-a", greeting(epoch=EPOCH + more), NOON) for more in (1, 2, 3, 1)]
    assert [verdict.key for verdict in verdicts] == [None, None, "too_many_epochs", None]


async def test_it_is_enough_to_enrol_once_for_all_of_it(store: Store) -> None:
    await store.enrol(Enrolment(gateway="home-a", key_sha256="a" * 64, labels={"city": "Ulm"}), NOON)
    home = await home_a(store)
    assert (home.created, home.seen, home.online, home.instance) == (NOON, None, False, None)
    assert home.enrolment.labels == {"city": "Ulm"}
