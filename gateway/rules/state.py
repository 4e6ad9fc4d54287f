"""What a rule remembers between two steps."""

from dataclasses import dataclass

from gateway.types import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a rule acts: the id of the event or reading, the stamp latency is counted from, and the words."""

    id: str
    stamp: Stamp
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A bound is crossed; the rule fires when it was so without a break since `since` for long enough."""

    since: Stamp
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """The rule has acted and will undo it. `quiet` is set while what ends it has happened and nothing since."""

    began: Stamp
    cause: Cause
    quiet: Cause | None = None
    quiet_since: Stamp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """`armed`: the bound may be crossed (anew). `fired` holds the last times of acting, for cool-down and against
    loops; `resting` says that the rule acted too often and is paused since then."""

    armed: bool = True
    waiting: Waiting | None = None
    undo: Undo | None = None
    fired: tuple[Stamp, ...] = ()
    resting: Stamp | None = None
