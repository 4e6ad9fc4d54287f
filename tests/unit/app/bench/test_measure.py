"""How the benchmarks take CPU time."""

import sys
from collections.abc import Iterator

import pytest

from gateway.app.bench.measure import cpu_seconds_of, interleaved
from gateway.errors import Refused

BURN = "n = 0\nwhile __import__('time').process_time() < 0.2: n += 1"


def test_the_time_of_a_child_and_of_its_children() -> None:
    grandchild = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}], check=True)"
    assert cpu_seconds_of([sys.executable, "-c", BURN]) >= 0.2
    assert cpu_seconds_of([sys.executable, "-c", grandchild]) >= 0.2


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (["/no/such/program"], "bench_needs_program"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "bench_program_failed"),
    ],
)
def test_what_cannot_be_measured_says_so(command: list[str], key: str) -> None:
    with pytest.raises(Refused) as caught:
        cpu_seconds_of(command)
    assert caught.value.key == key


def test_variants_take_turns() -> None:
    order: list[str] = []

    def counting(name: str) -> Iterator[float]:
        for n in range(9):
            order.append(name)
            yield float(n)

    first, second = counting("first"), counting("second")
    taken = interleaved({"first": lambda: next(first), "second": lambda: next(second)}, rounds=3)
    assert taken == {"first": [0, 1, 2], "second": [0, 1, 2]}
    assert order == ["first", "second"] * 3
