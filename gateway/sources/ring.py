"""The compressed pictures of the current and the previous GOP: for the gate, the live view and clips."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gateway.sources.packets import Parcel, StreamInfo

Listener = Callable[[Parcel | None], None]
"""Called on the camera's thread with each new parcel, and with None when the connection has ended."""


@dataclass(slots=True)
class _Gop:
    parcels: list[Parcel] = field(default_factory=list)
    bytes: int = 0

    def add(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)
        self.bytes += len(parcel.data)


class PacketRing:
    """Keeps whole GOPs only, at most `max_bytes`: a camera may stop sending key frames. Thread-safe.

    A GOP that alone is larger than the cap is let go; what follows it is kept from its next key frame on.
    """

    def __init__(self, max_bytes: int = 8 << 20) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._info: StreamInfo | None = None
        self._previous, self._current = _Gop(), _Gop()
        self._listeners: list[Listener] = []
        self._live = False
        self._connection = 0

    @property
    def info(self) -> StreamInfo | None:
        """The stream of this connection, None before the first."""
        return self._info

    @property
    def live(self) -> bool:
        """Whether more is to come."""
        return self._live

    @property
    def bytes(self) -> int:
        """Compressed bytes held now."""
        with self._lock:
            return self._previous.bytes + self._current.bytes

    def begin(self, info: StreamInfo) -> int:
        """A connection was made: what was kept belongs to another one. Its number is for `end`."""
        with self._lock:
            self._info = info
            self._previous, self._current = _Gop(), _Gop()
            self._live = True
            self._connection += 1
            connection = self._connection
        self._tell(None)
        return connection

    def end(self, connection: int) -> None:
        """The connection is gone; what was kept stays until the next one. Nothing happens where that one is there
        already: a thread left behind may wake up late."""
        with self._lock:
            if connection != self._connection:
                return
            self._live = False
        self._tell(None)

    def measured(self, width: int, height: int) -> None:
        """The size of the decoded picture: some cameras announce none."""
        with self._lock:
            if self._info is not None:
                self._info = replace(self._info, width=width, height=height)

    def add(self, parcel: Parcel) -> None:
        with self._lock:
            self._keep(parcel)
            listeners = tuple(self._listeners)  # under the lock: a new one has this parcel from `follow`
        for listener in listeners:
            listener(parcel)

    def _tell(self, news: Parcel | None) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(news)

    def _keep(self, parcel: Parcel) -> None:
        if parcel.key:
            self._previous, self._current = self._current, _Gop()
        if parcel.key or self._current.parcels:
            self._current.add(parcel)
        if self._previous.bytes + self._current.bytes > self._max_bytes:
            self._previous = _Gop()
        if self._current.bytes > self._max_bytes:
            self._current = _Gop()

    def kept(self) -> tuple[Parcel, ...]:
        """Previous and current GOP in order of arrival; empty or starting with a key frame."""
        with self._lock:
            return (*self._previous.parcels, *self._current.parcels)

    def current(self) -> tuple[Parcel, ...]:
        """The GOP under way, from its key frame on."""
        with self._lock:
            return tuple(self._current.parcels)

    def last_key(self) -> Parcel | None:
        """The newest key frame."""
        with self._lock:
            gop = self._current.parcels or self._previous.parcels
            return gop[0] if gop else None

    def follow(self, listener: Listener) -> tuple[StreamInfo | None, tuple[Parcel, ...]]:
        """The stream and its current GOP; every later parcel goes to `listener`: none is missed or told twice."""
        with self._lock:
            self._listeners.append(listener)
            return self._info, tuple(self._current.parcels)

    def unfollow(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.remove(listener)
