"""`hearthgate models list|pull|verify|build`."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.app.places import registry
from gateway.app.terminal import Progress
from gateway.models import report
from gateway.models.registry import ModelRegistry
from gateway.models.report import ModelRow

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Work = Callable[[ModelRegistry, str | None], tuple[ModelRow, ...]]


def add_to(commands: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("models", help="list, fetch, verify and build the models")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _action(actions, "list", "what there is", report.models)
    _action(actions, "pull", "fetch what is missing, checked by SHA-256", _pull)
    _action(actions, "verify", "hash every file; status 1 unless all are ready", report.models, strict=True)
    _action(actions, "build", "make a model anew from its origin", _build)


def _action(
    actions: "_SubParsersAction[argparse.ArgumentParser]", name: str, about: str, work: Work, *, strict: bool = False
) -> None:
    parser = actions.add_parser(name, help=about)
    parser.add_argument("model", nargs="?", help="one model's id; all when left out")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--model-dir", type=Path, help="a folder of ready files to take models from (no network)")
    parser.set_defaults(handler=lambda arguments: _run(arguments, work, strict=strict))


def _run(arguments: argparse.Namespace, work: Work, *, strict: bool) -> int:
    rows = work(registry(offline=arguments.model_dir), arguments.model)
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        for row in rows:
            print(f"{row.id:18} {row.state:10} {row.bytes:>10} bytes  {row.licence:12} {row.file}")
    return 1 if strict and not report.all_ready(rows) else 0


def _pull(models: ModelRegistry, only: str | None) -> tuple[ModelRow, ...]:
    return report.pull(models, only, Progress())


def _build(models: ModelRegistry, only: str | None) -> tuple[ModelRow, ...]:
    wanted = [only] if only else [card.id for card in models.cards()]
    return tuple(row for model in wanted for row in report.build(models, model, Progress()))
