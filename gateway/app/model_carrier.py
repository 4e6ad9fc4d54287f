"""Models that a hub offers: fetched, checked as any bundle is, and left to the roll-out."""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from gateway.errors import Refused, Transient
from gateway.models.bundle.archive import open_bundle
from gateway.models.bundle.install import install
from gateway.models.bundle.trust import Trust
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.record import Record
from gateway.models.store.store import ModelStore
from gateway.uplink.campaign.carriers import Look, NotConcerned
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import ModelTarget, Target

_LOOKS: Mapping[Phase, Look] = {
    Phase.DONE: Look(state=UpdateState.CONFIRMED),
    Phase.REFUSED: Look(state=UpdateState.FAILED, key="model_refused"),
    Phase.ROLLED_BACK: Look(state=UpdateState.ROLLED_BACK, key="model_refused"),
    Phase.OVERTAKEN: Look(state=UpdateState.FAILED, key="model_overtaken"),
}


class ModelCarrier:
    """A `gateway.uplink.campaign.carriers.Carrier`. `fetch` is `fetched_bundle` into this home's folder; `used` are the
    models that anything here runs; `record` tells where a model's roll-out stands; `now` is None where the clock
    cannot be believed. The mark is the release's digest."""

    def __init__(
        self,
        *,
        fetch: Callable[[str], AbstractContextManager[Path]],
        store: ModelStore,
        trust: Trust,
        used: Collection[str],
        record: Callable[[str], Record | None],
        now: Callable[[], datetime | None],
    ) -> None:
        self._fetch = fetch
        self._store = store
        self._trust = trust
        self._used = used
        self._record = record
        self._now = now

    async def begin(self, target: Target, _campaign: int) -> str:
        """Raises what `fetched_bundle` and `install` do, `NotConcerned("model_unused")`, `Transient("link_refused")`
        and `Refused`: "bundle_hash", "bundle_other"."""
        assert isinstance(target, ModelTarget)
        if target.model not in self._used:
            raise NotConcerned("model_unused", model=target.model)
        return await asyncio.to_thread(self._take_in, target)

    async def look(self, target: Target, mark: str) -> Look:
        """Confirmed once it was promoted and then watched for as long as its plan says."""
        assert isinstance(target, ModelTarget)
        record = self._record(target.model)
        if record is not None and record.candidate == mark:
            return _LOOKS.get(record.phase, Look(state=UpdateState.TRYING))
        slots = await asyncio.to_thread(self._store.slots, target.model)
        if mark not in slots.filled.values():
            return _LOOKS[Phase.OVERTAKEN]
        return Look(state=UpdateState.INSTALLED)

    async def take_back(self, target: Target, _mark: str | None) -> bool:
        """By its serial: it may have been installed just before a crash."""
        assert isinstance(target, ModelTarget)
        await asyncio.to_thread(self._give_up, target)
        return True

    def _take_in(self, target: ModelTarget) -> str:
        with self._fetched(target.url) as file:
            with file.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != target.sha256:
                raise Refused("bundle_hash", expected=target.sha256, found=found)
            self._check(file, target)
            return install(file, self._store, self._trust, now=self._now()).digest

    @contextmanager
    def _fetched(self, url: str) -> Generator[Path]:
        """Links are good for a while only; a hub that still wants it sends a new one."""
        with ExitStack() as stack:
            try:
                file = stack.enter_context(self._fetch(url))
            except Refused as error:
                raise (Transient("link_refused") if error.key == "model_missing" else error) from None
            yield file

    def _check(self, file: Path, target: ModelTarget) -> None:
        """Another model, signed as well, must not come in under this one's name."""
        with open_bundle(file) as bundle:
            card = self._trust.check(bundle.manifest, bundle.signatures).card
        if (card.id, card.serial) != (target.model, target.serial):
            raise Refused("bundle_other", model=card.id, serial=card.serial)

    def _give_up(self, target: ModelTarget) -> None:
        candidate, active = self._store.candidate(target.model), self._store.active(target.model)
        if candidate is not None and candidate.card.serial == target.serial:
            self._store.reject(target.model)
        elif active is not None and active.card.serial == target.serial:
            self._store.rollback(target.model)
