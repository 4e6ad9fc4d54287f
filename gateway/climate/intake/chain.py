"""Samples that cannot be, but agree with each other."""

from dataclasses import dataclass

_FROZEN_S = 3600.0
_AGREE_K = 1.0


@dataclass(slots=True)
class Chain:
    """Refused samples in a row: perhaps the sensor was moved. `moved` tells that they differ at all, as those of a
    living sensor do."""

    began_s: float
    last: float
    last_s: float
    count: int = 1
    moved: bool = False

    def joined(self, raw: float, at_s: float) -> bool:
        """Take one more sample in, where it agrees with the last one."""
        if abs(raw - self.last) > _AGREE_K:
            return False
        self.moved = self.moved or raw != self.last
        self.last, self.last_s = raw, at_s
        self.count += 1
        return True

    @property
    def frozen(self) -> bool:
        """Whether it has been one and the same value for an hour."""
        return not self.moved and self.last_s - self.began_s >= _FROZEN_S
