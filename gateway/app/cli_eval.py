"""`hearthgate eval motion|faces|embed`: the product's own judgement on files, for people who measure it."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.app import eval_faces, eval_motion
from gateway.app.build.faces import open_pipeline
from gateway.app.places import registry
from gateway.app.terminal import Progress, say
from gateway.models import report
from gateway.perception.faces import FacePipeline

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(commands: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("eval", help="judge files: motion in a video, faces in folders of photos")
    kinds = parser.add_subparsers(required=True, metavar="KIND")
    motion = kinds.add_parser("motion", help="one CSV line a source frame")
    motion.add_argument("video", type=Path, metavar="VIDEO")
    motion.add_argument("--mode", choices=("every", "gated"), default="every")
    motion.add_argument("--csv", type=Path, required=True, metavar="OUT")
    motion.set_defaults(handler=_motion)
    faces = kinds.add_parser("faces", help="recognise the people of one folder in the photos of another")
    faces.add_argument("--gallery", type=Path, required=True, metavar="DIR", help="a folder of photos a person")
    faces.add_argument("--probes", type=Path, required=True, metavar="DIR")
    faces.add_argument("--json", action="store_true", help="one JSON document on standard output")
    faces.set_defaults(handler=_faces)
    embed = kinds.add_parser("embed", help="a unit vector for the face in each photo")
    embed.add_argument("directory", type=Path, metavar="DIR")
    embed.add_argument("--npz", type=Path, required=True, metavar="OUT")
    embed.set_defaults(handler=_embed)


def _motion(arguments: argparse.Namespace) -> int:
    summary = eval_motion.evaluate(arguments.video, arguments.mode, arguments.csv, say)
    say(f"{arguments.csv}: {summary}")
    return 0


def _faces(arguments: argparse.Namespace) -> int:
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


def _embed(arguments: argparse.Namespace) -> int:
    with _pipeline() as pipeline:
        result = eval_faces.evaluate_embed(arguments.directory, arguments.npz, pipeline, progress=say)
    say(f"{arguments.npz}: {len(result.files)} faces, {len(result.missed)} photos without one")
    return 0


def _pipeline() -> FacePipeline:
    """Fetches the models first where they are missing."""
    models = registry()
    report.pull(models, progress=Progress())
    return open_pipeline(models)
