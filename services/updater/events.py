"""What happens to an update."""

from dataclasses import dataclass

from gateway.wire.release import Version
from gateway.wire.update import Slot
from services.updater.memory import Attempt, Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """This process began. `sticky`: the boot loader remembers by itself which slot to take, as GRUB does; without it
    only the restart that we asked for leads into the other one."""

    slot: Slot
    version: Version
    boot: str
    sticky: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A bundle is to be taken in."""

    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The step under way succeeded; `version` is what the bundle holds, where that was looked up."""

    version: Version | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The step under way may be tried again; `brought` something, so that it does not count."""

    key: str
    detail: str = ""
    brought: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The step under way is pointless."""

    key: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Into what was installed, or once more into the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Into the other slot, whose version has been good there."""

    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """What was installed is not to be started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailing:
    """On trial, and not well: the reason, should this boot not live to tell it. `key` is None once it is well."""

    key: str | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Not well for too long."""

    key: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Well for long enough, and marked good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the index offers."""

    release: Release


Event = Started | Wanted | Done | Missed | Failed | Restart | Return | GivenUp | Ailing | Overdue | Passed | Looked
