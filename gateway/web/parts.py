"""What the page is made of: small protocols that the real parts and the fakes both satisfy."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from gateway.config.layers import Origin
from gateway.errors import Problem
from gateway.flow.board import Board, Counters
from gateway.flow.clock import Clock
from gateway.flow.lag import Lag
from gateway.flow.meters import Meters
from gateway.seams import Parcel
from gateway.store.climate import ClimateRow
from gateway.store.departures import Departed, Departure
from gateway.store.journal import Chain, Entry
from gateway.types import Action, Event, Kind, Outcome, State, World
from gateway.types.climate import Alarm, Ask, Mode, Preset, RoomStatus
from gateway.updates.accounts import Account
from gateway.updates.client import Updater
from gateway.updates.inbox import Upload
from gateway.web.auth import Auth
from gateway.web.authority import Authority
from gateway.web.hub import Broadcast
from gateway.wire.summary import Stream, UpdateState

if TYPE_CHECKING:
    from gateway.perception.people import EnrolReport, PersonCard


class LiveView(Protocol):
    """One camera's picture; `mime` is None until the stream is known."""

    @property
    def mime(self) -> str | None: ...

    def fragments(self) -> AsyncGenerator[bytes, None]:
        """fMP4: the init segment, then a fragment a frame; ends when the camera is lost."""
        ...

    async def jpeg(self, max_width: int = 640) -> bytes | None:
        """The latest picture, at most `max_width` px wide; None while there is none."""
        ...


class EventLog(Protocol):
    async def recent(
        self, limit: int, before: str | None = None, kind: Kind | None = None, source: str | None = None
    ) -> Sequence[Event]:
        """Newest first; `before` is an event id to page on from."""
        ...


class Corrections(Protocol):
    async def add(self, event_id: str, *, wrong: bool, at: datetime) -> None:
        """What somebody says of an event; the last word counts. Raises `Invalid("event_unknown")`."""
        ...


class Journal(Protocol):
    async def recent(self, limit: int, before: str | None = None) -> Sequence[Entry]:
        """Newest first; `before` is a command id to page on from."""
        ...

    async def why(self, command_id: str) -> Chain | None:
        """None for an unknown command."""
        ...


class Media(Protocol):
    async def get(self, name: str) -> bytes | None:
        """Raises `Invalid` for a name that is none."""
        ...

    async def remove(self, name: str) -> bool: ...


class People(Protocol):
    """The household, as far as it agreed to be recognised. Photos are not kept once judged."""

    async def list(self) -> "Sequence[PersonCard]": ...

    async def enrol(self, name: str, photos: Sequence[bytes], by: str) -> "EnrolReport":
        """`photos` are encoded pictures; `by` is the user who recorded the consent. Raises `Invalid`."""
        ...

    async def delete(self, person_id: str) -> Sequence[str]:
        """Names of pictures that the media store must remove. Raises `Invalid("person_unknown")`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something that can be switched. `on` is None where its state is not known. What is `reserved` takes its commands
    from climate control only."""

    id: str
    name: str
    kind: str = "switch"
    on: bool | None = None
    available: bool = True
    detail: str = ""
    reserved: bool = False


class Devices(Protocol):
    def all(self) -> Sequence[Device]: ...

    async def command(self, target: str, action: Action) -> Outcome:
        """By hand; journalled with origin USER. Raises `Invalid` ("device_unknown")."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """One version of a model at work. `backend` is what answers now; `metered` the name under which `Meters` counts
    it, its id where that is empty."""

    id: str
    version: str
    role: str
    phase: Literal["serving", "shadow", "canary"] = "serving"
    backend: Literal["cpu", "tpu", "onnx"] = "cpu"
    metered: str = ""


class Models(Protocol):
    def all(self) -> Sequence[ModelView]:
        """Those at work, the one in service before its candidate. Called in the loop: must not block."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomView:
    """A room that is kept warm, and what it may be asked. `presets` maps to degC."""

    name: str
    title: str
    modes: tuple[Mode, ...]
    presets: Mapping[Preset, float]
    set_min_c: float
    set_max_c: float


class Climate(Protocol):
    def rooms(self) -> Sequence[RoomView]: ...

    def status(self, room: str) -> RoomStatus | None:
        """What was last told of it; None before the first tick. Called in the loop: must not block."""
        ...

    async def history(self, room: str, since: datetime, until: datetime) -> Sequence[ClimateRow]:
        """Oldest first, one each five minutes where the gateway was on."""
        ...

    async def ask(self, ask: Ask) -> Alarm | None:
        """The alarm that it raises where it is not taken at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamView:
    """A stream of summaries: what waits of it, and since when in s (None where nothing waits, or nobody knows)."""

    stream: Stream
    enabled: bool
    priority: int
    rows: int = 0
    bytes: int = 0
    oldest_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """The newest thing of its kind that a hub brought, or takes back (`back`). `name` is the model's id, else "";
    `version` as it is told; `key` why it ended otherwise than it should; `heard`: the hub knows how it stands."""

    campaign: int
    what: Literal["settings", "model", "image"]
    name: str
    version: str
    back: bool
    state: UpdateState
    key: str | None = None
    heard: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WishView:
    """The hub's last wish for settings that was looked at, 0 before the first; `rejected` are the paths for which it
    was not taken, and the keys of why."""

    version: int
    rejected: Mapping[str, str] = field(default_factory=dict)


class Uplink(Protocol):
    """All that left the home, and all that waits to leave; and what its hub wants of it."""

    @property
    def host(self) -> str: ...

    async def streams(self) -> Sequence[StreamView]: ...

    async def waiting(self, stream: Stream, limit: int, after: int = 0) -> Sequence[Parcel]:
        """Oldest first; `after` is the number of a parcel to page on from."""
        ...

    async def left(self, limit: int, before: int | None = None) -> Sequence[Departure]:
        """Newest first; `before` is an id to page on from."""
        ...

    async def totals(self) -> Mapping[str, Departed]:
        """All that ever left, by topic."""
        ...

    def spent(self) -> Mapping[str, float]:
        """Epsilon of differential privacy by date; empty where counts are exact."""
        ...

    def offers(self) -> Sequence[OfferView]:
        """Newest campaign first."""
        ...

    def wish(self) -> WishView:
        """What became of the hub's wishes for settings; who decided what is in `Choices`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value that is not the default, by its dotted path, and who decided it; `fixed` where only the file may."""

    path: str
    value: Any
    origin: Origin
    fixed: bool = False


class Choices(Protocol):
    """What people of the home decide themselves, above the file and above a hub. Methods read files."""

    def settings(self) -> Sequence[Setting]: ...

    def set(self, patch: Mapping[str, Any]) -> None:
        """Raises `ConfigError` where it cannot be, `Invalid("setting_fixed")`."""
        ...

    def release(self, path: str) -> None:
        """Let hub and file decide again. Raises `Invalid("setting_unknown")`, `ConfigError`."""
        ...


class Inbox(Protocol):
    """Where bundles are laid; see `gateway.updates.inbox.Inbox`. Methods block."""

    def uploads(self) -> Sequence[Upload]: ...

    def put(self, name: str, first: int, total: int, data: bytes) -> Upload:
        """Raises `Invalid` and `Refused`, and OSError for what the disk does."""
        ...

    def drop(self, name: str) -> None: ...


class Accounts(Protocol):
    """Of devices at this machine's broker; see `gateway.updates.accounts.BrokerAccounts`. Methods raise
    `Refused("accounts_absent")` where there is none."""

    async def names(self) -> Sequence[str]: ...

    async def add(self, name: str) -> Account:
        """Raises `Invalid("account_name")`, `Refused` and `Transient`."""
        ...

    async def remove(self, name: str) -> None:
        """Raises `Refused` and `Transient`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Underneath:
    """The machine that the gateway runs on. `failing` are the checks of the health gate that do not pass; `index` is
    the address of the list of releases, where the settings name one."""

    updater: Updater
    inbox: Inbox
    failing: Callable[[], Sequence[str]] = tuple
    index: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """Everything the page shows or does. What is None is off, and the page says so."""

    name: str
    version: str
    auth: Auth
    board: Board
    counters: Counters
    hub: Broadcast
    clock: Clock
    cameras: Mapping[str, LiveView] = field(default_factory=lambda: MappingProxyType({}))
    events: EventLog | None = None
    corrections: Corrections | None = None
    journal: Journal | None = None
    media: Media | None = None
    people: People | None = None
    devices: Devices | None = None
    world: Callable[[], World] | None = None
    doctor: Callable[[], Awaitable[Sequence[State]]] | None = None
    problems: Sequence[Problem] = ()
    models: Models | None = None
    climate: Climate | None = None
    uplink: Uplink | None = None
    choices: Choices | None = None
    machine: Underneath | None = None
    accounts: Accounts | None = None
    authority: Callable[[], Authority | None] | None = None
    """Behind the certificate that the page shows; None of a kind that everybody knows. May block. Raises
    `Refused("page_certificate")`."""
    meters: Meters = field(default_factory=Meters)
    lag: Lag | None = None
    heat: Callable[[], Mapping[str, float]] = dict
    """Degrees Celsius by sensor; may block."""
    metrics_token: str | None = field(default=None, repr=False)
    """What a program must show to read /metrics; without it only who is signed in may."""
