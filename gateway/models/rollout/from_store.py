"""The model store as the roll-out sees it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from gateway.errors import Refused
from gateway.models.rollout.comparison import Opened
from gateway.models.rollout.versions import Version
from gateway.models.store.release import Release
from gateway.models.store.store import ModelStore
from gateway.wire.model_card import CardFile, ModelCard


class StoreVersions:
    """Implements `versions.Versions`; a packaged card serves where the store has no release. `opened` finds files, also
    those of packaged models that lie elsewhere; the store's objects alone where it is left out."""

    def __init__(self, store: ModelStore, packaged: Mapping[str, ModelCard], opened: Opened | None = None) -> None:
        self._store = store
        self._packaged = packaged
        self._opened = opened or store.file

    def active(self, model: str) -> Version:
        return self._version(model, self._store.active(model))

    def candidate(self, model: str) -> Version | None:
        release = self._store.candidate(model)
        return None if release is None else self._version(model, release)

    def previous(self, model: str) -> Version | None:
        release = self._store.previous(model)
        return None if release is None and model not in self._packaged else self._version(model, release)

    def opened(self, file: CardFile) -> AbstractContextManager[Path]:
        return self._opened(file)

    def promote(self, model: str, digest: str) -> None:
        if self._store.slots(model).candidate != digest:
            raise Refused("model_no_candidate", model=model)
        self._store.promote(model)

    def reject(self, model: str) -> None:
        self._store.reject(model)

    def rollback(self, model: str) -> None:
        self._store.rollback(model)

    def _version(self, model: str, release: Release | None) -> Version:
        """Raises `Refused("model_unknown")` where nothing serves the model."""
        if release is not None:
            return Version(digest=release.digest, card=release.card, plan=release.manifest.rollout)
        card = self._packaged.get(model)
        if card is None:
            raise Refused("model_unknown", model=model, status=404)
        return Version(digest=card.sha256, card=card)
