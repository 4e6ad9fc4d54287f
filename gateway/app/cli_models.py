"""`hearthgate models list|pull|verify|build|show|rollback`."""

import argparse
import json
from dataclasses import asdict

from gateway.app.places import known_settings, registry, store
from gateway.app.terminal import Progress, say
from gateway.models import report
from gateway.models.registry import ModelRegistry
from gateway.models.report import ModelRow


def list_models(arguments: argparse.Namespace) -> int:
    return _show(report.models(_models(arguments), arguments.model), arguments)


def pull_models(arguments: argparse.Namespace) -> int:
    return _show(report.pull(_models(arguments), arguments.model, Progress()), arguments)


def verify_models(arguments: argparse.Namespace) -> int:
    """1 unless all are ready."""
    rows = report.models(_models(arguments), arguments.model)
    _show(rows, arguments)
    return int(not report.all_ready(rows))


def build_models(arguments: argparse.Namespace) -> int:
    models = _models(arguments)
    wanted = [arguments.model] if arguments.model else models.built_here()
    return _show(tuple(row for one in wanted for row in report.build(models, one, Progress())), arguments)


def show_model(arguments: argparse.Namespace) -> int:
    """Every field of the card: for people with one file a line, for programs as JSON."""
    for slot, whole in (shown := report.shown(_models(arguments), arguments.model)).items():
        if arguments.json:
            continue
        print(f"{slot}:\n{json.dumps(whole['card'], indent=2, ensure_ascii=False)}")
        for file in whole["files"]:
            print(f"{file['state']:10} {file['bytes']:>10} bytes  {file['sha256']}  {file['path']}")
    if arguments.json:
        print(json.dumps(shown))
    return 0


def rollback_model(arguments: argparse.Namespace) -> int:
    settings = known_settings(arguments.config)[0]
    kept = store(settings)
    kept.rollback(arguments.model)
    models = registry(settings.models.directory, store=kept)
    say(f"{arguments.model} {models.card(arguments.model).version} serves again")
    return _show(report.models(models, arguments.model), arguments)


def _models(arguments: argparse.Namespace) -> ModelRegistry:
    settings = known_settings(arguments.config)[0]
    return registry(settings.models.directory, offline=arguments.model_dir, store=store(settings))


def _show(rows: tuple[ModelRow, ...], arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows]))
        return 0
    for row in rows:
        runs_on = f"{row.backend}+tpu" if row.tpu else row.backend
        print(
            f"{row.id:20} {row.version:14} {row.serial:>4} {row.slot:9} {row.state:8} {row.role:13} {runs_on:10} "
            f"{row.bytes:>10} bytes  {row.licence:12} {row.file}"
        )
    return 0
