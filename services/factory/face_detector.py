"""BlazeFace with an int8 backbone and float heads, for the Edge TPU only: on a processor it is slower than as it was.

Its logits span hundreds where one decides, so that one int8 scale over them destroys the scores: the layers that make
scores and boxes stay float.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from gateway.perception.blazeface import FULL_RANGE, Variant, decode, letterbox, overlap
from services.factory.cards import card_for, write_card
from services.factory.gate import Gate, release
from services.factory.lint import lint
from services.factory.open_faces import REPORTED, Floats, Rgb, person, read_pairs
from services.factory.report import Report, measured, write
from services.factory.runner import Runner, quantised
from services.factory.selective import float_heads, int8_backbone
from services.factory.synthetic_faces import empty_scenes, scenes
from services.factory.weights import order, say, source

MODEL = "blazeface_full"
NAME = f"{MODEL}_int8"
VARIANT: Variant = FULL_RANGE
SAMPLES = 120
HEADROOM = 1.6
"""Chosen on folds 1 and 2, as drawn faces are tamer than photos: same anchor 0.80 at 1.0, 0.89 at 1.3, 0.95 at 1.6."""
PHOTOS = 500
LIGHT = (-1.0, 1.0)
"""Black and white."""
FOUND = 0.5
"""Score from which something may be a face."""

GATES = (
    Gate(metric="found", at_least=0.99),
    Gate(metric="empty refused", at_least=0.99),
    Gate(metric="same anchor", at_least=0.9),
    Gate(metric="overlap", at_least=0.9),
    Gate(metric="compiles", at_least=1),
)
_FLOAT, _WHOLE = "float32", "int8 throughout"
_NOTES = (
    f"{PHOTOS} photos of folds 3-5 of LFW, padded by a third; calibrated with {SAMPLES} drawn scenes.",
    "found: best score of at least 0.5. same anchor: the best one is the float model's.",
    "empty refused: drawn scenes without a face in which nothing is found.",
    "overlap: mean IoU of both best boxes. compiles: 1 where the lint finds nothing that ends the compiler.",
    "The int8 builds are for the Edge TPU: on a processor the float model is the faster one and stays.",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Best:
    """The best anchor of one photo: its number, score and box (4,) in px of the input."""

    anchor: int
    score: float
    box: Floats


def main(arguments: Sequence[str]) -> int:
    """Makes, measures and gates; writes the model, its card and the report."""
    given = order("face-detector", __doc__, arguments)
    plain = source(MODEL)
    cases = list(_samples(given.seed))
    say("quantising")
    builds = {_FLOAT: plain, _WHOLE: int8_backbone(plain, cases, inputs=LIGHT, headroom=HEADROOM)}
    builds[NAME] = float_heads(plain, cases, inputs=LIGHT, headroom=HEADROOM)
    photos = list(_photos(given.data / "lfw200"))
    empty = [letterbox(e, VARIANT.size)[0] for e in empty_scenes(np.random.default_rng(1), PHOTOS // 2, VARIANT.size)]
    say(f"looking at {len(photos)} photos with each")
    metrics = _measured(builds, photos, empty)
    report = Report(
        title="The face detector for the Edge TPU",
        rows=measured(builds, metrics),
        judged=NAME,
        gates=GATES,
        notes=_NOTES,
    )
    write(report, given.out, "face-detector")
    release(given.out / f"{NAME}.tflite", builds[NAME], metrics[NAME], GATES)
    samples = "calibrated with drawn scenes"
    card = card_for(builds[NAME], MODEL, NAME, tool="face-detector", samples=samples, seed=given.seed)
    (detail,) = Runner(builds[NAME]).inputs
    write_card(given.out, card, [[quantised(case[0], detail)] for case in cases[:3]])
    return 0


def _samples(seed: int) -> Iterator[list[Floats]]:
    rng = np.random.default_rng(seed)
    for scene in scenes(rng, SAMPLES, VARIANT.size):
        yield [letterbox(scene, VARIANT.size)[0]]


def _photos(folder: Path) -> Iterator[Floats]:
    """As the detector takes them, evenly spread over the reported people."""
    people = {person(n) for p in read_pairs(folder / "pairs.txt", REPORTED) for n in (p.first, p.second)}
    files = [file for file in sorted(folder.glob("*.jpg")) if person(file.stem) in people]
    for file in files[:: max(1, len(files) // PHOTOS)][:PHOTOS]:
        bgr = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if bgr is not None:
            yield letterbox(_padded(np.asarray(bgr[..., ::-1], np.uint8)), VARIANT.size)[0]


def _padded(rgb: Rgb) -> Rgb:
    border = round(max(rgb.shape[:2]) / 3)
    return np.asarray(cv2.copyMakeBorder(rgb, border, border, border, border, cv2.BORDER_REPLICATE), np.uint8)


def _measured(
    builds: dict[str, bytes], photos: Sequence[Floats], empty: Sequence[Floats]
) -> dict[str, dict[str, float]]:
    runners = {name: Runner(data) for name, data in builds.items()}
    answers = {name: [_best(runner, photo) for photo in photos] for name, runner in runners.items()}
    metrics = {name: _against(own, answers[_FLOAT]) for name, own in answers.items()}
    for name, runner in runners.items():
        metrics[name]["empty refused"] = float(np.mean([_best(runner, scene).score < FOUND for scene in empty]))
        metrics[name]["compiles"] = float(lint(builds[name]).compiles)
    return metrics


def _against(own: Sequence[Best], exact: Sequence[Best]) -> dict[str, float]:
    return {
        "found": float(np.mean([best.score >= FOUND for best in own])),
        "same anchor": float(np.mean([a.anchor == b.anchor for a, b in zip(own, exact, strict=True)])),
        "overlap": float(np.mean([_iou(a, b) for a, b in zip(own, exact, strict=True)])),
    }


def _best(runner: Runner, photo: Floats) -> Best:
    by_size = {out.shape[-1]: out[0] for out in runner.run(photo)}
    logits = np.clip(by_size[1].reshape(-1), -80, 80)
    anchor = int(np.argmax(logits))
    boxes, _ = decode(by_size[16][[anchor]], VARIANT.anchors()[[anchor]], VARIANT.size)
    return Best(anchor=anchor, score=float(1 / (1 + np.exp(-logits[anchor]))), box=boxes[0])


def _iou(one: Best, other: Best) -> float:
    return float(overlap(one.box, other.box[None])[0])
