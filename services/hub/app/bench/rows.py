"""What a benchmark answers with: the same keys as the gateway's benchmarks."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. `goal` is the promise as text ("<= 20"), `holds` whether it is kept; None where there is none."""

    name: str
    value: float
    unit: str
    goal: str | None = None
    holds: bool | None = None


def document(name: str, rows: Sequence[Row]) -> str:
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"bench": name, "date": date, "machine": machine(), "rows": [asdict(row) for row in rows]})


def machine() -> str:
    """What was measured on, without naming the host."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def cpu_seconds(pid: int) -> float:
    """Of a process on Linux, in user and kernel (proc(5), `stat`)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
