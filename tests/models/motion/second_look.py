"""Prints the table of docs/motion.md, "The second look": `python -m tests.models.motion.second_look VTEST_AVI`.

Entries are false / missed frames of the cheap detector alone and with the network's second look, at 15 and at 5 fps;
at 5 fps a verdict holds until the next.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import cv2
import numpy as np

from gateway.flow.board import Counters
from gateway.models.litert import LiteRtBackend
from gateway.models.packaged import packaged_cards
from gateway.perception.motion import MotionDetector
from gateway.perception.motion_check import Asked, MotionCheck
from tests.models.motion.nuisances import later_sequences, nuisance_sequences, people_sequences
from tests.models.motion.scenes import FPS, Material, Sequence, read_material, sequences

MODEL = "motion_check_v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """False and missed frames without and with the second look."""

    false: int = 0
    missed: int = 0
    left_false: int = 0
    left_missed: int = 0

    def __add__(self, other: "Wrong") -> "Wrong":
        return Wrong(
            false=self.false + other.false,
            missed=self.missed + other.missed,
            left_false=self.left_false + other.left_false,
            left_missed=self.left_missed + other.left_missed,
        )

    def __str__(self) -> str:
        return f"{self.false} / {self.missed} | {self.left_false} / {self.left_missed}"


def shipped_check() -> MotionCheck:
    """With the model of this distribution, on the processor."""
    card = packaged_cards()[MODEL]

    def opened() -> Asked:
        backend = LiteRtBackend()
        with resources.as_file(resources.files("gateway.models") / "weights" / card.file) as file:
            backend.load(card, file)
        return Asked(backend=backend, card=lambda: card)

    return MotionCheck("test", opened, counters=Counters())


def judge(sequence: Sequence, step: int, check: MotionCheck) -> Wrong:
    """Every `step`th frame is looked at."""
    detector, moved, kept, wrong = MotionDetector(), False, False, Wrong()
    for number, (luma, truth) in enumerate(zip(sequence.frames(), sequence.truth, strict=True)):
        if number % step == 0:
            boxes, known = detector.see(luma, number / FPS).boxes, detector.known
            assert known is not None
            moved, kept = bool(boxes), bool(check.keep(luma, known, boxes, number / FPS))
        wrong += Wrong(
            false=int(truth == 0 and moved),
            missed=int(truth == 1 and not moved),
            left_false=int(truth == 0 and kept),
            left_missed=int(truth == 1 and not kept),
        )
    return wrong


def seen_before(material: Material) -> Iterator[Sequence]:
    """Nothing of it trained the network, but the rule of the threshold was made with its figures in view."""
    yield from sequences(material)
    yield from people_sequences()
    yield from nuisance_sequences(material)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(name: str, group: Iterable[Sequence]) -> None:
    """A line for each sequence in which anything is wrong, and one for all together."""
    totals = {1: Wrong(), 3: Wrong()}
    for sequence in group:
        wrong = {step: judge(sequence, step, shipped_check()) for step in totals}
        totals = {step: totals[step] + wrong[step] for step in totals}
        empty, person = (int(np.count_nonzero(sequence.truth == value)) for value in (0, 1))
        if any(wrong[step] != Wrong() for step in wrong):
            _say(f"| {sequence.name} ({empty} / {person}) | {wrong[1]} | {wrong[3]} |")
    _say(f"| **{name}** | {totals[1]} | {totals[3]} |")


def main(video: Path) -> None:
    cv2.setNumThreads(1)
    _say("| sequence (empty / person frames) | 15 fps | with it | 5 fps | with it |\n|---|---|---|---|---|")
    tell("together", seen_before(read_material(video)))
    tell("later, together", later_sequences())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
