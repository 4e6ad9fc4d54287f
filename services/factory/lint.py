"""Would the Edge TPU compiler take this file, and is it int8 throughout? Neither compiler nor TensorFlow is needed."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from services.factory.flatmodel import read_model
from services.factory.lint_rules import Finding, computes_with_floats, findings_of, name


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """`operators` are (name, version, count), most frequent first. `int8_complete`: no operator computes with floats.
    `compiles`: nothing found that ends the compiler; `mapped` whether all of it would run on the accelerator."""

    operators: tuple[tuple[str, int, int], ...]
    findings: tuple[Finding, ...]
    int8_complete: bool
    compiles: bool
    mapped: bool


def lint(data: bytes) -> LintReport:
    """Of a whole .tflite file. Raises `Refused("model_invalid")` for a damaged one."""
    model = read_model(data)
    findings = tuple(findings_of(model))
    counted = Counter((name(operator), operator.version) for operator in model.operators)
    return LintReport(
        operators=tuple((op, version, count) for (op, version), count in counted.most_common()),
        findings=findings,
        int8_complete=not any(computes_with_floats(operator) for operator in model.operators),
        compiles=not any(finding.kind == "blocks" for finding in findings),
        mapped=not findings,
    )


def main(arguments: Sequence[str]) -> int:
    """Prints the operators and what was found; 1 where anything was."""
    parser = argparse.ArgumentParser(prog="services.factory lint", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    report = lint(given.file.read_bytes())
    sys.stdout.write(json.dumps(asdict(report), indent=1) + "\n" if given.json else table(report))
    return 1 if report.findings else 0


def table(report: LintReport) -> str:
    """For people."""
    lines = [f"{count:5} x {op} v{version}" for op, version, count in report.operators]
    lines += [f"{finding.kind:6} {finding.where}: {finding.message} [{finding.key}]" for finding in report.findings]
    lines.append(f"int8 throughout: {_yes(report.int8_complete)}")
    lines.append(f"edgetpu_compiler 16.0 would take it: {_yes(report.compiles)}")
    lines.append(f"all of it on the accelerator: {_yes(report.mapped)}")
    return "\n".join(lines) + "\n"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
