"""The models this version knows, and the folder their files lie in."""

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
from gateway.seams import Backend
from gateway.wire.model_card import ModelCard, Origin


class FileState(StrEnum):
    READY = "ready"
    MISSING = "missing"
    DAMAGED = "damaged"


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


class ModelRegistry:
    """Cards and files. `directory` holds the files under their cards' names; what is missing is copied from
    `offline`, a folder of ready files, where it is given, and fetched or built otherwise.

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
        self._offline = offline
        self._cards = dict(packaged_cards() if cards is None else cards)
        self._fetcher = fetcher or Fetcher()
        self._backend = backend

    def cards(self) -> tuple[ModelCard, ...]:
        return tuple(self._cards.values())

    def card(self, model: str) -> ModelCard:
        """Raises `Refused("model_unknown")`."""
        try:
            return self._cards[model]
        except KeyError:
            raise Refused("model_unknown", model=model, known=", ".join(self._cards), status=404) from None

    def path(self, model: str) -> Path:
        """Where the file lies or will lie."""
        return self.directory / self.card(model).file

    def verify(self, model: str) -> FileState:
        """Reads the whole file."""
        try:
            self._check(self.path(model), self.card(model))
        except GatewayError as error:
            return FileState.MISSING if error.key == "model_missing" else FileState.DAMAGED
        return FileState.READY

    def pull(self, model: str, progress: Progress = no_progress) -> Path:
        """Make the file ready: nothing to do, a copy from the offline folder, or a download (and a build).

        Raises what `Fetcher.fetch` raises and `Refused`: "model_unknown", "model_golden"."""
        file = self.path(model)
        if self.verify(model) is FileState.READY:
            return file
        offline = self._from_offline(self.card(model))
        if offline is not None:
            files.write(file, offline)
            return file
        return self.build(model, progress)

    def build(self, model: str, progress: Progress = no_progress) -> Path:
        """Make the file anew from its origin, also where a good one is there; the old one stays until then."""
        card = self.card(model)
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
        return self.path(model)

    def _put_golden(self, card: ModelCard, data: bytes, tolerance: tuple[float, float]) -> None:
        """Accepted by its golden vectors in the real runtime before it takes its name."""
        self._put(card, data, partial(golden.accept, self._backend(), card, tolerance=tolerance))

    def _put(self, card: ModelCard, data: bytes, accept: Callable[[Path], None] = lambda _file: None) -> None:
        file = self.path(card.id)
        with files.replacing(file) as stream:
            stream.write(data)
            stream.flush()
            written = Path(stream.name)
            self._check(written, card)
            accept(written)

    def _from_offline(self, card: ModelCard) -> bytes | None:
        """None where there is no such folder or file; a damaged file there is told, not passed over."""
        if self._offline is None or not (self._offline / card.file).exists():
            return None
        return files.read(self._offline / card.file, card.sha256, card.bytes)

    @staticmethod
    def _check(file: Path, card: ModelCard) -> None:
        with files.opened(file, card.sha256, card.bytes):
            pass
