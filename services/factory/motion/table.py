"""How often the network is wrong about single boxes, and what a look costs."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.factory.motion.data import DOUBTFUL, SURE, Pairs
from services.factory.motion.planes import Kind

Floats = npt.NDArray[np.float32]
LOSES = (0.002, 0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Per box of the cheap detector: the logit it got, whether a figure is in it and of which kind."""

    logit: Floats
    figure: npt.NDArray[np.bool_]
    kind: npt.NDArray[np.int64]

    def least(self, lost: float) -> float:
        """The logit below which `lost` of the boxes with figures lie."""
        return float(np.quantile(self.logit[self.figure], lost))

    def left(self, logit: float) -> float:
        """The share of the boxes without figures that stay."""
        return float((self.logit[~self.figure] >= logit).mean())

    def lost(self, logit: float, kind: Kind) -> float:
        """The share of the boxes with this kind that are taken away."""
        return float((self.logit[self.figure & (self.kind == kind)] < logit).mean())


def judged(pairs: Pairs, answers: Floats) -> Boxes:
    """`answers` float32 `(N, rows, columns, channels)`. Boxes that hold a shred of a figure are left out."""
    logit, held, kind = [], [], []
    for answer, covered, boxes in zip(answers, pairs.covered, pairs.boxes, strict=True):
        for mask in boxes[boxes.any(axis=(1, 2))].astype(bool):
            inside = covered[mask].max(axis=0) / 255
            logit.append(np.sort(answer[mask, 0])[-2:].mean())
            held.append(inside.max())
            kind.append(inside.argmax())
    share = np.asarray(held)
    clear = (share > SURE) | (share < DOUBTFUL)
    return Boxes(
        logit=np.asarray(logit, np.float32)[clear],
        figure=share[clear] > SURE,
        kind=np.asarray(kind, np.int64)[clear],
    )


def answers_of(file: bytes, pictures: npt.NDArray[np.uint8]) -> tuple[Floats, float]:
    """The int8 file's logits, and the CPU ms of a look on one thread."""
    from ai_edge_litert.interpreter import Interpreter

    runtime: Any = Interpreter(model_content=file, num_threads=1)
    runtime.allocate_tensors()
    (shown,), (said,) = runtime.get_input_details(), runtime.get_output_details()
    scale, zero = said["quantization"]
    answers = []
    began = time.thread_time()
    for picture in pictures:
        runtime.set_tensor(shown["index"], (picture ^ np.uint8(0x80)).view(np.int8)[None])
        runtime.invoke()
        answers.append((runtime.get_tensor(said["index"])[0].astype(np.float32) - zero) * np.float32(scale))
    return np.stack(answers), 1000 * (time.thread_time() - began) / len(pictures)


def told(boxes: Boxes) -> str:
    """How many boxes without figures stay where so many with figures are lost."""
    return ", ".join(f"{boxes.left(boxes.least(lost)):.1%} stay at {lost:.1%} lost" for lost in LOSES)
