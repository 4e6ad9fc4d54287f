"""A release comes in: everything that is asked of it before it may be a candidate."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.errors import GatewayError, Refused
from gateway.models.store import admission
from gateway.models.store.admission import Here
from gateway.models.store.objects import Content
from gateway.models.store.release import Release
from gateway.models.store.shelf import Shelf
from gateway.models.store.slots import Slots
from gateway.models.store.tryout import TryOut, try_out
from gateway.wire.model_card import CardFile, ModelCard

SPARE_BYTES = 32 << 20
"""Left free on the disk by what comes in."""


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Takes no lock: `ModelStore` does."""

    shelf: Shelf
    here: Here = field(default_factory=Here)
    try_out: TryOut = try_out
    free: Callable[[Path], int] = free_bytes

    def check(self, manifest: bytes, signatures: bytes, now: datetime | None) -> Release:
        """What needs no look at what is here already. Raises as `Trusted.check` and `admission.check_here`."""
        checked = self.shelf.manifests.trust.check(manifest, signatures)
        admission.check_here(checked, self.here, now)
        return Release(digest=hashlib.sha256(manifest).hexdigest(), manifest=checked)

    def enter(self, release: Release, manifest: bytes, signatures: bytes, objects: Mapping[str, Content]) -> None:
        """All of it or nothing; see `ModelStore.take_in`. Room is made first, by what is not needed any more."""
        slots = self.shelf.slots.read(release.card.id)
        known = release.digest in slots.filled.values()
        if not known:
            self._check_succession(release, slots)
        self.shelf.collect()
        try:
            self._put(release.card, objects)
            self.try_out(release.card, self.shelf.objects)
            self.shelf.manifests.put(release.digest, manifest, signatures)
            if not known:
                self.shelf.slots.write(release.card.id, self._entered(release, slots))
        except GatewayError:
            self.shelf.collect()
            raise

    def _check_succession(self, release: Release, slots: Slots) -> None:
        if release.digest != slots.lost:
            admission.check_serial(release.manifest, slots, self.shelf.packaged_serial(release.card.id))
        incumbent = self._incumbent(release.card.id, slots)
        if incumbent is not None:
            admission.check_successor(release.card, incumbent)

    def _incumbent(self, model: str, slots: Slots) -> ModelCard | None:
        packaged = self.shelf.packaged.get(model)
        if slots.active is None:
            return packaged
        try:
            return self.shelf.manifests.read(model, slots.active).card
        except GatewayError:  # it is of no use any more, and must not keep its successor out
            return packaged

    def _put(self, card: ModelCard, objects: Mapping[str, Content]) -> None:
        needed = [file for file in card.files() if not self.shelf.objects.sound(file)]
        missing = [file.name for file in needed if file.sha256 not in objects]
        if missing:
            raise Refused("model_object_missing", model=card.id, files=", ".join(missing))
        self._check_room(card, needed)
        for file in needed:
            self.shelf.objects.put(file, objects[file.sha256])

    def _check_room(self, card: ModelCard, needed: list[CardFile]) -> None:
        wanted, free = sum(file.bytes for file in needed) + SPARE_BYTES, self.free(self.shelf.folder)
        if needed and wanted > free:
            raise Refused("model_disk_full", model=card.id, needed_bytes=wanted, free_bytes=free)

    def _entered(self, release: Release, slots: Slots) -> Slots:
        """The floor rises to the packaged serial, so that only a later packaged model supersedes the release."""
        slots = slots.but(floor=max(slots.floor, self.shelf.packaged_serial(release.card.id)))
        if slots.active is None and release.card.id not in self.shelf.packaged:
            return slots.activated(release)
        return slots.but(candidate=release.digest)
