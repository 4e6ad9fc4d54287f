"""Boots that are nobody's update."""

import pytest

from gateway.wire.release import UpdateState
from gateway.wire.update import Origin, Slot
from services.updater.engine import Engine
from services.updater.events import Return
from services.updater.memory import Attempt
from tests.services.updater.house import NEW, OLD, Grub, House, Restarted, Tryboot, live, live_on, parts_of

LOADERS = [Grub, Tryboot]


@pytest.fixture(params=LOADERS)
async def updated(request: pytest.FixtureRequest) -> House:
    """Confirmed in slot B; the old system is still in A."""
    house = House(loader=request.param(), patient=True)
    assert (await live_on(house, power=False)).state is UpdateState.CONFIRMED
    return house


async def test_a_broken_configuration_does_not_restart_a_home(updated: House) -> None:
    """Its version was good here before: what is wrong is not the version, and the old one would be no better."""
    updated.well = {OLD: False, NEW: False}
    for _ in range(5):
        updated.start(orderly=False)
        assert await live(updated, until_s=4000) is None, "it was restarted"
        assert (updated.running, updated.version) == (Slot.B, NEW)
    assert (await updated.load()).state is UpdateState.CONFIRMED


async def test_a_power_line_that_flickers_brings_no_old_system_back(updated: House) -> None:
    for _ in range(6):
        updated.start(orderly=False)
        await live(updated, until_s=updated.up_s + 6)
        assert updated.running is Slot.B


@pytest.mark.parametrize("loader", LOADERS)
async def test_the_first_system_of_all_has_nothing_to_go_back_to(loader: type[Grub | Tryboot]) -> None:
    house = House(loader=loader(), well={OLD: False, NEW: False})
    house.raw = '{"state": "failed"}'  # so that the person does not update
    assert await live(house, until_s=4000) is None
    assert house.running is Slot.A


async def test_back_into_the_other_slot_and_forth_again(updated: House) -> None:
    for slot, version in ((Slot.A, OLD), (Slot.B, NEW)):
        parts = parts_of(updated)
        engine = Engine(parts)
        await engine.start()
        other = engine.memory.other
        assert other is not None
        assert (other.version, other.good) == (version, True)
        attempt = Attempt(origin=Origin.BACK, target=version, came_from=updated.running, slot=slot)
        await engine.tell(Return(attempt=attempt))
        memory = await live_on(updated, power=False)
        assert (memory.state, updated.running, updated.version) == (UpdateState.CONFIRMED, slot, version)
        assert memory.history[0].origin is Origin.BACK


async def test_a_boot_loader_that_falls_back_on_its_own_is_told_of(updated: House) -> None:
    if isinstance(updated.loader, Grub):
        updated.loader.good[Slot.B] = False
    else:
        updated.loader.default = Slot.A
    updated.start(orderly=False)
    memory = await live_on(updated, power=False)
    assert (memory.state, memory.key, updated.running) == (UpdateState.ROLLED_BACK, "fell_back", Slot.A)


async def test_what_somebody_else_installed_is_no_way_back(updated: House) -> None:
    """By the command line of RAUC, say."""
    updated.slots[Slot.A], updated.well["0.3.0"], updated.boots["0.3.0"] = "0.3.0", True, True
    updated.loader.activate(Slot.A, Slot.B)
    updated.start(orderly=True)
    assert (await live_on(updated, power=False)).state is UpdateState.CONFIRMED
    assert updated.version == "0.3.0"


async def test_a_restart_in_the_middle_of_a_trial_does_not_end_it() -> None:
    """Where the boot loader has attempts left: one power cut is none of the new system's doing."""
    house = House(loader=Grub())
    while house.running is Slot.A:
        end = await live(house)
        house.start(orderly=end is Restarted)
    await live(house, until_s=house.up_s + 60)
    house.start(orderly=False)
    memory = await live_on(house, power=False)
    assert (memory.state, house.running) == (UpdateState.CONFIRMED, Slot.B)
