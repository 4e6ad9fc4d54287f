"""What the roll-out asks of the model store."""

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from gateway.wire.model_card import CardFile, ModelCard
from gateway.wire.model_manifest import RolloutPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a model; `digest` tells it from every other one. A packaged model has the default plan."""

    digest: str
    card: ModelCard
    plan: RolloutPlan = field(default_factory=RolloutPlan)


class Versions(Protocol):
    """Which versions of a model there are. All methods block and raise `GatewayError`; each switch is atomic and
    durable when it returns, and raises `Refused` where there is nothing to switch to."""

    def active(self, model: str) -> Version:
        """The version in service: the store's, else the packaged one."""
        ...

    def candidate(self, model: str) -> Version | None: ...

    def previous(self, model: str) -> Version | None:
        """What `rollback` would put back into service, if there is anything."""
        ...

    def opened(self, file: CardFile) -> AbstractContextManager[Path]:
        """A verified file, readable for as long as the block lasts."""
        ...

    def promote(self, model: str, digest: str) -> None:
        """The candidate becomes active, the active version previous; refused where the candidate is another one."""
        ...

    def reject(self, model: str) -> None:
        """The candidate is given up."""
        ...

    def rollback(self, model: str) -> None:
        """The previous version becomes active again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who answers now. `trial` is the candidate while it serves a share; buckets are drawn by `salt`."""

    serving: Version
    trial: Version | None = None
    salt: str = ""
    share: float = 0.0
    by: Literal["device", "source"] = "source"
    device: str = ""

    def on_trial(self, subject: str) -> bool:
        """Whether the candidate answers what is about `subject` (see `seams.subject`). Where cameras are drawn, what is
        about none of them, as the enrolment of a person, is left to the version in service."""
        name = self.device if self.by == "device" else subject
        return self.trial is not None and name != "" and bucket(self.salt, name) < self.share


def bucket(salt: str, name: str) -> float:
    """A number in [0, 1), evenly spread over names, always the same for one name: no server needs to deal them out."""
    digest = hashlib.sha256(f"{salt}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
