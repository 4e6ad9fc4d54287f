"""Learning a room's parameters: maximum a posteriori by damped Gauss-Newton on what the filter could not foresee.

Prediction-error method (Ljung, System Identification, 2nd ed., section 7.4) with wide log-normal priors, so that a few
days suffice and a parameter nothing was learned of stays typical; errors beyond `_HUBER` deviations weigh less.
"""

from dataclasses import dataclass

import numpy as np

from gateway.climate.model import kalman
from gateway.climate.model.series import Series
from gateway.climate.model.thermal import MAX_DELAY, STATES, discretise
from gateway.climate.words import Floats

_RADIATOR = (0.35, 3.5, 0.06, 0.6, 4.0, 0.035, 0.02, 1.5)
_FLOOR = (2.0, 3.0, 0.8, 0.7, 6.0, 0.03, 0.01, 1.5)
_WIDTH = np.array([0.8, 0.6, 0.9, 0.5, 0.6, 0.8, 0.8, 0.7])
"""Standard deviation of each parameter's logarithm; of the delay, of its logit."""

_HUBER = 2.5
_STEPS = 12
_ENOUGH = 1e-4
"""Relative gain of a step below which the search ends."""

_NUDGE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """`parameters` (8,) as in `thermal.NAMES`, `unrest` of the unexplained heat in K/h, and what it cost."""

    parameters: Floats
    unrest: float
    cost: float


def priors() -> tuple[Floats, ...]:
    """Typical parameters (8,) of rooms with radiators and with floor heating."""
    return np.array(_RADIATOR), np.array(_FLOOR)


def fit(series: Series, usual: Floats, start: Floats, prior: Floats, unrest: float) -> Fitted:
    """From `start` (8,) to the most plausible parameters; `usual` heat (192,) in K/h and `unrest` are given."""
    middle = _free(prior)
    point = _free(start)
    damping = 1e-2
    residual, jacobian = _linearise(series, usual, point, middle, unrest)
    cost = float(residual @ residual)
    for _ in range(_STEPS):
        normal = jacobian.T @ jacobian
        move = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -jacobian.T @ residual)
        trial = point + np.clip(move, -1, 1)
        trial_residual, trial_jacobian = _linearise(series, usual, trial, middle, unrest)
        trial_cost = float(trial_residual @ trial_residual)
        if not trial_cost < cost:
            damping *= 10
            continue
        done = cost - trial_cost < _ENOUGH * cost
        point, residual, jacobian, cost, damping = trial, trial_residual, trial_jacobian, trial_cost, damping / 5
        if done:
            break
    return Fitted(parameters=_natural(point[None])[0], unrest=unrest, cost=cost)


def _free(parameters: Floats) -> Floats:
    """Logarithms, and the logit of the delay: any real numbers are allowed."""
    share = parameters[..., 7] / MAX_DELAY
    result = np.log(parameters)
    result[..., 7] = np.log(share / (1 - share))
    return np.asarray(result, np.float64)


def _natural(point: Floats) -> Floats:
    result = np.exp(np.clip(point, -8, 8))
    result[..., 7] = MAX_DELAY / (1 + np.exp(-point[..., 7]))
    return np.asarray(result, np.float64)


def _linearise(series: Series, usual: Floats, point: Floats, middle: Floats, unrest: float) -> tuple[Floats, Floats]:
    """Residuals (r,) and their derivatives (r, 8), all candidates filtered at once."""
    points = point + _NUDGE * np.vstack([np.zeros(len(point)), np.eye(len(point))])
    errors = surprises(series, _natural(points), usual, unrest)
    weight = np.sqrt(np.minimum(1, _HUBER / np.maximum(np.abs(errors[:, 0]), 1e-9)))[:, None]
    both = np.vstack([errors * weight, ((points - middle) / _WIDTH).T])
    return both[:, 0], (both[:, 1:] - both[:, :1]) / _NUDGE


def surprises(series: Series, parameters: Floats, usual: Floats, unrest: float) -> Floats:
    """What m rooms could not foresee one step ahead, in their own standard deviations, (rows that count, m)."""
    discrete = discretise(parameters)
    gain = kalman.steady_gain(discrete, unrest)
    inputs = series.inputs(parameters[:, 7], usual)
    start = rest(series, len(parameters))
    return np.asarray(
        kalman.run(discrete, gain, inputs, series.temps, start).innovations[series.counts] / gain.spread, np.float64
    )


def likelihood(series: Series, parameters: Floats, usual: Floats, unrest: float) -> float:
    """Negative log likelihood of one room's `parameters` (8,) and `unrest`, with tails that weigh less."""
    errors = np.abs(surprises(series, parameters[None], usual, unrest)[:, 0])
    spread = kalman.steady_gain(discretise(parameters[None]), unrest).spread[0]
    bent = np.where(errors < _HUBER, errors**2, _HUBER * (2 * errors - _HUBER))
    return float(np.sum(bent) / 2 + len(errors) * np.log(spread))


def rest(series: Series, rooms: int) -> Floats:
    """A plausible state before the first row, (m, 4)."""
    known = series.temps[np.isfinite(series.temps)]
    air = float(known[0]) if len(known) else 20.0
    outdoor = float(series.outdoor[0])
    return np.tile(np.array([air, air - 0.15 * (air - outdoor), air, 0.0]), (rooms, 1)).reshape(rooms, STATES)
