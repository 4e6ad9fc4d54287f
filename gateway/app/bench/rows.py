"""What a benchmark answers with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. `goal` is the promise as text ("<= 20"), `holds` whether it is kept; None where there is none."""

    name: str
    value: float
    unit: str
    goal: str | None
    holds: bool | None
