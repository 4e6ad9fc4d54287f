"""What `hearthgate models list|pull|verify|build` shows: one row per model, no printing here."""

from dataclasses import dataclass

from gateway.models.http import Progress, no_progress
from gateway.models.registry import FileState, ModelRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """`state` is "ready", "missing" or "damaged"; `file` is where the model lies or will lie."""

    id: str
    version: str
    role: str
    state: FileState
    bytes: int
    sha256: str
    licence: str
    notice: str
    file: str
    optional: bool


def models(registry: ModelRegistry, only: str | None = None) -> tuple[ModelRow, ...]:
    """All models, or one; every file that is there is read and hashed. Raises `Refused("model_unknown")`."""
    cards = registry.cards() if only is None else (registry.card(only),)
    return tuple(_row(registry, card.id) for card in cards)


def pull(registry: ModelRegistry, only: str | None = None, progress: Progress = no_progress) -> tuple[ModelRow, ...]:
    """Make ready all models that are not optional, or the one named; raises as `ModelRegistry.pull`, with the ones
    before it already in place."""
    for row in models(registry, only):
        if row.state is not FileState.READY and (only is not None or not row.optional):
            registry.pull(row.id, progress)
    return models(registry, only)


def build(registry: ModelRegistry, only: str, progress: Progress = no_progress) -> tuple[ModelRow, ...]:
    """Make one anew from its origin; raises as `ModelRegistry.build`."""
    registry.build(only, progress)
    return models(registry, only)


def all_ready(rows: tuple[ModelRow, ...]) -> bool:
    """Whether the command may exit with 0: an optional model may be missing, but not damaged."""
    return all(row.state is FileState.READY or (row.optional and row.state is FileState.MISSING) for row in rows)


def _row(registry: ModelRegistry, model: str) -> ModelRow:
    card = registry.card(model)
    return ModelRow(
        id=card.id,
        version=card.version,
        role=card.role,
        state=registry.verify(model),
        bytes=card.bytes,
        sha256=card.sha256,
        licence=card.licence,
        notice=card.notice,
        file=str(registry.path(model)),
        optional=card.optional,
    )
