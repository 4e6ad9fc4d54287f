"""`python -m services.factory occupancy TRAINING.txt`: the weights of the occupancy cues, from one labelled office.

The file is `datatraining.txt` of the UCI occupancy set (cite Candanedo & Feldheim, Energy and Buildings 112 (2016)
28-39). Nothing is drawn at random: the regression is convex and solved by Newton's method, so the same file gives the
same weights. What is printed goes into `gateway/climate/sense/weights.py` by hand, so that a person looks at it.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.climate.sense.air import Air
from gateway.errors import Refused

Floats = npt.NDArray[np.float64]

RIDGE = 1e-3
"""Chosen with the lags of `Air` by leaving one day of the training file out at a time."""

_LIT_LUX = 250.0
_STEPS = 40


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="occupancy", description="train the cues of occupancy on one office")
    parser.add_argument("training", type=Path, metavar="TRAINING.txt")
    co2, light, label = read(parser.parse_args(arguments).training)
    weights = fit(air_features(co2), label)
    lit = light > _LIT_LUX
    sys.stdout.write(f"AIR = ({', '.join(f'{weight:.3f}' for weight in weights)})\n")
    sys.stdout.write(f"TRAINED_PRIOR = {np.mean(label):.4f}\n")
    sys.stdout.write(f"lit when occupied {np.mean(lit[label == 1]):.3f}, when empty {np.mean(lit[label == 0]):.3f}\n")
    return 0


def read(training: Path) -> tuple[list[tuple[float, float]], Floats, Floats]:
    """(CO2 ppm, time s) of each row, light lx (n,), labels 0 or 1 (n,). Raises `Refused` ("training_unreadable")."""
    try:
        with training.open(encoding="ascii", newline="") as file:
            rows = [row[-7:] for row in csv.reader(file)][1:]
        co2 = [(float(row[4]), datetime.fromisoformat(row[0] + "+00:00").timestamp()) for row in rows]
        light, label = ([float(row[column]) for row in rows] for column in (3, 6))
    except (OSError, ValueError, IndexError) as error:
        raise Refused("training_unreadable", file=training.name, said=type(error).__name__) from None
    return co2, np.asarray(light), np.asarray(label)


def air_features(co2: list[tuple[float, float]]) -> Floats:
    """What the device makes of these samples, in order (n, FEATURES)."""
    air = Air()
    return np.asarray([air.features(ppm, at_s) for ppm, at_s in co2])


def fit(features: Floats, label: Floats) -> Floats:
    """Weights (FEATURES,) of the ridge-penalised logistic regression; the intercept, first, is not penalised."""
    rows, width = features.shape
    penalty = np.full(width, RIDGE * rows)
    penalty[0] = 0.0
    weights = np.zeros(width)
    for _ in range(_STEPS):
        odds = np.clip(features @ weights, -30, 30)
        likely = 1.0 / (1.0 + np.exp(-odds))
        slope = features.T @ (likely - label) + penalty * weights
        curvature = (features.T * (likely * (1.0 - likely))) @ features + np.diag(penalty)
        weights -= np.linalg.solve(curvature, slope)
    return weights
