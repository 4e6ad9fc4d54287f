"""What is going on in the stores nobody measures: a Kalman filter with constant gain, for many rooms at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gateway.climate.history import STEP_S
from gateway.climate.model.recurrence import live_through
from gateway.climate.model.thermal import FADE_H, STATES, Discrete
from gateway.climate.words import Floats

READING_C = 0.06
"""Standard deviation of a reading: noise, and a rounding to 0.1 C."""

_STORES_C = (0.015, 0.008, 0.03)
"""What a step adds to air, envelope and emitter beyond the model, standard deviations."""

_DOUBLINGS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """For m rooms: `gain` (m, 4) weighs an innovation, `spread` (m,) is its standard deviation in C, and `before` and
    `after` (m, 4, 4) are the covariances of the state before and after a reading."""

    gain: Floats
    spread: Floats
    before: Floats
    after: Floats


def steady_gain(discrete: Discrete, unrest: float) -> Gain:
    """`unrest` is the standard deviation of the unexplained heat in K/h. The Riccati equation is solved by doubling
    (Anderson 1978, Int. J. Control 28)."""
    noise = np.zeros((STATES, STATES))
    fade = np.exp(-2 * STEP_S / 3600 / FADE_H)
    np.fill_diagonal(noise, [*(c**2 for c in _STORES_C), unrest**2 * (1 - fade)])
    before = _riccati(discrete.a, noise)
    variance = before[:, 0, 0] + READING_C**2
    gain = before[:, :, 0] / variance[:, None]
    after = before - gain[:, :, None] * before[:, None, 0, :]
    return Gain(gain=gain, spread=np.sqrt(variance), before=before, after=after)


def _riccati(a: Floats, noise: Floats) -> Floats:
    identity = np.eye(STATES)
    forward = np.swapaxes(a, 1, 2)
    seen = np.zeros_like(a)
    seen[:, 0, 0] = 1 / READING_C**2
    covariance = np.broadcast_to(noise, a.shape)
    for _ in range(_DOUBLINGS):
        inverse = np.linalg.inv(identity + seen @ covariance)
        step = forward @ inverse
        back = np.swapaxes(forward, 1, 2)
        covariance = covariance + back @ covariance @ inverse @ forward
        seen = seen + step @ seen @ back
        forward = step @ forward
    return np.asarray(covariance, np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """Innovations (n, m) in C (NaN where there was no reading) and states after each reading (n, m, 4)."""

    innovations: Floats
    states: Floats


def run(discrete: Discrete, gain: Gain, inputs: Floats, temps: Floats, start: Floats) -> Filtered:
    """`inputs` (n, m, 3), `temps` (n,) with NaN where unread, `start` (m, 4) before the first step.

    With the constant gain a step is linear, the same for all rows read and for all rows unread.
    """
    read = np.isfinite(temps)
    states = np.swapaxes(inputs, 0, 1) @ np.swapaxes(discrete.b, 1, 2)
    missed = np.where(read, temps - states[:, :, 0], 0)
    states += missed[:, :, None] * gain.gain[:, None, :]
    corrected = discrete.a - gain.gain[:, :, None] * discrete.a[:, None, 0, :]
    state = start
    for rows in _stretches(read):
        matrix = corrected if read[rows.start] else discrete.a
        live_through(matrix, states[:, rows], state)
        state = states[:, rows.stop - 1]
    # A reading moves the air by its share of the innovation; what is left of that tells the innovation.
    innovations = (temps[:, None] - states[:, :, 0].T) / (1 - gain.gain[:, 0])
    return Filtered(innovations=innovations, states=np.swapaxes(states, 0, 1))


def _stretches(read: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Iterator[slice]:
    """Consecutive rows that are all read, or all unread."""
    edges = np.flatnonzero(np.diff(read)) + 1
    return (slice(begin, end) for begin, end in pairwise([0, *edges.tolist(), len(read)]) if end > begin)


def smooth(discrete: Discrete, gain: Gain, inputs: Floats, states: Floats) -> Floats:
    """States of a single room in hindsight, (n, 4), from filtered `states` (n, 4) and `inputs` (n, 3): the backward
    pass of Rauch, Tung & Striebel (1965), with the constant covariances of the filter."""
    a = discrete.a[0]
    backward = gain.after[0] @ a.T @ np.linalg.inv(gain.before[0])
    foreseen = states[:-1] @ a.T + inputs[1:] @ discrete.b[0].T
    smoothed = states.copy()
    smoothed[:-1] -= foreseen @ backward.T
    live_through(backward[None], smoothed[None, -2::-1], states[None, -1])
    return smoothed
