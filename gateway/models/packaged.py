"""The models that this version knows: their cards come with it, their files are shipped, fetched or built."""

import os
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from importlib import resources
from pathlib import Path

from gateway.errors import GatewayError, Refused
from gateway.models import dlib_resnet, files, golden
from gateway.models.fetch import Fetcher
from gateway.models.http import Progress, no_progress
from gateway.models.litert import LiteRtBackend
from gateway.models.store.lock import changing
from gateway.models.store.memory import in_memory
from gateway.models.store.objects import Objects
from gateway.seams import Backend
from gateway.wire.model_card import CardFile, ModelCard, Origin

WEIGHTS = Path(str(resources.files("gateway.models") / "weights"))
"""Files that lie in this distribution."""


class FileState(StrEnum):
    READY = "ready"
    MISSING = "missing"
    DAMAGED = "damaged"
    SEALED = "sealed"
    """Encrypted, and the key is not here."""


_STATES = {"model_missing": FileState.MISSING, "model_sealed": FileState.SEALED}


def packaged_cards() -> dict[str, ModelCard]:
    """The cards shipped with this version, by id."""
    folder = resources.files("gateway.models") / "cards"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".json")]
    cards = [ModelCard.model_validate_json(entry.read_bytes()) for entry in found]
    return {card.id: card for card in sorted(cards, key=lambda card: card.id)}


def default_folder() -> Path | None:
    """HEARTHGATE_MODELS: a folder of ready files, for machines without a network."""
    given = os.environ.get("HEARTHGATE_MODELS")
    return Path(given) if given else None


class Packaged:
    """`objects` below `directory` are shared with the store; earlier versions kept files in `directory` itself, under
    their cards' names, and those go on being used. What is missing is copied from `offline`, a folder of such files,
    where it is given, and fetched or built otherwise.

    All calls block (hashing, network): use a thread or the command line. `cards`, `fetcher` and `backend` may be
    replaced by tests.
    """

    def __init__(
        self,
        directory: Path,
        *,
        offline: Path | None = None,
        cards: Mapping[str, ModelCard] | None = None,
        fetcher: Fetcher | None = None,
        backend: Callable[[], Backend] = LiteRtBackend,
    ) -> None:
        self.directory = directory
        self.objects = Objects(directory / "objects")
        self.cards = dict(packaged_cards() if cards is None else cards)
        self._named = frozenset(file.sha256 for card in self.cards.values() for file in card.files())
        self._offline = offline
        self._fetcher = fetcher or Fetcher()
        self._backend = backend

    def path(self, file: CardFile) -> Path:
        """Where it lies, or will lie. Only what the packaged cards themselves name is looked for under its name: a
        release's file may have the same one. What this distribution brings comes first: a release that shares the
        file must not take the packaged model with it when its copy is damaged."""
        kept = self.objects.path(file)
        if file.sha256 not in self._named:
            return kept
        places = (WEIGHTS / file.name, kept, self.directory / file.name)
        return next((path for path in places if path.exists()), kept)

    def pull(self, model: str, progress: Progress = no_progress) -> Path:
        """Make the file ready: nothing to do, a copy from the offline folder, or a download (and a build).

        Raises what `Fetcher.fetch` raises and `Refused`: "model_not_built_here", "model_golden"."""
        card = self.cards[model]
        self._adopt(card.main)
        if state_of(self.path(card.main), card.main) is FileState.READY:
            return self.path(card.main)
        if self._offline is not None and (self._offline / card.file).exists():
            self._put(card, self._offline / card.file)
            return self.path(card.main)
        return self.build(model, progress)

    def build(self, model: str, progress: Progress = no_progress) -> Path:
        """Make the file anew from its origin, also where a good one is there; that one stays until then."""
        card = self.cards[model]
        if not isinstance(card.origin, Origin):
            raise Refused("model_not_built_here", model=model, status=404)
        source = self._fetcher.fetch(card.origin, progress)
        progress(f"{card.id} build", 0, None)
        match card.builder:
            case "copy":
                self._put(card, source)
            case "dlib_resnet":
                self._put_golden(card, dlib_resnet.build(source), golden.EXACT)
            case "dlib_resnet_int8":
                self._put_golden(card, dlib_resnet.build_int8(source), golden.INT8)
        return self.path(card.main)

    def _put_golden(self, card: ModelCard, data: bytes, tolerance: tuple[float, float]) -> None:
        """Accepted by its golden vectors in the real runtime before it takes its name."""
        self._put(card, data, partial(golden.accept, self._backend(), card, tolerance=tolerance))

    def _put(self, card: ModelCard, content: bytes | Path, accept: Callable[[Path], None] | None = None) -> None:
        if accept is not None and isinstance(content, bytes):
            with in_memory(content, card.file) as path, files.opened(path, card.sha256, card.bytes):
                accept(path)
        with changing(self.directory):
            self.objects.put(card.main, content)

    def _adopt(self, file: CardFile) -> None:
        flat = self.directory / file.name
        if flat.exists() and not self.objects.holds(file) and state_of(flat, file) is FileState.READY:
            with changing(self.directory):
                self.objects.adopt(file, flat)


def state_of(path: Path, file: CardFile) -> FileState:
    """Reads all of it."""
    try:
        with files.opened(path, file.sha256, file.bytes):
            return FileState.READY
    except GatewayError as error:
        return _STATES.get(error.key, FileState.DAMAGED)
