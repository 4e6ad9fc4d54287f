"""`hearthgate eval motion|faces|embed`: the product's own judgement on files, for people who measure it."""

import argparse
import json
from dataclasses import asdict
from datetime import timedelta

from gateway.app import eval_faces, eval_forecast, eval_motion, eval_occupancy
from gateway.app.build.faces import open_pipeline
from gateway.app.places import registry
from gateway.app.terminal import Progress, say
from gateway.models import report
from gateway.perception.faces import FacePipeline


def motion(arguments: argparse.Namespace) -> int:
    summary = eval_motion.evaluate(arguments.video, arguments.mode, arguments.csv, say)
    say(f"{arguments.csv}: {summary}")
    return 0


def faces(arguments: argparse.Namespace) -> int:
    with _pipeline() as pipeline:
        result = eval_faces.evaluate_faces(arguments.gallery, arguments.probes, pipeline, progress=say)
    if arguments.json:
        print(json.dumps(asdict(result)))
        return 0
    for probe in result.probes:
        print(
            f"{probe.probe:48} {probe.name:24} {probe.score:.3f} {probe.face_px:6.0f} px {probe.reason or ''}".rstrip()
        )
    return 0


def embed(arguments: argparse.Namespace) -> int:
    with _pipeline() as pipeline:
        result = eval_faces.evaluate_embed(arguments.directory, arguments.npz, pipeline, progress=say)
    say(f"{arguments.npz}: {len(result.files)} faces, {len(result.missed)} photos without one")
    return 0


def occupancy(arguments: argparse.Namespace) -> int:
    summary = eval_occupancy.evaluate(arguments.csv, arguments.without, arguments.predictions)
    figures = asdict(summary)
    if arguments.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):22} {'-' if value is None else round(value, 4)}")
    return 0


def forecast(arguments: argparse.Namespace) -> int:
    result = eval_forecast.evaluate(
        arguments.data,
        eval_forecast.open_net(registry()),
        say,
        predictions=arguments.predictions,
        origins=arguments.origins,
        begin=arguments.begin,
        end=arguments.end + timedelta(days=1) if arguments.end else None,
    )
    if arguments.json:
        print(json.dumps(eval_forecast.jsonable(result)))
        return 0
    for line in eval_forecast.told(result):
        print(line)
    return 0


def _pipeline() -> FacePipeline:
    """Fetches the models first where they are missing."""
    models = registry()
    report.pull(models, progress=Progress())
    return open_pipeline(models)
