"""H.264 as fragmented MP4 for Media Source Extensions, without touching a pixel."""

import io
from fractions import Fraction

import av

from gateway.sources.annexb import self_contained, with_start_codes
from gateway.sources.packets import Parcel, StreamInfo

_FLAGS = "frag_every_frame+empty_moov+default_base_moof"
_CLOCK = Fraction(1, 90_000)


class _Buffer(io.RawIOBase):
    """Collects what the muxer writes (in pieces) until a whole fragment is there."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(memoryview(data))  # type: ignore[arg-type]  # any buffer the library hands over
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class Fragmenter:
    """One viewer's muxer. Feed it from a key frame on; each call returns what is ready: the init segment with the
    first, then one fragment a picture, one picture late (its duration is known when the next one comes)."""

    def __init__(self, info: StreamInfo) -> None:
        self._info = info
        self._buffer = _Buffer()
        self._out = av.open(self._buffer, "w", format="mp4", options={"movflags": _FLAGS})
        self._stream = self._out.add_mux_stream("h264", width=info.width, height=info.height, time_base=_CLOCK)
        self._zero: Fraction | None = None
        self._last_dts = -1
        self._whole = False
        self.dropped = 0

    def add(self, parcel: Parcel) -> bytes:
        """A packet without a time stamp, or with one that goes backwards, is left out and counted in `dropped`, and
        so is everything up to the next key frame: pictures that build on a missing one are smeared."""
        if parcel.dts is None or not (self._whole or parcel.key):
            return self._drop()
        if self._zero is None:
            self._zero = parcel.dts * parcel.time_base
        dts = self._ticks(parcel.dts, parcel.time_base, self._zero)
        pts = dts if parcel.pts is None else self._ticks(parcel.pts, parcel.time_base, self._zero)
        if dts <= self._last_dts:
            return self._drop()
        self._last_dts, self._whole = dts, True
        packet = av.Packet(self._bytes(parcel))
        packet.pts, packet.dts, packet.time_base = pts, dts, _CLOCK
        packet.is_keyframe = parcel.key
        packet.stream = self._stream
        self._out.mux_one(packet)
        return self._buffer.take()

    def _drop(self) -> bytes:
        self._whole = False
        self.dropped += 1
        return b""

    @staticmethod
    def _ticks(t: int, time_base: Fraction, zero: Fraction) -> int:
        return round((t * time_base - zero) / _CLOCK)

    def _bytes(self, parcel: Parcel) -> bytes:
        form = self_contained if parcel.key else with_start_codes
        return form(parcel.data, self._info.extradata)

    def close(self) -> bytes:
        """The last picture's fragment."""
        self._out.close()
        return self._buffer.take()
