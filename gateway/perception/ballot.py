"""Several looks at one face, one answer."""

from collections import deque
from dataclasses import dataclass, field

from gateway.perception.blazeface import Floats
from gateway.perception.gallery import Gallery, Match, Verdict, mean_template

_KEPT = 5
_RECENT = 3
_AGREEING = 2
_GOOD_LOOKS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """One frame's unit vector (128,) of a face; `weight` says how good the picture was."""

    vector: Floats
    weight: float


@dataclass(slots=True, kw_only=True, eq=False)
class Ballot:
    """The votes of one track. `cast` answers once for a name and once for "unknown"; a name may still follow an
    "unknown", never the other way round, and never a second name."""

    looks: list[Look] = field(default_factory=list)
    recent: deque[Match] = field(default_factory=lambda: deque(maxlen=_RECENT))
    count: int = 0
    said: Match | None = None

    @property
    def named(self) -> bool:
        return self.said is not None and self.said.verdict is Verdict.RECOGNISED

    def cast(self, look: Look, gallery: Gallery) -> Match | None:
        """The answer that this look brings about, None while there is nothing new to say."""
        if self.named:
            return None
        self.count += 1
        self.looks = sorted([*self.looks, look], key=lambda one: -one.weight)[:_KEPT]
        self.recent.append(gallery.match(look.vector))
        answer = self._name() or self._nobody(gallery)
        self.said = answer or self.said
        return answer

    def _name(self) -> Match | None:
        """Sure in this frame, or nearly sure of the same person in two of the last three."""
        last = self.recent[-1]
        if last.verdict is Verdict.UNKNOWN:
            return None
        agreeing = [m for m in self.recent if m.verdict is not Verdict.UNKNOWN and m.person == last.person]
        if last.verdict is Verdict.RECOGNISED or len(agreeing) >= _AGREEING:
            return Match(
                verdict=Verdict.RECOGNISED,
                score=last.score,
                margin=last.margin,
                person=last.person,
                name=last.name,
            )
        return None

    def _nobody(self, gallery: Gallery) -> Match | None:
        """Unknown for good looks enough, and unknown also on their average."""
        if self.said is not None or self.count < _GOOD_LOOKS:
            return None
        if any(match.verdict is not Verdict.UNKNOWN for match in self.recent):
            return None
        mean = gallery.match(mean_template([look.vector for look in self.looks]))
        return mean if mean.verdict is Verdict.UNKNOWN else None
