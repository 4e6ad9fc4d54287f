"""The card of the motion network, filled in from the file that was made, and its golden vectors."""

import hashlib
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.models import vectors
from gateway.models.litert import LiteRtBackend
from gateway.perception.motion_grid import GRID, SIZE
from gateway.wire.model_card import CardFile, ModelCard, Preprocessing, Provenance, Shipped, TensorSpec

ID = "motion_check_v1"


def card_of(
    data: bytes, *, threshold: float, questions: npt.NDArray[np.uint8], serial: int = 1
) -> tuple[ModelCard, bytes]:
    """`threshold` is the least probability of a box that stays; `questions` uint8 `(N, *SIZE, 2)` are asked for the
    golden vectors, which are the second value."""
    card = ModelCard(
        id=ID,
        version=f"{serial}",
        serial=serial,
        role="motion",
        file=f"{ID}.tflite",
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        licence="Apache-2.0",
        notice="Part of Hearthgate. Trained on drawn scenes and on footage of OpenCV's vtest.avi (Apache-2.0).",
        origin=Shipped(kind="shipped"),
        inputs=(_tensor(data, "get_input_details", (1, *SIZE, 2)),),
        outputs=(_tensor(data, "get_output_details", (1, *GRID, 5)),),
        preprocessing=Preprocessing(colour="luma+background", fit="stretch", range=(-128.0, 127.0)),
        decoder="motion_grid",
        thresholds={"moving": round(threshold, 4)},
        provenance=Provenance(
            made_by="services.factory motion",
            data="drawn scenes; vtest.avi outside of the crop that judges, first 450 frames",
            seed=7,
            report="services/factory/motion/REPORT.md",
        ),
    )
    golden = _answered(data, card, questions)
    held = CardFile(name=f"{ID}.golden.npz", sha256=hashlib.sha256(golden).hexdigest(), bytes=len(golden))
    return card.model_copy(update={"golden": held}), golden


def _tensor(data: bytes, details: str, shape: tuple[int, ...]) -> TensorSpec:
    from ai_edge_litert.interpreter import Interpreter

    (found,) = getattr(Interpreter(model_content=data), details)()
    scale, zero = found["quantization"]
    return TensorSpec(shape=shape, dtype="int8", scale=float(scale), zero_point=int(zero))


def _answered(data: bytes, card: ModelCard, questions: npt.NDArray[np.uint8]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / card.file
        file.write_bytes(data)
        backend = LiteRtBackend()
        backend.load(card, file)
        asked = [((question ^ np.uint8(0x80)).view(np.int8)[None],) for question in questions]
        golden = vectors.make(backend, card, asked)
        backend.close()
    return golden
