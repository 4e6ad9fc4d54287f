"""What `hearthgate models list|pull|verify|build|show` tells: data only, no printing here."""

from dataclasses import dataclass
from typing import Any

from gateway.models.http import Progress, no_progress
from gateway.models.registry import FileState, ModelRegistry
from gateway.models.store.slots import Slot
from gateway.wire.model_card import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One version of one model. `state` is that of its worst file, `bytes` and `sha256` those of the file for the
    processor, which lies or will lie at `file`; `tpu` is whether it has a twin for the accelerator."""

    id: str
    version: str
    serial: int
    role: str
    slot: Slot
    state: FileState
    backend: str
    tpu: bool
    bytes: int
    sha256: str
    licence: str
    notice: str
    file: str
    optional: bool


def models(registry: ModelRegistry, only: str | None = None) -> tuple[ModelRow, ...]:
    """All versions of all models, or of one; every file that is there is read and hashed. Raises
    `Refused("model_unknown")`."""
    cards = registry.cards() if only is None else (registry.card(only),)
    return tuple(_row(registry, slot, card) for one in cards for slot, card in registry.versions(one.id).items())


def pull(registry: ModelRegistry, only: str | None = None, progress: Progress = no_progress) -> tuple[ModelRow, ...]:
    """Make ready all models that are made here and not optional, or the one named; raises as `ModelRegistry.pull`, with
    the ones before it already in place."""
    for model in registry.built_here() if only is None else [only]:
        registry.pull(model, progress)
    return models(registry, only)


def build(registry: ModelRegistry, only: str, progress: Progress = no_progress) -> tuple[ModelRow, ...]:
    """Make one anew from its origin; raises as `ModelRegistry.build`."""
    registry.build(only, progress)
    return models(registry, only)


def shown(registry: ModelRegistry, model: str) -> dict[str, Any]:
    """The whole card of each version by its slot, and the state and place of every file. Raises
    `Refused("model_unknown")`."""
    registry.card(model)
    return {slot: _whole(registry, card) for slot, card in registry.versions(model).items()}


def all_ready(rows: tuple[ModelRow, ...]) -> bool:
    """Whether the command may exit with 0: an optional model may be missing, but not damaged."""
    return all(row.state is FileState.READY or (row.optional and row.state is FileState.MISSING) for row in rows)


def _row(registry: ModelRegistry, slot: Slot, card: ModelCard) -> ModelRow:
    return ModelRow(
        id=card.id,
        version=card.version,
        serial=card.serial,
        role=card.role,
        slot=slot,
        state=registry.verify(card.id, slot),
        backend=card.backend,
        tpu=card.tpu is not None,
        bytes=card.bytes,
        sha256=card.sha256,
        licence=card.licence,
        notice=card.notice,
        file=str(registry.lies(card.main)),
        optional=card.optional,
    )


def _whole(registry: ModelRegistry, card: ModelCard) -> dict[str, Any]:
    files = [
        {**file.model_dump(), "state": registry.state(file), "path": str(registry.lies(file))} for file in card.files()
    ]
    return {"card": card.model_dump(mode="json", exclude_none=True), "files": files}
