"""A room as three stores of heat (air, envelope, emitter) and an unexplained flow of heat, in steps of `STEP_S`.

The structure is TiTeTh of Bacher & Madsen (2011), 10.1016/j.enbuild.2011.02.005. Everything is relative to the
capacity of the air, since temperatures alone tell no kilowatts: heats are what they warm the air by, in K/h.
"""

from dataclasses import dataclass

import numpy as np

from gateway.climate.history import STEP_S
from gateway.climate.words import Floats

NAMES = ("emitter_h", "gain", "emitter", "envelope_air", "envelope", "air_loss", "envelope_loss", "delay")
"""What is learned: the emitter's time constant in h, what full power warms the air by in K/h, capacity of the emitter
and (fifth) of the envelope over that of the air, conductances to envelope, from air and from envelope (over its own
capacity) to the outside in 1/h, and the delay from command to heat in steps."""

STATES = 4
"""Air as the thermometer shows it, envelope, emitter in degC; unexplained heat in K/h."""

FADE_H = 2.5
"""The unexplained heat fades to its usual course with this time constant: sun and visitors last for hours."""

THERMOMETER_H = 0.1
"""How far a thermometer is behind the air, a first-order lag in h: in still air some minutes. It cannot be told apart
from an emitter's, so it is assumed."""

MAX_DELAY = 3
"""Longest delay in steps that can be learned."""

_HOURS = STEP_S / 3600
_SQUARINGS = 6
_TERMS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrete:
    """x' = a x + b [duty, outdoor, usual heat], for one step; for m rooms at once: a (m, 4, 4), b (m, 4, 3)."""

    a: Floats
    b: Floats


def continuous(parameters: Floats) -> Floats:
    """Derivatives by states and [duty, outdoor, usual heat] in 1/h, (m, 7, 7), of `parameters` (m, 8) as in `NAMES`;
    the inputs' own rows are 0."""
    emitter_h, gain, emitter, envelope_air, envelope, air_loss, envelope_loss, _ = parameters.T
    hand_over = emitter / emitter_h
    system = np.zeros((len(parameters), STATES + 3, STATES + 3))
    system[:, 0, 0] = -(envelope_air + air_loss + hand_over)
    system[:, 0, 1] = envelope_air
    system[:, 0, 2] = hand_over
    system[:, 0, 3] = system[:, 0, 6] = 1.0
    system[:, 0, 5] = air_loss
    system[:, 1, 0] = envelope_air / envelope
    system[:, 1, 1] = -(envelope_air / envelope + envelope_loss)
    system[:, 1, 5] = envelope_loss
    system[:, 2, 0] = 1 / emitter_h
    system[:, 2, 2] = -1 / emitter_h
    system[:, 2, 4] = gain / emitter
    system[:, 3, 3] = -1 / FADE_H
    return system


def discretise(parameters: Floats) -> Discrete:
    """`parameters` (m, 8), all positive. Inputs are constant within a step (exact)."""
    whole = _exponential(continuous(parameters) * _HOURS)
    return Discrete(a=whole[:, :STATES, :STATES].copy(), b=whole[:, :STATES, STATES:].copy())


def _exponential(matrices: Floats) -> Floats:
    """Scaling and squaring with a Taylor series; the norms here stay below 2 ** `_SQUARINGS`."""
    scaled = matrices / 2**_SQUARINGS
    term = np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape).copy()
    total = term.copy()
    for order in range(1, _TERMS + 1):
        term = term @ scaled / order
        total += term
    for _ in range(_SQUARINGS):
        total = total @ total
    return total


def delay_weights(delays: Floats) -> Floats:
    """The share of the duty 0, 1, ... `MAX_DELAY` steps ago in the heat of a step, (m, MAX_DELAY + 1), for `delays`
    (m,) in steps."""
    return np.asarray(np.clip(1 - np.abs(delays[:, None] - np.arange(MAX_DELAY + 1)), 0, 1), np.float64)


def loss(parameters: Floats) -> Floats:
    """What one kelvin over the outside costs in steady state, in K/h of air, (m,)."""
    _, _, _, envelope_air, envelope, air_loss, envelope_loss, _ = parameters.T
    outward = envelope_loss * envelope
    return np.asarray(air_loss + envelope_air * outward / (envelope_air + outward), np.float64)


def slowest_h(discrete: Discrete) -> float:
    """The slowest time constant of a single room, in h; infinite where it never settles."""
    pole = float(np.max(np.abs(np.linalg.eigvals(discrete.a[0]))))
    return np.inf if pole >= 1 else -_HOURS / float(np.log(pole))


def true_air(parameters: Floats) -> Floats:
    """What the air that a thermometer follows owes to states and inputs, (7,), of a single room: what is shown, and
    `THERMOMETER_H` of its slope."""
    shown = np.eye(STATES + 3)[0]
    return np.asarray(shown + THERMOMETER_H * continuous(parameters[None])[0, 0], np.float64)
