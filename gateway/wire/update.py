"""Between the daemon and the updater of one machine: a request and a reply, each a line of JSON, over a unix socket.

The updater is the only privileged process and believes nothing: it names no path that it was told, and what a bundle
may do is decided by its signature alone.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.wire.release import UpdateState, Version

SOCKET = "/run/hearthgate-updater/socket"
INBOX = "/var/lib/hearthgate/updates"
"""Where the daemon lays a bundle that was uploaded to its page, before it asks for it to be installed by name."""

MOST_BYTES = 64 * 1024

Key = Annotated[str, Field(pattern=r"^[a-z_]{1,48}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")]


class Slot(StrEnum):
    A = "A"
    B = "B"


class Origin(StrEnum):
    """Where a bundle came from."""

    UPLOAD = "upload"
    STICK = "stick"
    """A file on the FAT partition or on a USB stick."""
    HUB = "hub"
    INDEX = "index"
    """A static index of releases, asked over HTTPS."""
    BACK = "back"
    """No bundle: the system in the other slot was gone back to by hand."""


class Step(StrEnum):
    """What the updater does at this moment, within `UpdateState.DOWNLOADING` or between two states."""

    NONE = "none"
    FETCHING = "fetching"
    CHECKING = "checking"
    INSTALLING = "installing"
    REBOOTING = "rebooting"


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Status(_Message):
    ask: Literal["status"] = "status"


class Install(_Message):
    """Take in a bundle: `name` in the inbox or on the stick, or `url` with its `sha256`. Answered at once; the state
    tells the rest."""

    ask: Literal["install"] = "install"
    origin: Origin
    name: FileName | None = None
    url: Annotated[str, Field(pattern=r"^https?://[^\s@]{1,500}$")] | None = None
    sha256: Sha256 | None = None
    campaign: Annotated[int, Field(ge=1, lt=2**53)] | None = None


class Look(_Message):
    """Ask the index whether there is something newer: the one at `url`, else the updater's own."""

    ask: Literal["look"] = "look"
    url: Annotated[str, Field(pattern=r"^https?://[^\s@]{1,500}$")] | None = None


class Reboot(_Message):
    """Into the slot that was installed, or once more into this one."""

    ask: Literal["reboot"] = "reboot"


class GoBack(_Message):
    """Into the other slot, if it is good. Where something is on its way, or installed and not booted yet, that is given
    up instead."""

    ask: Literal["go_back"] = "go_back"


class Report(_Message):
    """The daemon's own verdict on this boot, repeated every few seconds: `failing` names the checks that do not pass
    yet. The updater counts how long it has been empty, and looks at the service and the page for itself."""

    ask: Literal["report"] = "report"
    version: Version
    failing: Annotated[tuple[Key, ...], Field(max_length=32)] = ()
    stable_s: Annotated[float, Field(ge=60, le=3600)] | None = None
    """For how long all has to be well by the settings; the updater's own where left out."""


class FactoryReset(_Message):
    """Forget everything at the next start. `sure` is the machine's host name, typed by a person."""

    ask: Literal["factory_reset"] = "factory_reset"
    sure: Annotated[str, Field(max_length=64)]


Request = Annotated[
    Status | Install | Look | Reboot | GoBack | Report | FactoryReset,
    Field(discriminator="ask"),
]


class Past(_Message):
    """One attempt that ended."""

    at: AwareDatetime | None = None
    """None when the clock was not to be believed."""
    version: Version | None = None
    origin: Origin
    state: UpdateState
    key: Key | None = None
    detail: Annotated[str, Field(max_length=400)] | None = None


class Imported(_Message):
    """What the first start made of a file on the FAT partition; `key` why it was left alone."""

    file: Annotated[str, Field(max_length=200)]
    key: Key | None = None
    detail: Annotated[str, Field(max_length=400)] | None = None


class Machine(_Message):
    """All that the updater knows, whole and at once."""

    board: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,16}$")]
    version: Version
    slot: Slot | None = None
    """None where the machine was not started from an image of ours."""
    confirmed: bool
    """This boot passed its health gate; until then it is on trial."""
    failing: tuple[Key, ...] = ()
    stable_s: Annotated[float, Field(ge=0)] = 0
    stable_needed_s: Annotated[float, Field(ge=0)] = 0
    state: UpdateState
    step: Step = Step.NONE
    done: Annotated[float, Field(ge=0, le=1)] | None = None
    target: Version | None = None
    origin: Origin | None = None
    campaign: int | None = None
    newest: Version | None = None
    """By the index, when it was last asked."""
    other: Version | None = None
    """In the other slot."""
    key: Key | None = None
    detail: Annotated[str, Field(max_length=400)] | None = None
    sticks: Annotated[tuple[FileName, ...], Field(max_length=32)] = ()
    """Bundles found on the FAT partition or a stick."""
    imported: Annotated[tuple[Imported, ...], Field(max_length=64)] = ()
    history: Annotated[tuple[Past, ...], Field(max_length=50)] = ()


class Reply(_Message):
    """`key` when the request was refused; `machine` always."""

    machine: Machine
    key: Key | None = None
    detail: Annotated[str, Field(max_length=400)] | None = None
