"""From packets to sightings: what is decoded, what is brought back, what the watcher says of it."""

from collections.abc import Callable, Iterator

import av

from gateway.seams import Watcher
from gateway.sources.decoder import Decoded, Decoder
from gateway.sources.packets import Parcel, VideoPacket
from gateway.sources.picture import Picture
from gateway.sources.ring import PacketRing
from gateway.sources.status import CameraStatus
from gateway.types import Frame, Seen, Stamp


def eventful(old: Seen, new: Seen) -> Seen:
    """Of two sightings the newer, unless only the older one shows something."""
    shows = bool(new.motion.boxes) or new.motion.scene_changed
    return new if shows or not (old.motion.boxes or old.motion.scene_changed) else old


class Judge:
    """Yields sightings with rising `seq`. `alive` is called for each decoded picture.

    A damaged packet is counted, told and costs the pictures up to the next key frame. What a gate left out comes
    back from the ring: after a hit both kept GOPs, when all is wanted again the GOP under way.
    """

    def __init__(
        self, name: str, *, watcher: Watcher, ring: PacketRing, status: CameraStatus, alive: Callable[[], None]
    ) -> None:
        self._name = name
        self._watcher = watcher
        self._ring = ring
        self._status = status
        self._alive = alive
        self._last_seq = -1

    def take(self, decoder: Decoder, parcel: Parcel, packet: VideoPacket) -> Iterator[Seen]:
        """What the newest packet, which the ring has already, brings to light."""
        if not self._watcher.wants(key=parcel.key, stamp=parcel.stamp):
            yield from self._judged(decoder, self._guarded(decoder.skip, parcel.stamp))
        elif decoder.behind and not parcel.key and (gop := self._ring.current()):
            yield from self._replayed(decoder, gop)
        else:
            yield from self._judged(decoder, self._decoded(decoder, parcel, packet))

    def finish(self, decoder: Decoder) -> Iterator[Seen]:
        """What the decoder still held when the stream ended."""
        yield from self._judged(decoder, self._guarded(decoder.drain, Stamp.now()))

    def _decoded(self, decoder: Decoder, parcel: Parcel, packet: VideoPacket | None = None) -> list[Decoded]:
        if not (parcel.key or decoder.primed):
            self._status.count("frames_undecodable")
            return []
        return self._guarded(lambda: decoder.feed(parcel, packet), parcel.stamp)

    def _guarded(self, decode: Callable[[], list[Decoded]], stamp: Stamp) -> list[Decoded]:
        try:
            return decode()
        except av.FFmpegError:
            self._damaged(stamp)
            return []

    def _judged(self, decoder: Decoder, pictures: list[Decoded]) -> Iterator[Seen]:
        for parcel, picture in pictures:
            seen = self._judge(parcel, picture)
            if self._watcher.backfill():
                yield from self._replayed(decoder, self._ring.kept(), seen)
            yield from self._newer(seen)

    def _replayed(self, decoder: Decoder, parcels: tuple[Parcel, ...], hit: Seen | None = None) -> Iterator[Seen]:
        """Kept pictures in order, up to now; a hit is judged once more, in its context, and its motion stays."""
        decoder.reset()
        for parcel in parcels:
            for origin, picture in self._decoded(decoder, parcel):
                seen = self._judge(origin, picture)
                again = hit is not None and hit.frame.seq == seen.frame.seq
                yield from self._newer(eventful(hit, seen) if hit and again else seen)

    def _newer(self, seen: Seen) -> Iterator[Seen]:
        if seen.frame.seq > self._last_seq:
            self._last_seq = seen.frame.seq
            yield seen

    def _judge(self, parcel: Parcel, decoded: av.VideoFrame) -> Seen:
        self._alive()
        self._status.count("frames_decoded")
        if decoded.is_corrupt:
            self._damaged(parcel.stamp)
        else:
            self._sound(parcel, decoded)
        picture = Picture(decoded)
        frame = Frame(
            source=self._name,
            seq=parcel.seq,
            stamp=parcel.stamp,
            luma=picture.luma,
            chroma=picture,
            pts_s=parcel.pts_s,
            key=parcel.key,
            corrupt=decoded.is_corrupt,
        )
        return Seen(frame=frame, motion=self._watcher.see(frame))

    def _sound(self, parcel: Parcel, decoded: av.VideoFrame) -> None:
        width, height = decoded.width, decoded.height
        info = self._ring.info
        if info is not None and (info.width, info.height) != (width, height):
            self._ring.measured(width, height)
        self._status.delivered(parcel.stamp, width, height)

    def _damaged(self, stamp: Stamp) -> None:
        self._status.count("corrupt")
        self._status.damaged(stamp)
        self._watcher.gap()
