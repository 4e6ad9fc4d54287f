"""What a room lived through, made fit for learning: causally filled, with the untypical taken out."""

from dataclasses import dataclass

import numpy as np

from gateway.climate.history import STEP_S, Rows
from gateway.climate.model.thermal import MAX_DELAY, delay_weights
from gateway.climate.words import Floats

Slots = np.ndarray[tuple[int], np.dtype[np.int64]]

QUARTERS = 96
"""Quarter hours of a day."""

_TYPICAL_OUTDOOR_C = 8.0
_RECOVERY_STEPS = 12
"""Rows after a window or a fault that still tell of it."""

_WARM_UP_STEPS = 36
"""Rows after which the hidden stores are known well enough for errors to count; again after each long gap."""

_GAP_STEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Arrays (n,): `temps` with NaN where unread, `duty` and `outdoor` filled from the past, `counts` whether the row
    may teach anything, `slot` its quarter hour (see `slots`), `local_s` its local POSIX time (by its place where no
    clock could be believed)."""

    temps: Floats
    duty: Floats
    outdoor: Floats
    counts: np.ndarray[tuple[int], np.dtype[np.bool_]]
    slot: Slots
    local_s: Floats

    def __len__(self) -> int:
        return len(self.temps)

    def inputs(self, delays: Floats, usual: Floats) -> Floats:
        """What drives m rooms with `delays` (m,), (n, m, 3); `usual` heat (192,) in K/h."""
        late = delayed(self.duty, delays)
        shared = np.stack([self.outdoor, usual[self.slot]], axis=1)[:, None, :]
        return np.concatenate([late[:, :, None], np.broadcast_to(shared, (*late.shape, 2))], axis=2)


def delayed(duty: Floats, delays: Floats) -> Floats:
    """`duty` (n,) as it arrives in m rooms after `delays` (m,) steps, (n, m)."""
    padded = np.concatenate([np.full(MAX_DELAY, duty[0] if len(duty) else 0.0), duty])
    past = np.stack([padded[MAX_DELAY - back : len(padded) - back] for back in range(MAX_DELAY + 1)], axis=1)
    return np.asarray(past @ delay_weights(delays).T, np.float64)


def series(rows: Rows, offset_s: float) -> Series:
    """`offset_s` is local time minus UTC."""
    temps = np.where(np.isfinite(rows["temp_c"]), rows["temp_c"], np.nan)
    return Series(
        temps=temps,
        duty=np.clip(_filled(rows["duty"], 0.0), 0, 1),
        outdoor=_filled(rows["outdoor_c"], _TYPICAL_OUTDOOR_C),
        counts=_typical(rows) & _settled(temps),
        local_s=_times(rows["time_s"]) + offset_s,
        slot=slots(_times(rows["time_s"]) + offset_s),
    )


def slots(local_s: Floats) -> Slots:
    """Quarter hours of local POSIX times (n,): 0..95 on weekdays, 96..191 at weekends."""
    day = np.floor(local_s / 86400)
    weekend = (day + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    return np.asarray((local_s - day * 86400) // 900 + QUARTERS * weekend, np.int64)


def _filled(values: Floats, first: float) -> Floats:
    """Unknown values are the last known ones, those before the first known are `first`."""
    known = np.isfinite(values)
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    return np.asarray(np.where(last >= 0, values[np.maximum(last, 0)], first), np.float64)


def _times(time_s: Floats) -> Floats:
    """Times by place, from the last that is known; a clock that was set anew moves all of the past, harmlessly."""
    known = np.flatnonzero(np.isfinite(time_s))
    anchor = known[-1] if len(known) else 0
    start = time_s[anchor] if len(known) else 0.0
    return np.asarray(start + STEP_S * (np.arange(len(time_s)) - anchor), np.float64)


def _typical(rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    odd = (rows["window"] > 0) | (rows["fault"] > 0)
    recent = np.convolve(odd, np.ones(_RECOVERY_STEPS + 1))[: len(odd)]
    return np.asarray(recent < 0.5, np.bool_)


def _settled(temps: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Read, and `_WARM_UP_STEPS` after the beginning or after a gap of more than `_GAP_STEPS`."""
    result = np.zeros(len(temps), np.bool_)
    seen, since = -_GAP_STEPS - 1, 0
    for number in np.flatnonzero(np.isfinite(temps)).tolist():
        if number - seen > _GAP_STEPS:
            since = number
        seen = number
        result[number] = number - since >= _WARM_UP_STEPS
    return result
