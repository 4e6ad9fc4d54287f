"""Takes in an upload and a download with no more than the unit leaves: `python -m ... FOLDER CHILD SHA256`.

CHILD stands in for the program that fetches, which nobody may not be allowed to read where the tests run."""

import asyncio
import ctypes
import sys
from contextlib import closing
from pathlib import Path

from gateway.wire.update import Origin, Slot
from services.updater.memory import Attempt
from services.updater.sources.intake import BundleIntake
from services.updater.sources.sticks import Sticks

NOBODY = 65534
_PR_CAPBSET_DROP = 24
_LAST_CAPABILITY = 40
CAPABILITIES = {"CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_FOWNER": 3, "CAP_SETGID": 6, "CAP_SETUID": 7}
"""Their numbers of linux/capability.h."""


def keep_only(names: list[str]) -> None:
    """From the next program on. Raises `KeyError` for one that is not known here."""
    kept = {CAPABILITIES[name] for name in names}
    libc = ctypes.CDLL(None)
    for number in range(_LAST_CAPABILITY + 1):
        if number not in kept:
            libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)


async def take_in(folder: Path, child: str, sha256: str) -> None:
    sys.executable = child
    sticks = Sticks(folder / "fat", folder / "sticks")
    with closing(BundleIntake(folder / "bundles", folder / "inbox", sticks, (NOBODY, NOBODY))) as intake:
        there = {"came_from": Slot.A, "slot": Slot.B}
        upload = Attempt.model_validate({"origin": Origin.UPLOAD, "name": "new.raucb", **there})
        await intake.bring(upload, lambda _share: None)
        await intake.took(upload)
        assert list((folder / "inbox").iterdir()) == []
        download = Attempt.model_validate(
            {"origin": Origin.HUB, "url": "https://example.org/", "sha256": sha256, **there}
        )
        await intake.bring(download, lambda _share: None)


if __name__ == "__main__":
    asyncio.run(take_in(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
