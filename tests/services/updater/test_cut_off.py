"""Wherever the power or the process is cut off, the machine ends in a slot that works, and knows how it went."""

from collections.abc import Callable

import pytest

from gateway.wire.release import UpdateState
from gateway.wire.update import Slot
from services.updater.installer import Bundle
from tests.services.updater.house import NEW, OLD, Grub, House, Tryboot, live_on

Loader = Callable[[], Grub | Tryboot]
LOADERS = [Grub, Tryboot]


def healthy(loader: Loader) -> House:
    return House(loader=loader())


def ill(loader: Loader) -> House:
    return House(loader=loader(), well={OLD: True, NEW: False})


def dead(loader: Loader) -> House:
    return House(loader=loader(), boots={OLD: True, NEW: False})


def strange(loader: Loader) -> House:
    return House(loader=loader(), bundle=Bundle(compatible="toaster", version=NEW))


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("kind", "state", "slot", "key"),
    [
        (healthy, UpdateState.CONFIRMED, Slot.B, None),
        (ill, UpdateState.ROLLED_BACK, Slot.A, "store"),
        (dead, UpdateState.ROLLED_BACK, Slot.A, "not_started"),
        (strange, UpdateState.FAILED, Slot.A, "wrong_board"),
    ],
)
async def test_left_alone_it_ends_as_it_should(
    loader: Loader, kind: Callable[[Loader], House], state: UpdateState, slot: Slot, key: str | None
) -> None:
    house = kind(loader)
    memory = await live_on(house, power=False)
    assert (memory.state, house.running, memory.key) == (state, slot, key)
    assert [(past.state, past.key) for past in memory.history] == [(state, key)]


async def test_a_slot_that_has_just_been_started_twice_is_come_back_to_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    house = dead(Grub)
    assert isinstance(house.loader, Grub)
    house.loader.tries[Slot.A] = 2
    started, choose = list[Slot](), house.loader.next

    def chosen(*, orderly: bool) -> Slot:
        started.append(choose(orderly=orderly))
        return started[-1]

    monkeypatch.setattr(house.loader, "next", chosen)
    memory = await live_on(house, power=False)
    assert (memory.state, memory.key) == (UpdateState.ROLLED_BACK, "not_started")
    assert started == [Slot.B, Slot.B, Slot.A]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("power", [False, True])
async def test_a_healthy_update_arrives_or_leaves_the_old_one(loader: Loader, power: bool) -> None:
    for cut_at in range(1, await _effects(healthy, loader) + 1):
        house = healthy(loader)
        house.cut_at = cut_at
        memory = await live_on(house, power=power)
        if memory.state is UpdateState.CONFIRMED:
            assert (house.running, house.version) == (Slot.B, NEW), cut_at
        else:
            assert power, f"a process that was ended at {cut_at} has cost the update: {memory}"
            assert (memory.state, house.version) == (UpdateState.ROLLED_BACK, OLD), cut_at
            assert memory.key in {"not_started", "trial_cut_off"}, cut_at
        await _stays(house)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("power", [False, True])
@pytest.mark.parametrize("kind", [ill, dead])
async def test_a_bad_update_always_leads_back(loader: Loader, power: bool, kind: Callable[[Loader], House]) -> None:
    for cut_at in range(1, await _effects(kind, loader) + 1):
        house = kind(loader)
        house.cut_at = cut_at
        memory = await live_on(house, power=power)
        assert (memory.state, house.version) == (UpdateState.ROLLED_BACK, OLD), cut_at
        assert memory.key is not None, "nobody would learn why"
        assert house.starts <= 5, "it went back and forth"
        await _stays(house)


@pytest.mark.parametrize("power", [False, True])
async def test_what_is_refused_leaves_both_slots_alone(power: bool) -> None:
    for cut_at in range(1, await _effects(strange, Grub) + 1):
        house = strange(Grub)
        house.slots[Slot.B] = "0.0.9"
        house.cut_at = cut_at
        memory = await live_on(house, power=power)
        assert memory.state is UpdateState.FAILED, cut_at
        assert house.slots == {Slot.A: OLD, Slot.B: "0.0.9"}, cut_at


async def _effects(kind: Callable[[Loader], House], loader: Loader) -> int:
    house = kind(loader)
    await live_on(house, power=False)
    assert house.effects > 10
    return house.effects


async def _stays(house: House) -> None:
    """However often the machine is started again, with and without notice."""
    slot, house.cut_at = house.running, 0
    before = (await house.load()).history
    for orderly in (True, False, False, True, False):
        house.start(orderly=orderly)
        assert house.running is slot
        memory = await live_on(house, power=True)
        assert (house.running, memory.history) == (slot, before)
