"""RAUC itself: real bundles, a real signature, a slot that is really written."""

import asyncio
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from gateway.errors import GatewayError, Refused, Transient
from services.updater.installer import Bundle, Mark, Which
from services.updater.rauc import Rauc
from tests.services.updater.rauc_house import CONTENT, RaucHouse, missing, rauc_house

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(missing()), reason=missing() or "nothing is missing")]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Generator[RaucHouse]:
    with rauc_house(tmp_path_factory.mktemp("rauc")) as house:
        house.bundle("good")
        house.bundle("toaster", compatible="toaster")
        house.bundle("older", version="0.0.9")
        house.bundle("theirs", signer="stranger")
        yield house


@pytest.fixture
def house(kept: RaucHouse, monkeypatch: pytest.MonkeyPatch) -> RaucHouse:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", kept.address)
    (kept.folder / "calls").unlink(missing_ok=True)
    return kept


def ignored(_share: float) -> None:
    return


async def test_a_bundle_says_what_it_is(house: RaucHouse) -> None:
    told = await Rauc().inspect(house.folder / "good.raucb")
    assert told == Bundle(compatible="hearthgate-x86_64", version="0.2.0")


async def test_a_bundle_is_written_into_the_other_slot(house: RaucHouse) -> None:
    before, shares = house.slot("A"), list[float]()
    await Rauc().install(house.folder / "good.raucb", shares.append)
    assert house.slot("B") == CONTENT
    assert house.slot("A") == before
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert house.calls == ["set-state B bad", "set-primary B"]


@pytest.mark.parametrize(
    ("mark", "which", "told"),
    [
        (Mark.GOOD, Which.BOOTED, "set-state A good"),
        (Mark.BAD, Which.BOOTED, "set-state A bad"),
        (Mark.ACTIVE, Which.OTHER, "set-primary B"),
        (Mark.ACTIVE, Which.BOOTED, "set-primary A"),
    ],
)
async def test_what_is_marked_reaches_the_boot_loader(house: RaucHouse, mark: Mark, which: Which, told: str) -> None:
    await Rauc().mark(mark, which)
    assert house.calls == [told]


def _flipped(house: RaucHouse) -> Path:
    raw = bytearray((house.folder / "good.raucb").read_bytes())
    raw[200] ^= 0xFF
    return _written(house, bytes(raw))


def _truncated(house: RaucHouse) -> Path:
    return _written(house, (house.folder / "good.raucb").read_bytes()[:-100])


def _nobody(house: RaucHouse) -> Path:
    return house.folder / "nowhere.raucb"


def _noise(house: RaucHouse) -> Path:
    return _written(house, b"x" * 5000)


def _written(house: RaucHouse, raw: bytes) -> Path:
    file = house.folder / "strange.raucb"
    file.write_bytes(raw)
    return file


@pytest.mark.parametrize("lay", [_flipped, _truncated, _nobody, _noise])
async def test_what_is_no_bundle_is_refused_and_written_nowhere(house: RaucHouse, lay: object) -> None:
    assert callable(lay)
    before = house.slot("A"), house.slot("B")
    with pytest.raises(Refused):
        await Rauc().install(lay(house), ignored)
    assert (house.slot("A"), house.slot("B")) == before
    assert "set-primary B" not in house.calls


async def test_what_a_stranger_has_signed_is_refused_by_name(house: RaucHouse) -> None:
    before = house.slot("A"), house.slot("B")
    with pytest.raises(Refused) as refused:
        await Rauc().install(house.folder / "theirs.raucb", ignored)
    assert refused.value.key == "bundle_signature"
    assert ((house.slot("A"), house.slot("B")), house.calls) == (before, [])


@pytest.mark.parametrize(("name", "key"), [("toaster", "wrong_board"), ("older", "downgrade")])
async def test_the_bundles_own_check_refuses_by_name(house: RaucHouse, name: str, key: str) -> None:
    before = house.slot("A"), house.slot("B")
    with pytest.raises(Refused) as refused:
        await Rauc().install(house.folder / f"{name}.raucb", ignored)
    assert refused.value.key == key
    assert ((house.slot("A"), house.slot("B")), house.calls) == (before, [])


async def test_one_that_dies_in_the_middle_is_weather(house: RaucHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next one finishes it."""
    big = house.folder / "big.raucb"
    shutil.copy(house.folder / "good.raucb", big)
    killed: list[float] = []

    def kill(share: float) -> None:
        if not killed:
            killed.append(share)
            house.kill_rauc()

    with pytest.raises(Transient, match="installer_away"):
        await Rauc().install(big, kill)
    with pytest.raises(GatewayError):
        await Rauc().inspect(big)
    await asyncio.to_thread(house.start_rauc)
    await Rauc().install(big, ignored)
    assert house.slot("B") == CONTENT


async def test_without_a_bus_it_is_weather(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    with pytest.raises(Transient, match="bus_away"):
        await Rauc().inspect(tmp_path / "any.raucb")
