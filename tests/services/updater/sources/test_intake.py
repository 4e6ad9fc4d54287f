"""From wherever a bundle is to where only root can exchange it."""

import asyncio
import hashlib
import threading
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.wire.update import Origin, Slot
from services.updater.memory import Attempt
from services.updater.sources.intake import BundleIntake
from services.updater.sources.sticks import Sticks
from tests.services.updater.sources.web import Web, serving

DATA = b"bundle" * 100_000


@pytest.fixture
def intake(tmp_path: Path) -> Generator[BundleIntake]:
    for folder in ("fat", "inbox", "sticks/sda1"):
        (tmp_path / folder).mkdir(parents=True)
    sticks = Sticks(tmp_path / "fat", tmp_path / "sticks")
    with closing(BundleIntake(tmp_path / "bundles", tmp_path / "inbox", sticks)) as intake:
        yield intake


def attempt(origin: Origin, **more: object) -> Attempt:
    return Attempt.model_validate({"origin": origin, "came_from": Slot.A, "slot": Slot.B, **more})


def ignored(_share: float) -> None:
    return


async def test_an_upload_is_taken_out_of_the_inbox_once_it_is_safe(intake: BundleIntake, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "new.raucb").write_bytes(DATA)
    upload = attempt(Origin.UPLOAD, name="new.raucb")
    intake.check(upload)
    for _ in range(2):  # cut off after the copy, it is copied again
        await intake.bring(upload, ignored)
        assert intake.bundle.read_bytes() == DATA
    await intake.took(upload)
    await intake.took(upload)
    assert list((tmp_path / "inbox").iterdir()) == []
    assert (tmp_path / "bundles").stat().st_mode & 0o777 == 0o700
    await intake.tidy()
    assert list((tmp_path / "bundles").iterdir()) == []


async def test_what_lies_on_a_stick_stays_there(intake: BundleIntake, tmp_path: Path) -> None:
    file = tmp_path / "sticks" / "sda1" / "new.raucb"
    file.write_bytes(DATA)
    stick = attempt(Origin.STICK, name="new.raucb")
    assert await intake.sticks() == ["new.raucb"]
    intake.check(stick)
    await intake.bring(stick, ignored)
    await intake.took(stick)
    assert intake.bundle.read_bytes() == file.read_bytes() == DATA


async def test_a_download_goes_on_and_what_is_left_of_others_goes(intake: BundleIntake, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(DATA).hexdigest()
    (tmp_path / "bundles").mkdir()
    (tmp_path / "bundles" / f"{sha256}.part").write_bytes(DATA[:1000])
    (tmp_path / "bundles" / "other.part").write_bytes(b"x")
    with serving(Web(files={"/new": DATA})) as web:
        await intake.bring(attempt(Origin.HUB, url=f"{web.address}/new", sha256=sha256), ignored)
        assert web.asked == [("/new", "bytes=1000-")]
    assert [file.name for file in (tmp_path / "bundles").iterdir()] == ["bundle.raucb"]
    assert intake.bundle.read_bytes() == DATA


@pytest.mark.parametrize("origin", [Origin.UPLOAD, Origin.STICK])
async def test_what_is_not_there_is_refused(intake: BundleIntake, origin: Origin) -> None:
    gone = attempt(origin, name="gone.raucb")
    with pytest.raises(Refused, match="bundle_missing"):
        intake.check(gone)
    with pytest.raises(Refused, match="bundle_missing"):
        await intake.bring(gone, ignored)


async def test_an_upload_that_is_not_what_was_announced_is_refused(intake: BundleIntake, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "new.raucb").write_bytes(DATA)
    with pytest.raises(Refused, match="hash_mismatch"):
        await intake.bring(attempt(Origin.UPLOAD, name="new.raucb", sha256="0" * 64), ignored)
    assert not intake.bundle.exists()


async def test_whoever_asks_does_not_wait_for_a_copy(intake: BundleIntake, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "new.raucb").write_bytes(DATA)
    began, asked = threading.Event(), threading.Event()

    def until_asked(_share: float) -> None:
        began.set()
        assert asked.wait(20), "the answer waits for the copy"

    copying = asyncio.create_task(intake.bring(attempt(Origin.UPLOAD, name="new.raucb"), until_asked))
    assert await asyncio.to_thread(began.wait, 20)
    assert await intake.sticks() == []
    asked.set()
    await copying
