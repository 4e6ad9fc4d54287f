"""A batch of messages while it is sorted, and what became of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from gateway.wire.envelope import ParcelId
from gateway.wire.uplink import Hello
from services.hub.ingest.words import Answer, Arrival
from services.hub.store.words import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`keys` has one for each arrival: None where it is on disk or needs nothing more, else why it was not taken."""

    keys: tuple[str | None, ...]
    answers: tuple[Answer, ...]

    def __add__(self, later: "Outcome") -> "Outcome":
        return Outcome(keys=self.keys + later.keys, answers=self.answers + later.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    place: int
    hello: Hello
    retained: bool


@dataclass(slots=True)
class Batch:
    keys: list[str | None]
    answers: list[Answer] = field(default_factory=list)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    hellos: defaultdict[str, list[Greeting]] = field(default_factory=lambda: defaultdict(list))
    """By gateway."""
    talk: defaultdict[str, list[tuple[int, str, Arrival]]] = field(default_factory=lambda: defaultdict(list))
    """By gateway what is neither summary nor hello: its place, the topic's end and itself."""
    unread: dict[ParcelId, str] = field(default_factory=dict)
    """Nobody here understands them, nor will; their gateways are to let go of them."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def refuse(self, place: int, gateway: str, key: str) -> None:
        self.keys[place] = key
        self.counts[gateway, key] += 1
