"""`hearthgate models list|pull|verify|build`."""

import argparse
import json
from dataclasses import asdict

from gateway.app.places import registry
from gateway.app.terminal import Progress
from gateway.models import report
from gateway.models.report import ModelRow


def list_models(arguments: argparse.Namespace) -> int:
    return _show(report.models(registry(offline=arguments.model_dir), arguments.model), arguments)


def pull_models(arguments: argparse.Namespace) -> int:
    return _show(report.pull(registry(offline=arguments.model_dir), arguments.model, Progress()), arguments)


def verify_models(arguments: argparse.Namespace) -> int:
    """1 unless all are ready."""
    rows = report.models(registry(offline=arguments.model_dir), arguments.model)
    _show(rows, arguments)
    return int(not report.all_ready(rows))


def build_models(arguments: argparse.Namespace) -> int:
    models = registry(offline=arguments.model_dir)
    wanted = [arguments.model] if arguments.model else [card.id for card in models.cards() if not card.optional]
    return _show(tuple(row for one in wanted for row in report.build(models, one, Progress())), arguments)


def _show(rows: tuple[ModelRow, ...], arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows]))
        return 0
    for row in rows:
        print(f"{row.id:20} {row.state:10} {row.bytes:>10} bytes  {row.licence:12} {row.file}")
    return 0
