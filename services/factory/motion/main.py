"""`python -m services.factory motion --video VTEST_AVI --out DIR`: the network, its card and its report.

Pairs are kept in DIR and used again by a second run; everything else is made anew. About 15 minutes on two cores.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from gateway.models import files
from services.factory.motion import material
from services.factory.motion.card import card_of
from services.factory.motion.data import Pairs, gather
from services.factory.motion.report import report

TRAINS = ((11, 9000), (13, 9000))
JUDGES = (12, 2500)
"""Seeds and numbers of pairs."""
EPOCHS = 10
WIDTHS = (16, 32, 64, 96)
SEED = 7
LOST = 0.01
"""The share of boxes with figures that the threshold may cost."""
_CALIBRATES = 300

Say = Callable[[str], None]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="services.factory motion", description=__doc__)
    parser.add_argument("--video", type=Path, required=True, help="OpenCV's vtest.avi")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    footage = material.read(given.video)
    trains = joined([kept(given.out, footage, seed, count) for seed, count in TRAINS])
    judges = kept(given.out, footage, *JUDGES)
    model, history = trained(trains, given.epochs)
    publish(given.out, model, trains, judges, history)
    return 0


def trained(trains: Pairs, epochs: int) -> tuple[Any, list[str]]:
    """The Keras model and the line of every epoch."""
    from services.factory.motion.net import build
    from services.factory.motion.train import fit
    from services.factory.seeds import fix_seeds

    fix_seeds(SEED)
    model, history = build(WIDTHS), []

    def progress(line: str) -> None:
        history.append(line)
        say(line)

    fit(model, trains, epochs, SEED, progress)
    return model, history


def publish(out: Path, model: Any, trains: Pairs, judges: Pairs, history: Sequence[str]) -> None:
    """Quantise, find the threshold, write the file, its golden vectors, its card and the report."""
    from services.factory.motion.table import answers_of, judged, macs
    from services.factory.quantise import to_int8

    chosen = np.random.default_rng(SEED).permutation(len(trains))[:_CALIBRATES]
    data = to_int8(model, [trains.pictures[n].astype(np.float32) / 255 for n in chosen])
    whole = np.asarray(model.predict(judges.pictures.astype(np.float32) / 255, verbose=0), np.float32)
    quantised, cpu_ms = answers_of(data, judges.pictures)
    before, after = judged(judges, whole), judged(judges, quantised)
    card, golden = card_of(data, threshold=1 / (1 + np.exp(-after.least(LOST))), questions=judges.pictures[::900])
    files.write(out / card.file, data)
    assert card.golden is not None
    files.write(out / card.golden.name, golden)
    text = json.dumps(card.model_dump(mode="json", exclude_defaults=True), indent=2) + "\n"
    files.write(out / f"{card.id}.json", text.encode())
    told = report(data, before, after, macs=macs(model), cpu_ms=cpu_ms, pairs=len(trains), history=history)
    files.write(out / "REPORT.md", told.encode())
    say(told)


def kept(out: Path, footage: material.Material, seed: int, count: int) -> Pairs:
    """Pairs of an earlier run, or new ones."""
    file = out / f"pairs-{seed}-{count}.npz"
    if file.exists():
        with np.load(file) as held:
            return Pairs(pictures=held["pictures"], covered=held["covered"], boxes=held["boxes"])
    pairs = gather(footage, seed, count, say)
    with files.replacing(file) as stream:
        np.savez(stream, pictures=pairs.pictures, covered=pairs.covered, boxes=pairs.boxes)
    return pairs


def joined(parts: Sequence[Pairs]) -> Pairs:
    return Pairs(
        pictures=np.concatenate([part.pictures for part in parts]),
        covered=np.concatenate([part.covered for part in parts]),
        boxes=np.concatenate([part.boxes for part in parts]),
    )


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
