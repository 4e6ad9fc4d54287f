"""Whether a thermometer may be believed: error codes, Fahrenheit, jumps, and the way back from them.

Limits from the fault table: rooms lie within -10..45 degC and do not change by more than 3 K in five minutes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.climate import saved
from gateway.climate.intake.chain import Chain
from gateway.climate.intake.checks import Verdict

ERROR_CODES = frozenset({85.0, -127.0})
"""What a DS18B20 says after a reset and when it is gone."""

FORGET_S = 6 * 3600.0
"""Where nothing was heard for so long, the last value tells nothing of the next one."""

_DOUBT_S = 72 * 3600.0
_YOUNG_S = 24 * 3600.0
_QUICK_S = 600.0
_SAMPLES = 3
_RETURN_K = 3.0
_CREPT_S = 2 * 3600.0
"""Refused values that go on for longer and come near by themselves: it may be the room that has come to where the lies
are. An airing is over by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is to be expected of a thermometer, by where it hangs. A jump by more than `jump_k` is believed after
    `persist_s`; a sensor that is new here, or that another one bears out, needs ten minutes."""

    low: float
    high: float
    jump_k: float = 3.0
    persist_s: float = _QUICK_S
    zero_k: float = 0.0
    """Exactly 0.0 as the first word is believed where this is not positive: indoors an empty battery says so."""


ROOM = Kind(low=-10.0, high=45.0, persist_s=12 * 3600.0, zero_k=1.0)
FLOOR = Kind(low=-10.0, high=60.0, jump_k=5.0, zero_k=1.0)
OUTDOOR = Kind(low=-50.0, high=55.0, jump_k=6.0)


class Thermometer:
    """One sensor's samples in order. `last` is the last believed value, before any calibration."""

    def __init__(self, kind: Kind) -> None:
        self.last: float | None = None
        self.last_s = -math.inf
        self.first_s: float | None = None
        self.doubt = 0.0
        self.doubt_since_s = -math.inf
        self.stuck = False
        self._kind = kind
        self._chain: Chain | None = None

    @property
    def frozen(self) -> bool:
        return self._chain is not None and self._chain.frozen

    def judge(self, raw: float, at_s: float, support: float | None = None) -> Verdict:
        if not math.isfinite(raw):
            return Verdict(None, "not_finite")
        if self.doubt and at_s - self.doubt_since_s > _DOUBT_S:
            self.doubt = 0.0
        if self._near(raw, at_s):
            return self._believe(raw, at_s)
        celsius = (raw - 32.0) / 1.8
        if self._is_fahrenheit(raw, celsius):
            return self._believe(celsius, at_s, "fahrenheit")
        return self._refuse(raw, at_s, support)

    def _is_fahrenheit(self, raw: float, celsius: float) -> bool:
        """Read in degF it follows on the last value; where there is none, it makes sense in degF only."""
        if self.last is None:
            return raw not in ERROR_CODES and not self._fits(raw) and 5.0 <= celsius <= 35.0
        return self._fits(celsius) and abs(celsius - self.last) <= self._kind.jump_k

    def _fits(self, value: float) -> bool:
        return self._kind.low <= value <= self._kind.high

    def _near(self, raw: float, at_s: float) -> bool:
        """Whether `raw` can follow on the last believed value."""
        if not self._fits(raw):
            return False
        if self.last is None or (self._chain is None and at_s - self.last_s > FORGET_S):
            return raw != 0.0 or self._kind.zero_k <= 0
        jump = raw - self.last
        if self.doubt and abs(jump + self.doubt) <= _RETURN_K:
            self.doubt = 0.0
            return True
        if abs(jump) > self._allowed_k(raw, at_s):
            return False
        chain = self._chain
        if chain is not None and chain.agrees(raw) and at_s - chain.began_s >= _CREPT_S:
            self._suspect(chain.jump_k, at_s)
        return True

    def _allowed_k(self, raw: float, at_s: float) -> float:
        """A silent room may have changed more; while refused samples came, it is warmed blindly and drifts slowly. Who
        leaves a row of refused values comes back from a fault: then more is believed at once."""
        hours = max(0.0, at_s - self.last_s - 300.0) / 3600.0
        if self.stuck:
            return max(8.0, self._kind.jump_k)
        if self._chain is None:
            return self._kind.jump_k + min(4.0 * hours, 9.0)
        if self._chain.count >= _SAMPLES and abs(raw - self._chain.last) > self._kind.jump_k:
            return self._kind.jump_k + min(1.0 * hours, 5.0)
        return self._kind.jump_k + min(0.25 * hours, 1.5)

    def _suspect(self, off_k: float, at_s: float) -> None:
        self.doubt += off_k
        self.doubt_since_s = at_s

    def _believe(self, value: float, at_s: float, key: str = "") -> Verdict:
        self.first_s = at_s if self.first_s is None else self.first_s
        self.last, self.last_s, self._chain = value, at_s, None
        return Verdict(value, key)

    def _refuse(self, raw: float, at_s: float, support: float | None) -> Verdict:
        if raw in ERROR_CODES:
            return Verdict(None, "error_code")
        if not self._fits(raw):
            return Verdict(None, "out_of_range")
        if raw == 0.0:
            return Verdict(None, "zero")
        if self._chain is None:
            self._chain = Chain(at_s, raw, at_s, 0.0 if self.last is None else raw - self.last)
        elif not self._chain.joined(raw, at_s):
            self._chain = self._chain.broken(raw, at_s)
        return self._settle(raw, at_s, support) or Verdict(None, "jump")

    def _settle(self, raw: float, at_s: float, support: float | None) -> Verdict | None:
        """Believes a jump that lasts; None while it does not last long enough."""
        chain = self._chain
        assert chain is not None
        assert self.last is not None  # a first value is never a jump
        lasted_s = at_s - chain.began_s
        if chain.count < _SAMPLES or lasted_s < _QUICK_S:
            return None
        borne_out = support is not None and abs(raw - support) + 1.0 < abs(self.last - support)
        young = self.first_s is not None and at_s - self.first_s < _YOUNG_S
        if not borne_out and not (chain.moved and (young or lasted_s >= self._kind.persist_s)):
            return None
        if not borne_out:
            self._suspect(chain.jump_k, at_s)
        return self._believe(raw, at_s, "moved")

    def snapshot(self, now_s: float) -> dict[str, object]:
        return {
            "doubt": self.doubt,
            "known_s": 0.0 if self.first_s is None else now_s - self.first_s,
            "chain": {} if self._chain is None else self._chain.snapshot(now_s),
        }

    def restore(self, state: Mapping[str, object], then_s: float) -> None:
        """A doubt lasts its full time again: how old it was is of no use where clocks are not believed."""
        self.doubt = saved.number(state, "doubt", -100.0, 100.0) or 0.0
        self.doubt_since_s = then_s
        self.first_s = then_s - (saved.number(state, "known_s", 0.0) or 0.0)
        self._chain = Chain.restored(saved.mapping(state, "chain"), then_s)
