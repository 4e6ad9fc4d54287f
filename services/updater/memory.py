"""What the updater knows across restarts, power cuts and both slots: one small file, always whole."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from gateway.wire.release import UpdateState, Version
from gateway.wire.update import FileName, Key, Origin, Past, Sha256, Slot, Step

MOST_PAST = 50
MOST_DETAIL = 400

Url = Annotated[str, Field(max_length=512)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def but(self, **changes: object) -> Self:
        """A copy with these changes, checked like any other."""
        return type(self).model_validate({**dict(self), **changes})


class Release(_Record):
    """What the index offers."""

    version: Version
    url: Url
    sha256: Sha256
    size: Annotated[int, Field(gt=0, lt=2**40)] | None = None
    """Bytes."""


class Installed(_Record):
    """In a slot, as it was last started or written."""

    version: Version
    good: bool = False
    """Has passed the health gate there."""


class Attempt(_Record):
    """To get from one version to another. Kept when it has ended, until the next one begins."""

    origin: Origin
    name: FileName | None = None
    url: Url | None = None
    sha256: Sha256 | None = None
    campaign: int | None = None
    target: Version | None = None
    """Known once the bundle was looked into."""
    came_from: Slot
    slot: Slot
    tries: int = 0
    """Of the step under way, that came to nothing."""
    sent_back: int = 0
    """How often a trial was given up."""


class Memory(_Record):
    """`step` is the intent: it is on the disk before what it names is begun. `boot` is the boot id under which it was
    written."""

    format: Literal[1] = 1
    boot: str = ""
    running: Slot | None = None
    state: UpdateState = UpdateState.IDLE
    step: Step = Step.NONE
    attempt: Attempt | None = None
    key: Key | None = None
    detail: Annotated[str, Field(max_length=MOST_DETAIL)] | None = None
    slots: Mapping[Slot, Installed] = {}
    passed: str = ""
    """The last boot that passed the health gate, by its id."""
    newest: Release | None = None
    history: Annotated[tuple[Past, ...], Field(max_length=MOST_PAST)] = ()

    def with_slot(self, slot: Slot, version: Version, *, good: bool) -> "Memory":
        return self.but(slots={**self.slots, slot: Installed(version=version, good=good)})

    def without_slot(self, slot: Slot) -> "Memory":
        """What is in it can no longer be told."""
        return self.but(slots={name: held for name, held in self.slots.items() if name is not slot})

    @property
    def on_trial(self) -> bool:
        return self.state is UpdateState.TRYING

    @property
    def here(self) -> Installed | None:
        return self.slots.get(self.running) if self.running is not None else None

    @property
    def other(self) -> Installed | None:
        return self.slots.get(other_than(self.running)) if self.running is not None else None


def other_than(slot: Slot) -> Slot:
    return Slot.B if slot is Slot.A else Slot.A
