"""Which release of a model is in use: one small file a model, replaced as a whole, so that every change is one step."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import Corrupt, Refused
from gateway.models import files
from gateway.models.store.release import Release
from gateway.wire.model_card import Sha256

Slot = Literal["active", "candidate", "previous"]

_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_MOST_BYTES = 4096


class Slots(BaseModel):
    """Digests of releases. Without an `active` one the packaged model serves, where there is one.

    `floor` is the highest serial and `newest` the latest creation of all that were ever active: what comes next has to
    be above the floor or, signed as a rollback, later than the newest. `lost` served until it was found damaged here:
    that one may come back as it was.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    active: Sha256 | None = None
    candidate: Sha256 | None = None
    previous: Sha256 | None = None
    floor: int = Field(default=0, ge=0, le=2**53)
    newest: AwareDatetime | None = None
    lost: Sha256 | None = None

    @property
    def filled(self) -> dict[Slot, str]:
        """Those that hold a release."""
        slots: tuple[tuple[Slot, str | None], ...] = (
            ("active", self.active),
            ("candidate", self.candidate),
            ("previous", self.previous),
        )
        return {name: digest for name, digest in slots if digest is not None}

    def but(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

    def activated(self, release: Release) -> Self:
        """With `release` serving in place of what did."""
        created = release.manifest.created
        return self.but(
            active=release.digest,
            candidate=None,
            previous=self.active,
            floor=max(self.floor, release.card.serial),
            newest=created if self.newest is None else max(self.newest, created),
            lost=None,
        )


class SlotFiles:
    """`<folder>/<model id>.json`. Takes no lock, as `Objects`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def models(self) -> tuple[str, ...]:
        """Ids that have a file, readable or not."""
        return tuple(sorted(self._named())) if self.folder.is_dir() else ()

    def read(self, model: str) -> Slots:
        """Empty ones where there is no file. Raises `Corrupt("model_slots_damaged")`, `Refused`: "model_unknown" (no
        id at all), "model_unreadable"."""
        try:
            with files.opening(self._file(model)) as stream:
                data = stream.read(_MOST_BYTES + 1)
        except Refused as error:
            if error.key != "model_missing":
                raise
            return Slots()
        try:
            return Slots.model_validate_json(data)
        except ValidationError:
            raise Corrupt("model_slots_damaged", model=model) from None

    def write(self, model: str, slots: Slots) -> None:
        """At once and for good. Raises `Refused`: "model_disk_full", "model_unwritable"."""
        files.write(self._file(model), slots.model_dump_json().encode())

    def sweep(self) -> int:
        """Remove what an interrupted write left."""
        return files.sweep(self.folder, {f"{model}.json" for model in self.models()})

    def _named(self) -> Iterator[str]:
        for file in self.folder.iterdir():
            if file.suffix == ".json" and _ID.fullmatch(file.stem):
                yield file.stem

    def _file(self, model: str) -> Path:
        if not _ID.fullmatch(model):
            raise Refused("model_unknown", model=model[:64], status=404)
        return self.folder / f"{model}.json"
