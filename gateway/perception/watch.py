"""One camera's frames -> who is there. Synchronous; runs on the face thread."""

from dataclasses import dataclass, field

from gateway.flow.board import Counters
from gateway.perception.ballot import Look
from gateway.perception.blazeface import Rgb
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import Gallery, Match, Verdict
from gateway.perception.quality import flaw_of, weight_of
from gateway.perception.regions import Region, around, regions
from gateway.perception.sighting import Sighting, distinct, sight
from gateway.perception.tracks import FaceTracker, Track
from gateway.seams import subject
from gateway.types import Detection, Event, Frame, FrameRef, Kind, Seen, Stamp, new_id

_PLACES = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """An event and the picture (H, W, 3) RGB, a face with its surroundings, that speaks for it."""

    event: Event
    picture: Rgb


@dataclass(slots=True, kw_only=True, eq=False)
class FaceWatch:
    """What is remembered of one camera. `model` is the id of the embedding model; the same person, or any stranger,
    is announced again only for a new track and after `cooldown_s`."""

    model: str
    counters: Counters
    cooldown_s: float = 30.0
    tracker: FaceTracker = field(default_factory=FaceTracker)
    following: bool = False
    settled: bool = False
    """Whether everybody in view has a name."""
    _turn: int = 0
    _told: dict[str | None, Stamp] = field(default_factory=dict)

    def look(self, seen: Seen, pipeline: FacePipeline, gallery: Gallery) -> Finding | None:
        """Find and follow the faces of one frame and match the one that was looked at least so far: at most two
        regions and one embedding a frame, so that no camera holds up the others."""
        token = subject.set(seen.frame.source)
        try:
            finding = self._look(seen, pipeline, gallery)
        finally:
            subject.reset(token)
        alive = self.tracker.alive(seen.frame.stamp)
        self.following = bool(alive)
        self.settled = self.following and all(track.ballot.named for track in alive)
        return finding

    def _look(self, seen: Seen, pipeline: FacePipeline, gallery: Gallery) -> Finding | None:
        frame = seen.frame
        sightings = distinct(self._sightings(seen, pipeline))
        self.counters.add("faces.found", len(sightings))
        tracks = self.tracker.follow([one.in_frame for one in sightings], frame.stamp)
        due = [pair for pair in zip(tracks, sightings, strict=True) if pair[0].due(frame.stamp)]
        if not due:
            return None
        track, sighting = min(due, key=lambda pair: pair[0].ballot.count + pair[0].poor)
        return self._judge(track, sighting, frame, pipeline, gallery)

    def _sightings(self, seen: Seen, pipeline: FacePipeline) -> list[Sighting]:
        """Around a face that is followed and where something moved, in turn where there are several."""
        frame = seen.frame
        self._turn += 1
        followed = [around(t.face, frame.size) for t in self.tracker.alive(frame.stamp)]
        moved = [r for r in regions(seen.motion.boxes, frame.size) if not any(f.covers(r) for f in followed)]
        near = _in_turn(followed, self._turn, 1)
        far = _in_turn(moved, self._turn, _PLACES - len(near))
        looks = [sight(frame, place, pipeline, near=True) for place in near]
        looks += [sight(frame, place, pipeline) for place in far]
        return [one for look in looks for one in look]

    def _judge(
        self, track: Track, sighting: Sighting, frame: Frame, pipeline: FacePipeline, gallery: Gallery
    ) -> Finding | None:
        track.looked = frame.stamp
        portrait = sighting.portrait(pipeline)
        flaw = flaw_of(portrait.face, portrait.quality)
        if flaw is not None:
            track.poor += 1
            self.counters.add(f"faces.{flaw}")
            return None
        look = Look(vector=pipeline.embed(portrait.chip), weight=weight_of(portrait.face, portrait.quality))
        self.counters.add("faces.matched")
        answer = track.ballot.cast(look, gallery)
        if answer is None or not self._news(answer, frame.stamp):
            return None
        return Finding(event=self._event(answer, track, sighting, frame), picture=sighting.picture())

    def _news(self, answer: Match, now: Stamp) -> bool:
        who = answer.person if answer.verdict is Verdict.RECOGNISED else None
        told = self._told.get(who)
        if told is not None and now.seconds_since(told) < self.cooldown_s:
            self.counters.add("faces.repeated")
            return False
        self._told[who] = now
        return True

    def _event(self, answer: Match, track: Track, sighting: Sighting, frame: Frame) -> Event:
        known = answer.verdict is Verdict.RECOGNISED
        detection = Detection(
            label=answer.name if known and answer.name else "face",
            score=min(1.0, max(0.0, answer.score)) if known else sighting.face.score,
            box=sighting.box(frame.size),
            model=self.model,
            frame=FrameRef(source=frame.source, seq=frame.seq, stamp=frame.stamp),
            track=track.id,
        )
        return Event(
            id=new_id(),
            kind=Kind.FACE_RECOGNISED if known else Kind.FACE_UNKNOWN,
            stamp=frame.stamp,
            began=track.began,
            source=frame.source,
            label=answer.name if known else None,
            detections=(detection,),
        )


def _in_turn(places: list[Region], turn: int, most: int) -> list[Region]:
    """At most `most` of them, others next time."""
    if not places:
        return []
    start = turn * most % len(places)
    return (places[start:] + places[:start])[:most]
