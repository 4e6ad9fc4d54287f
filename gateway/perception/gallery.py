"""Whose face is it? Open-set matching of a unit vector against one mean template per person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from gateway.perception.blazeface import Floats


class Verdict(StrEnum):
    RECOGNISED = "recognised"
    MAYBE = "maybe"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Cosines to the template; they belong to one embedding model. `margin` is the least distance to the second
    best person."""

    recognised: float = 0.943
    maybe: float = 0.929
    margin: float = 0.015

    @classmethod
    def of(cls, card: Mapping[str, float]) -> "Thresholds":
        """Those of a model card; what it does not say is the default."""
        known = {name: card[name] for name in ("recognised", "maybe", "margin") if name in card}
        return cls(**known)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Template:
    """One person: `vector` (128,) is the unit mean of the enrolled faces, `model` the SHA-256 of the embedding
    model that made it."""

    person: str
    name: str
    model: str
    vector: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`name` and `person` of the nearest template even where the verdict is UNKNOWN (None in an empty gallery);
    `score` is the cosine, `margin` the distance to the second best."""

    verdict: Verdict
    score: float = 0.0
    margin: float = 0.0
    person: str | None = None
    name: str | None = None


NOBODY = Match(verdict=Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gallery:
    """Everybody who may be recognised. Templates of a model that is neither `model` nor `comparable` with it are left
    out of matching and listed in `stale`: these people must enrol anew."""

    model: str
    comparable: frozenset[str] = frozenset()
    templates: tuple[Template, ...] = ()
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def usable(self) -> tuple[Template, ...]:
        return tuple(t for t in self.templates if self._readable(t))

    @property
    def stale(self) -> tuple[Template, ...]:
        return tuple(t for t in self.templates if not self._readable(t))

    def _readable(self, template: Template) -> bool:
        return template.model == self.model or template.model in self.comparable

    def match(self, vector: Floats) -> Match:
        """The verdict on a unit vector (128,)."""
        usable = self.usable
        if not usable:
            return NOBODY
        scores = np.stack([t.vector for t in usable]) @ vector
        best = int(np.argmax(scores))
        rest = np.delete(scores, best)
        score, margin = float(scores[best]), float(scores[best] - rest.max()) if rest.size else 1.0
        return Match(
            verdict=self._verdict(score, margin),
            score=score,
            margin=margin,
            person=usable[best].person,
            name=usable[best].name,
        )

    def _verdict(self, score: float, margin: float) -> Verdict:
        if margin < self.thresholds.margin or score < self.thresholds.maybe:
            return Verdict.UNKNOWN
        return Verdict.RECOGNISED if score >= self.thresholds.recognised else Verdict.MAYBE


def mean_template(vectors: Sequence[Floats]) -> Floats:
    """The unit mean (128,) of unit vectors; at least one."""
    total = np.sum(vectors, axis=0, dtype=np.float64)
    return np.asarray(total / np.linalg.norm(total), np.float32)
