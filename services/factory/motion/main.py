"""`python -m services.factory motion --video VTEST_AVI --out DIR`: the network, its card and its report.

Pairs are kept in DIR and used again by a second run; everything else is made anew. About 15 minutes on two cores.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from gateway.models import files
from services.factory.motion import material, table, threshold
from services.factory.motion.card import card_of
from services.factory.motion.data import Pairs, gather
from services.factory.motion.report import report
from services.factory.weights import say

TRAINS = ((11, 9000), (13, 9000))
JUDGES = (12, 2500)
"""Seeds and numbers of pairs."""
EPOCHS = 10
WIDTHS = (16, 32, 64, 96)
SEED = 7
SCENES = 150
"""On which the threshold is found."""
MOST_MISSED = 0.07
"""Of the generator's frames with figures, among which many can hardly be seen."""
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
    data, before = quantised(model, trains, judges)
    publish(given.out, data, judges, threshold.watched(footage, JUDGES[0], SCENES), (*before, *history[-1:]))
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


def quantised(model: Any, trains: Pairs, judges: Pairs) -> tuple[bytes, tuple[str, ...]]:
    """The int8 file, and how the floats did that it was made from."""
    from services.factory.quantise import to_int8

    some = np.random.default_rng(SEED).permutation(len(trains))[:_CALIBRATES]
    data = to_int8(model, [trains.pictures[n].astype(np.float32) / 255 for n in some])
    whole = np.asarray(model.predict(judges.pictures.astype(np.float32) / 255, verbose=0), np.float32)
    return data, (f"before quantisation: {table.told(table.judged(judges, whole))}",)


def publish(
    out: Path, data: bytes, judges: Pairs, scenes: Sequence[Sequence[threshold.Fired]], notes: Sequence[str]
) -> None:
    """Find the threshold; write the file, its golden vectors, its card and the report."""
    answers, cpu_ms = table.answers_of(data, judges.pictures)
    costs = threshold.costs(scenes, lambda pictures: table.answers_of(data, pictures)[0])
    best = threshold.chosen(costs, MOST_MISSED)
    card, golden = card_of(data, threshold=1 / (1 + np.exp(-best.logit)), questions=judges.pictures[::900])
    files.write(out / card.file, data)
    assert card.golden is not None
    files.write(out / card.golden.name, golden)
    text = json.dumps(card.model_dump(mode="json", exclude_defaults=True), indent=2) + "\n"
    files.write(out / f"{card.id}.json", text.encode())
    told = report(data, table.judged(judges, answers), costs, best, cpu_ms=cpu_ms, notes=notes)
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
