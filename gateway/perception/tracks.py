"""Following faces from frame to frame, so that one visit is one event."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gateway.perception.ballot import Ballot
from gateway.perception.blazeface import Face
from gateway.types import Stamp, new_id

_LONGEST_GAP_S = 2.0
_STRANGER_EVERY_S = 1.0
_FARTHEST = 1.2
_MOST_GROWTH = 1.7


@dataclass(slots=True, kw_only=True, eq=False)
class Track:
    """One face over time: where it was last and the votes so far. `face` is in px of the frame, `poor` counts the
    looks that were not good enough to vote."""

    face: Face
    began: Stamp
    seen: Stamp
    id: str = field(default_factory=new_id)
    ballot: Ballot = field(default_factory=Ballot)
    poor: int = 0
    looked: Stamp | None = None

    def due(self, now: Stamp) -> bool:
        """Whether a look is worth its cost: not once there is a name, and seldom at somebody who is unknown."""
        if self.ballot.named:
            return False
        return self.looked is None or self.ballot.said is None or now.seconds_since(self.looked) >= _STRANGER_EVERY_S


class FaceTracker:
    """Pure but for its memory; one per camera. Frames come in order."""

    def __init__(self, longest_gap_s: float = _LONGEST_GAP_S) -> None:
        self._longest_gap_s = longest_gap_s
        self._tracks: list[Track] = []

    def alive(self, now: Stamp) -> tuple[Track, ...]:
        """Tracks seen within the longest gap; the others are forgotten."""
        self._tracks = [t for t in self._tracks if now.seconds_since(t.seen) <= self._longest_gap_s]
        return tuple(self._tracks)

    def follow(self, faces: Sequence[Face], stamp: Stamp) -> list[Track]:
        """The track of each face, in order, new or known; nearest pairs first, each track at most once."""
        known = self.alive(stamp)
        found: dict[int, Track] = {}
        for _, at, track in sorted(_pairs(faces, known), key=lambda pair: pair[0]):
            if at not in found and not any(track is taken for taken in found.values()):
                found[at] = track
        return [self._seen(found.get(at), face, stamp) for at, face in enumerate(faces)]

    def _seen(self, track: Track | None, face: Face, stamp: Stamp) -> Track:
        if track is None:
            track = Track(face=face, began=stamp, seen=stamp)
            self._tracks.append(track)
        track.face, track.seen = face, stamp
        return track


def _pairs(faces: Sequence[Face], tracks: Sequence[Track]) -> list[tuple[float, int, Track]]:
    """Every pair that may be the same face: its distance in face widths, the face's place, the track."""
    pairs = []
    for at, face in enumerate(faces):
        for track in tracks:
            away = float(np.hypot(*np.subtract(face.centre, track.face.centre))) / max(track.face.width, 1.0)
            growth = face.width / max(track.face.width, 1.0)
            if away <= _FARTHEST and 1 / _MOST_GROWTH <= growth <= _MOST_GROWTH:
                pairs.append((away, at, track))
    return pairs
