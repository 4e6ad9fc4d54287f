"""Runs one change of a store again and again, and ends it before its first, second, third... step on the disk.

`python -m tests.unit.models.store.interrupted FOLDER CHANGE` prints what was left, as JSON. A step is whatever opens a
file for writing, names, renames, removes or syncs; steps are seen from outside (audit hooks), so nothing in the store
is there for this test. Besides, the disk forgets "nothing" (the process was killed), what is "unsynced" (the power
failed), or the same "reordered": the last renaming or removal reached the disk before those that it followed.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.models.store.boot import BootFinding
from gateway.models.store.store import ModelStore
from tests.models.releases import make_store, release_card, take_in, variant

Change = Callable[[ModelStore], object]
Step = tuple[str, list[str], str | None]


CHANGES: dict[str, Change] = {
    "first": lambda store: take_in(store, 1),
    "candidate": lambda store: take_in(store, 4),
    "promote": lambda store: store.promote("tiny"),
    "reject": lambda store: store.reject("tiny"),
    "rollback": lambda store: store.rollback("tiny"),
    "collect": lambda store: store.collect(),
    "boot": lambda store: store.boot(),
}


def prepare(change: str, folder: Path) -> None:
    """Bring the store in `folder` to where the change begins: serial 2 active, 1 previous, 3 the candidate."""
    if change == "first":
        return
    store = make_store(folder)
    take_in(store, 1)
    take_in(store, 2)
    store.promote("tiny")
    take_in(store, 3)
    if change == "collect":
        store.reject("tiny")
    if change == "boot":
        (folder / "objects" / release_card(2).sha256).write_bytes(variant(9))


class Disk:
    """Counts the steps of this process in `folder`, keeps a journal of them, and ends the process before step `end`."""

    def __init__(self, folder: Path, aside: Path, end: int) -> None:
        self._folder, self._aside, self._end = f"{folder}/", aside, end
        self._steps = 0
        self._busy = False
        self._journal = (aside / "journal").open("a", encoding="utf-8", buffering=1)
        self._fsync = os.fsync
        os.fsync = self._synced  # type: ignore[assignment]
        sys.addaudithook(self._seen)

    def _seen(self, event: str, given: tuple[Any, ...]) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            match event:
                case "open" if given[2] & (os.O_WRONLY | os.O_RDWR):
                    self._step("write", given[0])
                case "os.rename":
                    self._step("rename", given[0], given[1], keep=given[1])
                case "os.remove":
                    self._step("remove", given[0], keep=given[0])
                case "os.link" | "os.mkdir":
                    self._step(event, given[0])
        finally:
            self._busy = False

    def _step(self, what: str, *paths: Any, keep: Any = None) -> None:
        if not all(isinstance(path, str | os.PathLike) and f"{path}/".startswith(self._folder) for path in paths):
            return
        self._steps += 1
        if self._steps == self._end:
            os.kill(os.getpid(), signal.SIGKILL)
        kept = None
        if keep is not None and Path(keep).exists():
            kept = str(self._aside / f"kept{self._steps}")
            shutil.copyfile(keep, kept)
        self._journal.write(json.dumps([what, [os.fspath(path) for path in paths], kept]) + "\n")

    def _synced(self, handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        self._busy = True
        self._step("sync", path)
        self._fsync(handle)
        self._busy = False


def forget(aside: Path, loss: str) -> None:
    """Undo, newest first, what a power cut would have lost."""
    pending: list[Step] = []
    unsynced: set[str] = set()
    for line in (aside / "journal").read_text("utf-8").splitlines():
        what, paths, kept = json.loads(line)
        if what == "write":
            unsynced.add(paths[0])
        elif what == "sync":
            unsynced.discard(paths[0])
            pending = [one for one in pending if str(Path(one[1][-1]).parent) != paths[0]]
        elif what in {"rename", "remove"}:
            unsynced = {paths[-1] if path == paths[0] else path for path in unsynced}
            pending.append((what, paths, kept))
    for path in unsynced:
        if Path(path).is_file():
            os.truncate(path, Path(path).stat().st_size // 2)
    for step in reversed(pending[:-1] if loss == "reordered" else pending):
        undo(*step)


def undo(what: str, paths: list[str], kept: str | None) -> None:
    if what == "rename":
        Path(paths[1]).rename(paths[0])
    if kept is not None:
        shutil.copyfile(kept, paths[-1])


def left(folder: Path) -> dict[str, Any]:
    """What a start makes of it, and whether everything that is named is sound and nothing else is there."""
    store = make_store(folder)
    findings: tuple[BootFinding, ...] = store.boot()
    slots = store.slots("tiny")
    sound = [store._shelf.sound("tiny", digest).card.sha256 for digest in slots.filled.values()]
    return {
        "slots": slots.model_dump(mode="json"),
        "findings": [[one.slot, one.key, one.outcome] for one in findings],
        "again": len(store.boot()),
        "strangers": sorted(names(folder / "objects") - set(sound))
        + sorted(names(folder / "manifests") - {d + kind for d in slots.filled.values() for kind in (".json", ".sig")})
        + sorted(name for name in names(folder / "slots") if name.startswith(".")),
    }


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


def left_of(folder: Path, change: str, loss: str) -> list[dict[str, Any]]:
    """One for each step that the change could be ended before, and for the change that was not."""
    results: list[dict[str, Any]] = []
    killed = True
    while killed:
        here, aside = folder / "models", folder / "aside"
        shutil.copytree(folder / "begun", here)
        aside.mkdir()
        child = os.fork()
        if child == 0:
            Disk(here, aside, len(results) + 1)
            CHANGES[change](make_store(here))
            os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        if loss != "nothing":
            forget(aside, loss)
        results.append(left(here))
        shutil.rmtree(here)
        shutil.rmtree(aside)
    return results


def main(folder: Path, change: str) -> None:
    begun = folder / "begun"
    begun.mkdir()
    prepare(change, begun)
    before = make_store(begun).slots("tiny").model_dump(mode="json")
    found = {loss: left_of(folder, change, loss) for loss in ("nothing", "unsynced", "reordered")}
    sys.stdout.write(json.dumps({"before": before, "left": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
