"""The manifest of a signed model bundle: which model, for whom, how it is to be rolled out.

What is signed is the exact bytes of the JSON after `DOMAIN`, so that a signature over a manifest can never be taken
for one over anything else. Written by `services.factory`, read by `gateway.models.bundle`.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.wire.model_card import ModelCard

DOMAIN = b"hearthgate model manifest 1\n"
MOST_MANIFEST_BYTES = 256 << 10

Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Gates(_Strict):
    """What a candidate has to keep to. Ratios and distances compare it with the model in service on the same inputs."""

    latency_ratio: float = Field(default=1.2, gt=0)
    """Of p50 and of p95."""
    agreement: Share = 0.95
    """Share of the inputs that the model in service is sure of on which both say the same."""
    error_share: Share = 0.0
    """Of failed inferences; a failed load always ends it."""
    drift: float = Field(default=3.0, gt=1)
    """Positives an hour against the same hour of the last week, either way, as a factor."""
    histogram: float = Field(default=0.25, gt=0)
    """Population stability index of the scores."""
    saturated_share: Share = 0.02
    """Of answers that hold no number, or only the ends of their range."""
    temperature_c: float = Field(default=80.0, gt=0)
    corrections_share: Share = 0.1
    """Of its answers that people called wrong."""


class RolloutPlan(_Strict):
    """Shadow first, then a share, then everywhere; each phase ends by its gates or its time-out."""

    id: str = Field(default="", max_length=64)
    """Buckets are drawn by it; the manifest's hash where it is empty."""
    by: Literal["device", "source"] = "source"
    """"device": this gateway as a whole is in the share or not; "source": each camera on its own."""
    share: Share = 0.25
    shadow_samples: int = Field(default=200, ge=1)
    canary_samples: int = Field(default=400, ge=1)
    duty: Annotated[float, Field(gt=0, le=1)] = 0.1
    """At most this share of the time may be spent on shadow inferences."""
    timeout_hours: float = Field(default=72.0, gt=0)
    """A phase that has not gathered its samples by then ends in refusal."""
    watch_hours: float = Field(default=24.0, ge=0)
    """So long after promotion the gates still roll back by themselves."""
    cooldown_hours: float = Field(default=24.0, ge=0)
    """After a refusal or rollback no other candidate of the model is tried for so long."""
    gates: Gates = Gates()


class ModelManifest(_Strict):
    """`card.serial` is the serial that must grow, unless `rollback` is signed. After `expires` the bundle is no
    longer taken in; what was taken in before is used for ever. Empty `boards` means any; an entry is a machine
    ("aarch64", "x86_64") or a board's model name ("Raspberry Pi 5")."""

    format: Literal[1] = 1
    card: ModelCard
    created: AwareDatetime
    expires: AwareDatetime | None = None
    rollback: bool = False
    boards: tuple[str, ...] = ()
    min_gateway: str | None = None
    rollout: RolloutPlan = RolloutPlan()
