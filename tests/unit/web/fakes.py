"""Small stand-ins for what the page is made of; the store's parts are real in the browser tests."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from gateway.errors import Invalid, Refused
from gateway.flow.board import Board, Counters
from gateway.flow.clock import Clock
from gateway.perception.enrol import PhotoReport
from gateway.perception.people import EnrolReport, PersonCard
from gateway.store.climate import ClimateRow
from gateway.store.journal import Chain, Entry
from gateway.types import (
    Action,
    Command,
    Event,
    Kind,
    Origin,
    Outcome,
    Result,
    SetLevel,
    Stamp,
    Switch,
    new_id,
)
from gateway.types.climate import Alarm, Ask, Mode, Preset, RoomStatus
from gateway.updates.accounts import Account
from gateway.web.auth import Auth
from gateway.web.hub import Broadcast
from gateway.web.parts import Device, ModelView, RoomView, WebParts

ENROLLED = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class MemoryKeyValue:
    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = dict(values or {})

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def set(self, key: str, value: str) -> None:
        self.values[key] = value


@dataclass
class FakeLive:
    """Sends `parts` once and then ends, as a lost camera does."""

    mime: str | None = 'video/mp4; codecs="avc1.42C01E"'
    parts: tuple[bytes, ...] = (b"init", b"one", b"two")
    picture: bytes | None = b"\xff\xd8picture"
    widths: list[int] = field(default_factory=list)

    async def fragments(self) -> AsyncGenerator[bytes, None]:
        for part in self.parts:
            yield part

    async def jpeg(self, max_width: int = 640) -> bytes | None:
        self.widths.append(max_width)
        return self.picture


class FakePeople:
    """A photo is good when `good` says so, here when it holds the word; `needed` good ones enrol a person."""

    def __init__(self, *, needed: int = 2, flaw: str = "face_too_small") -> None:
        self.known: dict[str, PersonCard] = {}
        self.photos: list[bytes] = []
        self.good: Callable[[bytes], bool] = lambda photo: b"good" in photo
        self._needed = needed
        self._flaw = flaw

    async def list(self) -> tuple[PersonCard, ...]:
        return tuple(self.known.values())

    async def enrol(self, name: str, photos: Sequence[bytes], by: str) -> EnrolReport:
        self.photos = [*photos]
        reports = tuple(
            PhotoReport(index=index, refused=None if self.good(photo) else self._flaw, face_px=88.0)
            for index, photo in enumerate(photos)
        )
        accepted = sum(one.refused is None for one in reports)
        report = EnrolReport(person_id=None, name=name, accepted=accepted, needed=self._needed, photos=reports)
        if accepted < self._needed:
            return report
        card = PersonCard(person_id=new_id(), name=name, created=ENROLLED, consent_by=by, stale=False)
        self.known[card.person_id] = card
        return replace(report, person_id=card.person_id)

    async def delete(self, person_id: str) -> tuple[str, ...]:
        if self.known.pop(person_id, None) is None:
            raise Invalid("person_unknown", status=404)
        return ("crop.jpg",)


class FakeCorrections:
    """`said` by event id, of the events that are `known`."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = frozenset(known)
        self.said: dict[str, bool] = {}

    async def add(self, event_id: str, *, wrong: bool, at: datetime) -> None:
        if event_id not in self.known:
            raise Invalid("event_unknown", status=404)
        self.said[event_id] = wrong


class FakeMedia:
    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    async def get(self, name: str) -> bytes | None:
        if "/" in name or name.startswith("."):
            raise Invalid("media_name")
        return self.files.get(name)

    async def remove(self, name: str) -> bool:
        return self.files.pop(name, None) is not None


class FakeDevices:
    """Does what it is told, or answers `result`."""

    def __init__(self, devices: Sequence[Device], result: Result = Result.DONE) -> None:
        self.known = {device.id: device for device in devices}
        self.asked: list[tuple[str, Action]] = []
        self.result = result

    def all(self) -> Sequence[Device]:
        return tuple(self.known.values())

    async def command(self, target: str, action: Action) -> Outcome:
        if target not in self.known:
            raise Invalid("device_unknown", status=404)
        self.asked.append((target, action))
        if isinstance(action, Switch) and self.result is Result.DONE:
            self.known[target] = replace(self.known[target], on=action.on)
        return Outcome(command=new_id(), result=self.result, took_s=0.042)


class FakeEvents:
    def __init__(self, events: Sequence[Event]) -> None:
        self.events = sorted(events, key=lambda one: one.id, reverse=True)

    async def recent(
        self, limit: int, before: str | None = None, kind: Kind | None = None, source: str | None = None
    ) -> list[Event]:
        wanted = [
            one
            for one in self.events
            if (before is None or one.id < before) and kind in {None, one.kind} and source in {None, one.source}
        ]
        return wanted[:limit]


class FakeJournal:
    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    async def recent(self, limit: int, before: str | None = None) -> list[Entry]:
        entry = Entry(command=self._chain.command, outcome=self._chain.outcome)
        return [] if before else [entry][:limit]

    async def why(self, command_id: str) -> Chain | None:
        return self._chain if command_id == self._chain.command.id else None


class FakeModels:
    def __init__(self, *views: ModelView) -> None:
        self.views = list(views)

    def all(self) -> list[ModelView]:
        return self.views


def room_view(name: str = "hall", title: str = "Hall") -> RoomView:
    presets = {preset: 7.0 + 3 * place for place, preset in enumerate(Preset)}
    modes = (Mode.OFF, Mode.AUTO, Mode.HEAT)
    return RoomView(name=name, title=title, modes=modes, presets=presets, set_min_c=5.0, set_max_c=30.0)


class FakeAccounts:
    """`held` are the names that have one."""

    def __init__(self, *held: str) -> None:
        self.held = list(held)

    async def names(self) -> Sequence[str]:
        return tuple(self.held)

    async def add(self, name: str) -> Account:
        if not name.isalnum():
            raise Invalid("account_name")
        self.held = sorted({*self.held, name})
        return Account(name=name, password=f"secret of {name}")

    async def remove(self, name: str) -> None:
        if name not in self.held:
            raise Refused("account_unknown", status=404)
        self.held.remove(name)


class FakeClimate:
    """Takes every wish, or raises `alarm`. `rows` are those of every room."""

    def __init__(self, *views: RoomView, rows: Sequence[ClimateRow] = (), alarm: Alarm | None = None) -> None:
        self.views = views
        self.statuses: dict[str, RoomStatus] = {}
        self.asked: list[Ask] = []
        self.rows = rows
        self.alarm = alarm

    def rooms(self) -> Sequence[RoomView]:
        return self.views

    def status(self, room: str) -> RoomStatus | None:
        return self.statuses.get(room)

    async def history(self, room: str, since: datetime, until: datetime) -> Sequence[ClimateRow]:
        return [row for row in self.rows if since <= row.time < until]

    async def ask(self, ask: Ask) -> Alarm | None:
        self.asked.append(ask)
        return self.alarm


def event(stamp: Stamp, kind: Kind = Kind.MOTION_BEGAN, source: str = "door", label: str | None = None) -> Event:
    return Event(id=new_id(), kind=kind, stamp=stamp, began=stamp, source=source, label=label, evidence="crop.jpg")


def chain(stamp: Stamp) -> Chain:
    """Movement at the door dimmed the lamp."""
    cause = event(stamp)
    command = Command(
        id=new_id(),
        target="lamp",
        action=SetLevel(level_pct=40),
        issued=stamp,
        ttl_s=5,
        origin=Origin.RULE,
        cause=cause.id,
        trigger=stamp,
        why="Somebody moved at the door after dark.",
    )
    outcome = Outcome(command=command.id, result=Result.DONE, took_s=0.05)
    return Chain(events=(cause,), sentence=command.why, command=command, outcome=outcome)


def make_parts(auth: Auth, clock: Clock, **changes: object) -> WebParts:
    """A gateway with nothing in it but what `changes` says."""
    counters = Counters()
    bare = WebParts(
        name="Test house",
        version="1.2.3",
        auth=auth,
        board=Board(),
        counters=counters,
        hub=Broadcast(counters),
        clock=clock,
    )
    return replace(bare, **changes)  # type: ignore[arg-type]  # replace() checks the names at run time
