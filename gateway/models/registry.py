"""The models in use here: the store's active releases, and the packaged models that none of them stands in for."""

import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from gateway.errors import GatewayError, Refused
from gateway.models.fetch import Fetcher
from gateway.models.http import Progress, no_progress
from gateway.models.litert import LiteRtBackend
from gateway.models.packaged import FileState, Packaged, default_folder, packaged_cards, state_of
from gateway.models.store.objects import SEALED
from gateway.models.store.release import Release
from gateway.models.store.slots import Slot
from gateway.models.store.store import ModelStore
from gateway.seams import Backend
from gateway.wire.model_card import CardFile, ModelCard, Origin

__all__ = ["FileState", "ModelRegistry", "default_folder", "packaged_cards"]

_log = logging.getLogger(__name__)


class ModelRegistry:
    """Cards and files by model id. Without a `store`, which lies in the same `directory`, only the packaged models are
    known; the other parameters are those of `Packaged`.

    All calls block (hashing, network): use a thread or the command line.
    """

    def __init__(
        self,
        directory: Path,
        *,
        store: ModelStore | None = None,
        offline: Path | None = None,
        cards: Mapping[str, ModelCard] | None = None,
        fetcher: Fetcher | None = None,
        backend: Callable[[], Backend] = LiteRtBackend,
    ) -> None:
        self.directory = directory
        self._packaged = Packaged(directory, offline=offline, cards=cards, fetcher=fetcher, backend=backend)
        self._store = store

    def cards(self) -> tuple[ModelCard, ...]:
        """Of the versions in use, the packaged models first."""
        taken_in = () if self._store is None else self._store.models()
        known = map(self.versions, dict.fromkeys((*self._packaged.cards, *taken_in)))
        return tuple(versions["active"] for versions in known if "active" in versions)

    def card(self, model: str) -> ModelCard:
        """Of the version in use. Raises `Refused("model_unknown")`."""
        found = self.versions(model).get("active")
        if found is None:
            raise Refused("model_unknown", model=model, known=", ".join(self._packaged.cards), status=404)
        return found

    def versions(self, model: str) -> dict[Slot, ModelCard]:
        """The version in use, the one that waits to be, and the one that would be again. A release that nobody vouches
        for is left out; a packaged model fills the place of the first or the last."""
        found: dict[Slot, ModelCard] = {}
        if self._store is not None:
            asked: dict[Slot, Callable[[str], Release | None]] = {
                "active": self._store.active,
                "candidate": self._store.candidate,
                "previous": self._store.previous,
            }
            releases = {slot: self._vouched(ask, model) for slot, ask in asked.items()}
            found = {slot: release.card for slot, release in releases.items() if release is not None}
        if model in self._packaged.cards:
            found.setdefault("previous" if "active" in found else "active", self._packaged.cards[model])
        return {slot: found[slot] for slot in get_args(Slot) if slot in found}

    def path(self, model: str) -> Path:
        """Where the file of the version in use lies or will lie, unless it is sealed: see `file`."""
        return self.place(self.card(model).main)

    def place(self, file: CardFile) -> Path:
        """Where it lies or will lie, unless it is sealed."""
        return self._packaged.path(file)

    def lies(self, file: CardFile) -> Path:
        """Where it lies or will lie, sealed or not: for telling people. `file` is for opening it."""
        place = self.place(file)
        sealed = place.with_name(place.name + SEALED)
        return sealed if sealed.exists() and not place.exists() else place

    @contextmanager
    def file(self, file: CardFile) -> Generator[Path]:
        """A path to open it by until the block ends, also where it is sealed; who opens it checks it."""
        place = self.place(file)
        if self._store is None or place.exists():
            yield place
            return
        with self._store.file(file) as path:
            yield path

    def state(self, file: CardFile) -> FileState:
        """Reads all of it."""
        try:
            with self.file(file) as path:
                return state_of(path, file)
        except GatewayError as error:
            return FileState.SEALED if error.key == "model_sealed" else FileState.DAMAGED

    def verify(self, model: str, version: Slot = "active") -> FileState:
        """Of the worst of its files; all are read. Raises `Refused("model_unknown")`."""
        card = self.card(model) if version == "active" else self.versions(model)[version]
        states = {self.state(file) for file in card.files()}
        return next((state for state in FileState if state in states and state is not FileState.READY), FileState.READY)

    def pull(self, model: str, progress: Progress = no_progress) -> Path:
        """Make the packaged model's file ready, also where a release stands in for it: it is what that falls back to.

        Raises as `Packaged.pull`, and `Refused`: "model_unknown", "model_not_built_here" (it came in a bundle)."""
        return self._made_here(model).pull(model, progress)

    def build(self, model: str, progress: Progress = no_progress) -> Path:
        """Make the packaged model's file anew from its origin. Raises as `pull`."""
        return self._made_here(model).build(model, progress)

    def built_here(self) -> list[str]:
        """Ids of the models that are made from an origin and not optional."""
        cards = self._packaged.cards.values()
        return [card.id for card in cards if isinstance(card.origin, Origin) and not card.optional]

    def _made_here(self, model: str) -> Packaged:
        if model not in self._packaged.cards:
            raise Refused("model_not_built_here", model=self.card(model).id, status=404)
        return self._packaged

    @staticmethod
    def _vouched(ask: Callable[[str], Release | None], model: str) -> Release | None:
        try:
            return ask(model)
        except GatewayError as error:
            if error.key != "model_unknown":
                _log.warning("a release of %s is not used: %s", model, error)
            return None
