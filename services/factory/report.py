"""The table before and after: what a build costs and how good it is, for people (Markdown) and programs (JSON)."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.models import files
from services.factory.gate import Gate, failed
from services.factory.macs import macs
from services.factory.runner import cpu_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One build. `cpu_ms` is processor time on one core, `metrics` what its accuracy was measured by."""

    name: str
    bytes: int
    cpu_ms: float
    macs: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`gates` are those of the build `judged`; `notes` say on what data and how it was measured."""

    title: str
    rows: tuple[Row, ...]
    judged: str
    gates: tuple[Gate, ...]
    notes: tuple[str, ...]

    def row(self, name: str) -> Row:
        return next(row for row in self.rows if row.name == name)


def measured(models: Mapping[str, bytes], metrics: Mapping[str, Mapping[str, float]]) -> tuple[Row, ...]:
    """A row per model, timed side by side."""
    times = cpu_ms(models)
    return tuple(
        Row(name=name, bytes=len(data), cpu_ms=round(times[name], 3), macs=macs(data), metrics=dict(metrics[name]))
        for name, data in models.items()
    )


def markdown(report: Report) -> str:
    columns = tuple(dict.fromkeys(metric for row in report.rows for metric in row.metrics))
    lines = [f"# {report.title}", "", *_table(report.rows, columns), ""]
    lines += [f"- {note}" for note in report.notes]
    broken = failed(report.row(report.judged).metrics, report.gates)
    lines += ["", f"Gates of “{report.judged}”:", ""]
    lines += [
        f"- {gate.metric} ≥ {gate.at_least:g}: {'**failed**' if gate in broken else 'holds'}" for gate in report.gates
    ]
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[Row], columns: Sequence[str]) -> list[str]:
    head = ["build", "bytes", "CPU ms", "MACs", *columns]
    cells = [head, ["---"] * len(head)]
    for row in rows:
        figures = [f"{row.metrics[column]:.4f}" if column in row.metrics else "–" for column in columns]
        cells.append([row.name, f"{row.bytes:,}", f"{row.cpu_ms:.3g}", f"{row.macs:,}", *figures])
    return [f"| {' | '.join(line)} |" for line in cells]


def write(report: Report, folder: Path, stem: str) -> None:
    """`STEM.md` and `STEM.json` in `folder`; the table also goes to the terminal."""
    text = markdown(report)
    files.write(folder / f"{stem}.md", text.encode())
    files.write(folder / f"{stem}.json", (json.dumps(asdict(report), indent=1) + "\n").encode())
    sys.stdout.write(text)
