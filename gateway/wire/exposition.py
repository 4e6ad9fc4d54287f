"""Prometheus' text format, version 0.0.4.

Source: prometheus.io, "Exposition formats".
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]
Kind = Literal["counter", "gauge", "summary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric. `samples` are (suffix of the name, labels, value); nothing is written of a family without any."""

    name: str
    kind: Kind
    help: str
    samples: Iterable[tuple[str, Labels, float]]


def exposition(families: Iterable[Family]) -> str:
    return "".join(line for family in families for line in _family(family))


def _family(family: Family) -> list[str]:
    lines = [f"{family.name}{suffix}{_labels(labels)} {_number(value)}\n" for suffix, labels, value in family.samples]
    if not lines:
        return []
    told = family.help.replace("\\", r"\\").replace("\n", r"\n")
    return [f"# HELP {family.name} {told}\n", f"# TYPE {family.name} {family.kind}\n", *lines]


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value)
