"""A watcher that does what it is told."""

from collections.abc import Callable, Collection

from gateway.types import Box, Frame, FrameRef, Motion, Stamp

_SOMEWHERE = Box(x0=0.25, y0=0.25, x1=0.5, y1=0.5)


class FakeWatcher:
    """Wants every packet, or key packets only until the first hit; sees motion in the frames of `moving` (by `seq`)
    and asks for a back-fill after a hit on a key frame. Remembers what it was shown."""

    def __init__(
        self,
        *,
        keys_only: bool = False,
        moving: Collection[int] = (),
        on_see: Callable[[Frame], None] = lambda _frame: None,
    ) -> None:
        self.seen: list[FrameRef] = []
        self.corrupt: list[int] = []
        self.gaps = 0
        self._keys_only = keys_only
        self._moving = moving
        self._on_see = on_see
        self._backfill = False

    def wants(self, *, key: bool, stamp: Stamp) -> bool:  # noqa: ARG002  # part of the seam
        return key or not self._keys_only

    def backfill(self) -> bool:
        asked, self._backfill = self._backfill, False
        return asked

    def see(self, frame: Frame) -> Motion:
        self._on_see(frame)
        ref = FrameRef(source=frame.source, seq=frame.seq, stamp=frame.stamp)
        self.seen.append(ref)
        if frame.corrupt:
            self.corrupt.append(frame.seq)
        moved = frame.seq in self._moving
        if moved and frame.key and self._keys_only:
            self._keys_only, self._backfill = False, True
        return Motion(frame=ref, boxes=(_SOMEWHERE,) if moved else ())

    def gap(self) -> None:
        self.gaps += 1
