"""Who is at the door, and what each of them is told."""

from collections import defaultdict
from typing import Protocol

from gateway.wire.uplink import ROOT
from services.hub.door.reasons import Reason
from services.hub.ingest.words import Answer


class Listener(Protocol):
    gateway: str

    def tell(self, topic: str, payload: bytes, *, retain: bool) -> None: ...

    def dismiss(self, reason: Reason) -> None: ...


class Exchange:
    """Used in the loop only. What was published retained is kept in memory; who publishes it keeps it for good."""

    def __init__(self) -> None:
        self._here: defaultdict[str, list[Listener]] = defaultdict(list)
        self._retained: dict[str, bytes] = {}

    def __len__(self) -> int:
        return sum(map(len, self._here.values()))

    def enter(self, listener: Listener) -> None:
        self._here[listener.gateway].append(listener)

    def leave(self, listener: Listener) -> None:
        here = self._here[listener.gateway]
        here.remove(listener)
        if not here:
            del self._here[listener.gateway]

    def settle(self, listener: Listener) -> None:
        """`listener` is the gateway itself, come again: earlier connections of it are dead or about to be (§3.1.4)."""
        for other in list(self._here.get(listener.gateway, ())):
            if other is not listener:
                other.dismiss(Reason.TAKEN_OVER)

    def publish(self, answer: Answer, *, retain: bool = False) -> None:
        """To whoever listens now; with `retain` also to whoever subscribes later, until an empty one comes."""
        if retain:
            self._retained[answer.topic] = answer.payload
            if not answer.payload:
                del self._retained[answer.topic]
        gateway = answer.topic.removeprefix(ROOT).split("/")[1]
        for listener in list(self._here.get(gateway, ())):
            listener.tell(answer.topic, answer.payload, retain=False)

    def retained(self, topic: str) -> bytes | None:
        return self._retained.get(topic)

    def close(self) -> None:
        for here in list(self._here.values()):
            for listener in list(here):
                listener.dismiss(Reason.SHUTTING_DOWN)
