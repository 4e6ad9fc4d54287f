"""One stream's decoder: knows which pictures it can still decode and which packet each picture came from."""

import av
from av.video.stream import VideoStream

from gateway.sources.packets import Parcel, VideoPacket

Decoded = tuple[Parcel, av.VideoFrame]


_MOST_OWED = 32


class Decoder:
    """Single-threaded: many cameras already fill the cores, and frame threads cost delay.

    A picture depends on everything since its key frame, so after a packet was left out, damaged or lost nothing
    is decoded until the next key frame.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._context = stream.codec_context
        self._context.thread_type = "NONE"
        self._context.thread_count = 1
        self._primed = False
        self._behind = False
        self._owed: dict[int, Parcel] = {}

    def feed(self, parcel: Parcel, packet: VideoPacket | None = None) -> list[Decoded]:
        """Decode one packet; pictures may come later than their packet (B frames).

        `packet` is the parcel's original where the caller still has it. Raises `av.FFmpegError` when the packet
        is damaged; nothing more is decoded then until a key frame."""
        if not (parcel.key or self._primed):
            return []
        packet = packet or parcel.packet()
        packet.pts = packet.dts = parcel.seq  # the decoder hands it on to the picture
        self._primed, self._behind = True, False
        self._owed[parcel.seq] = parcel
        try:
            pictures = self._context.decode(packet)
        except av.FFmpegError:
            self.reset()
            raise
        return self._labelled(pictures)

    @property
    def behind(self) -> bool:
        """Whether packets of this GOP were left out on purpose: they can still be fed, from its key frame on."""
        return self._behind

    @property
    def primed(self) -> bool:
        """Whether the packet after the last one fed can be decoded."""
        return self._primed

    def skip(self) -> list[Decoded]:
        """A packet is left out; pictures still owed come now."""
        pictures = self.drain() if self._primed and self._owed else []
        self._behind = self._behind or self._primed
        self._primed = False
        return pictures

    def drain(self) -> list[Decoded]:
        """The pictures still inside the decoder; what follows must begin with a key frame."""
        try:
            return self._labelled(self._context.decode(None))
        finally:
            self.reset()

    def reset(self) -> None:
        """Forget everything; what follows must begin with a key frame."""
        if self._context.is_open:
            self._context.flush_buffers()
        self._primed = self._behind = False
        self._owed.clear()

    def _labelled(self, pictures: list[av.VideoFrame]) -> list[Decoded]:
        decoded = [(self._owed.pop(picture.pts), picture) for picture in pictures if picture.pts in self._owed]
        if len(self._owed) > _MOST_OWED:  # packets that never became a picture
            del self._owed[min(self._owed)]
        return decoded
