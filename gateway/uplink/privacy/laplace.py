"""Whole-numbered Laplace noise, drawn exactly: no floating-point number is in it that could tell the secret.

Canonne, Kamath & Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithm 2. (Mironov 2012 shows how
the rounding of the usual sampler gives the exact count away.)
"""

from collections.abc import Callable
from fractions import Fraction

Below = Callable[[int], int]
"""`secrets.randbelow`, or a seeded stand-in: a uniform whole number from 0 to its argument less 1."""


def discrete_laplace(scale: Fraction, below: Below) -> int:
    """x with probability proportional to exp(-|x| / scale); `scale` > 0."""
    numerator, denominator = scale.numerator, scale.denominator
    while True:
        remainder = below(numerator)
        if not _bernoulli_exp(Fraction(remainder, numerator), below):
            continue
        rounds = 0
        while _bernoulli_exp(Fraction(1), below):
            rounds += 1
        magnitude = (remainder + numerator * rounds) // denominator
        negative = below(2) == 1
        if not (negative and magnitude == 0):
            return -magnitude if negative else magnitude


def _bernoulli_exp(gamma: Fraction, below: Below) -> bool:
    """True with probability exp(-gamma), for gamma of 0 to 1."""
    round_ = 1
    while below(gamma.denominator * round_) < gamma.numerator:
        round_ += 1
    return round_ % 2 == 1
