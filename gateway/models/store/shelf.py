"""The three folders of the store together: what lies there, and what of it is still needed."""

import logging
from collections.abc import Mapping
from pathlib import Path

from gateway.errors import GatewayError
from gateway.models.store.manifests import Manifests
from gateway.models.store.objects import Objects, Sealer
from gateway.models.store.release import Release, Trusted
from gateway.models.store.slots import SlotFiles
from gateway.wire.model_card import ModelCard

_log = logging.getLogger(__name__)


class Shelf:
    """Takes no lock: `ModelStore` does. `packaged` are the cards that come with this version, by id."""

    def __init__(self, folder: Path, trust: Trusted, packaged: Mapping[str, ModelCard], sealer: Sealer | None) -> None:
        self.folder = folder
        self.objects = Objects(folder / "objects", sealer)
        self.manifests = Manifests(folder / "manifests", trust)
        self.slots = SlotFiles(folder / "slots")
        self.packaged = packaged

    def sound(self, model: str, digest: str) -> Release:
        """With signature, size and hash of everything checked. Raises what `Manifests.read` and `Objects.opened` do."""
        release = self.manifests.read(model, digest)
        for file in release.card.files():
            with self.objects.opened(file):
                pass
        return release

    def packaged_serial(self, model: str) -> int:
        """0 where there is no packaged model of this id."""
        return self.packaged[model].serial if model in self.packaged else 0

    def collect(self) -> int:
        """Remove what no slot and no packaged card names; says how many files. While a slots file or a manifest cannot
        be read nothing is removed: what it names is not known."""
        try:
            slots = [self.slots.read(model) for model in self.slots.models()]
            used = {digest: self.manifests.unchecked(digest).card for one in slots for digest in one.filled.values()}
        except GatewayError as error:
            _log.warning("unused model files are kept: %s", error)
            return 0
        named = {file.sha256 for card in (*used.values(), *self.packaged.values()) for file in card.files()}
        return self.slots.sweep() + self.manifests.sweep(used) + self.objects.sweep(named)
