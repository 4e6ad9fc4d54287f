"""Taking CPU time and memory fairly."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.errors import Refused

_STATM = Path("/proc/self/statm")


def resident_mb() -> float:
    """Of this process, now."""
    return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds_of(argv: Sequence[str]) -> float:
    """User and system time of a command and its children. Raises `Refused` where it is missing or fails."""
    try:
        process = subprocess.Popen(  # noqa: S603  # benchmarks give fixed arguments
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
    except OSError:
        raise Refused("bench_needs_program", program=argv[0]) from None
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Refused("bench_program_failed", program=argv[0], said=said.decode(errors="replace")[-300:])
    return usage.ru_utime + usage.ru_stime


def interleaved(variants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Each variant once a round, so that what else the machine does meets all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, measure in variants.items():
            taken[name].append(measure())
    return taken
