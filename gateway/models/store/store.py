"""The store of models: releases come in as candidates, and every change of what serves is one rename.

A release is a signed manifest and the objects it names. `manifests/<digest>.json` and `.sig` hold the former,
`objects/` the latter, and `slots/<model>.json` says which release is active, candidate and previous.
"""

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from gateway.errors import GatewayError, Refused
from gateway.models.store import boot
from gateway.models.store.boot import BootFinding
from gateway.models.store.intake import Intake
from gateway.models.store.lock import changing
from gateway.models.store.objects import Content
from gateway.models.store.release import Release
from gateway.models.store.shelf import Shelf
from gateway.models.store.slots import Slots
from gateway.wire.model_card import CardFile

_log = logging.getLogger(__name__)


class ModelStore:
    """Blocking; several threads and processes may use it at once. What only reads takes no lock.

    Besides what they name all methods raise `Transient("model_store_busy")` and `Refused`: "model_unwritable",
    "model_disk_full", "model_unknown" (not an id at all), and `Corrupt("model_slots_damaged")`; nothing has changed
    then. An interruption at any instant, a power cut too, leaves the state before or the one after.
    """

    def __init__(self, shelf: Shelf, intake: Intake | None = None) -> None:
        self._shelf = shelf
        self._intake = intake or Intake(shelf=shelf)
        self._barred: Mapping[str, GatewayError] = {}

    def models(self) -> tuple[str, ...]:
        """Ids that releases were taken in for."""
        return self._shelf.slots.models()

    def slots(self, model: str) -> Slots:
        """Empty ones for a model that no release was taken in for."""
        return self._shelf.slots.read(model)

    def active(self, model: str) -> Release | None:
        """None where the packaged model serves, or none does. This and the next two check the signature again, and
        raise what `Trusted.recheck` does and, for a release that `boot` found unusable, the reason."""
        return self._release(model, self.slots(model).active)

    def candidate(self, model: str) -> Release | None:
        return self._release(model, self.slots(model).candidate)

    def previous(self, model: str) -> Release | None:
        """What `rollback` returns to; None for the packaged model, if there is one."""
        return self._release(model, self.slots(model).previous)

    def file(self, file: CardFile) -> AbstractContextManager[Path]:
        """A path to open it by until the block ends; who opens it checks it. See `Objects.file`."""
        return self._shelf.objects.file(file)

    def take_in(
        self, manifest: bytes, signatures: bytes, objects: Mapping[str, Content], *, now: datetime | None
    ) -> Release:
        """Make it the candidate, or the active release of a model that nobody serves yet. `objects` by SHA-256; those
        that are here already need not come again. `now` is None where the clock cannot be believed.

        Raises what `Trusted.check`, `admission`, `Objects.put` and `try_out` do, and `Refused`: "model_object_missing",
        "model_disk_full" (before anything is written). Taking in once more what is here repairs its files."""
        release = self._intake.check(manifest, signatures, now)
        with changing(self._shelf.folder):
            self._intake.enter(release, manifest, signatures, objects)
        _log.info("model %s %s taken in", release.card.id, release.card.version)
        return release

    def promote(self, model: str) -> Release:
        """The candidate serves from now on, what served is the previous. Its files are checked once more.

        Raises `Refused("model_no_candidate")` and what `active` and `Objects.opened` do."""
        with changing(self._shelf.folder):
            slots = self.slots(model)
            if slots.candidate is None:
                raise Refused("model_no_candidate", model=model)
            release = self._shelf.sound(model, slots.candidate)
            self._shelf.slots.write(model, slots.activated(release))
        return release

    def reject(self, model: str) -> None:
        """The candidate is given up; nothing happens where there is none."""
        with changing(self._shelf.folder):
            slots = self.slots(model)
            if slots.candidate is not None:
                self._shelf.slots.write(model, slots.but(candidate=None))

    def rollback(self, model: str) -> Release | None:
        """What served before serves again: a release, or the packaged model (None), that also where the previous
        release is damaged. The one that served is forgotten and cannot come back under its serial.

        Raises `Refused("model_no_previous")` and what `promote` does."""
        with changing(self._shelf.folder):
            slots = self.slots(model)
            if slots.active is None or (slots.previous is None and model not in self._shelf.packaged):
                raise Refused("model_no_previous", model=model)
            release = self._fallback(model, slots.previous)
            back = None if release is None else release.digest
            self._shelf.slots.write(model, slots.but(active=back, previous=None))
        return release

    def collect(self) -> int:
        """Remove what no slot and no packaged card names; says how many files. `boot` and `take_in` do so too."""
        with changing(self._shelf.folder):
            return self._shelf.collect()

    def boot(self) -> tuple[BootFinding, ...]:
        """Check signature, hash and size of every release before any runtime opens one, see to it that each model is
        served by a sound one, and remove what an interruption left. Tells of all that was not as it was left."""
        with changing(self._shelf.folder):
            started = [boot.start(self._shelf, model) for model in self.models()]
            self._shelf.collect()
        self._barred = {digest: error for one in started for digest, error in one.barred.items()}
        found = tuple(finding for one in started for finding in one.findings)
        for finding in found:
            _log.error("model %s, %s: %s, now %s", finding.model, finding.slot, finding.key, finding.outcome)
        return found

    def _fallback(self, model: str, digest: str | None) -> Release | None:
        """The sound release, or None for the packaged model."""
        if digest is None:
            return None
        try:
            return self._shelf.sound(model, digest)
        except GatewayError as error:
            if model not in self._shelf.packaged:
                raise
            _log.error("model %s goes back to the packaged one: %s", model, error)
            return None

    def _release(self, model: str, digest: str | None) -> Release | None:
        if digest is None:
            return None
        if digest in self._barred:
            raise self._barred[digest]
        return self._shelf.manifests.read(model, digest)
