"""Samples that cannot be, but agree with each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.climate import saved

_FROZEN_S = 3600.0
_AGREE_K = 1.0


@dataclass(slots=True)
class Chain:
    """Refused samples in a row: perhaps the sensor was moved. `moved` tells that they differ at all, as those of a
    living sensor do. `jump_k` is how far they are off, if that is what they are: the sum of the steps that began them,
    without what the room did meanwhile."""

    began_s: float
    last: float
    last_s: float
    jump_k: float
    count: int = 1
    moved: bool = False

    def agrees(self, raw: float) -> bool:
        return abs(raw - self.last) <= _AGREE_K

    def joined(self, raw: float, at_s: float) -> bool:
        """Take one more sample in, where it agrees with the last one."""
        if not self.agrees(raw):
            return False
        self.moved = self.moved or raw != self.last
        self.last, self.last_s = raw, at_s
        self.count += 1
        return True

    def snapshot(self, now_s: float) -> dict[str, object]:
        """What is refused stays so over a restart: else a row of lies would be taken for a sensor that was silent."""
        return {
            "began_s": now_s - self.began_s,
            "last": self.last,
            "last_s": now_s - self.last_s,
            "jump_k": self.jump_k,
            "count": self.count,
            "moved": self.moved,
        }

    def broken(self, raw: float, at_s: float) -> "Chain":
        """The one that `raw` begins."""
        return Chain(at_s, raw, at_s, self.jump_k + raw - self.last)

    @classmethod
    def restored(cls, state: Mapping[str, object], then_s: float) -> "Chain | None":
        """`then_s` is when the snapshot was taken."""
        began_s, last, last_s, jump_k = (saved.number(state, key) for key in ("began_s", "last", "last_s", "jump_k"))
        if began_s is None or last is None or last_s is None or jump_k is None:
            return None
        count = int(saved.number(state, "count", 1, 1e9) or 1)
        return cls(then_s - began_s, last, then_s - last_s, jump_k, count, state.get("moved") is True)

    @property
    def frozen(self) -> bool:
        """Whether it has been one and the same value for an hour."""
        return not self.moved and self.last_s - self.began_s >= _FROZEN_S
