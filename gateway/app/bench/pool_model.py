"""A model as cheap as one can be, so that what it takes itself does not hide what is measured around it."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.models.graph import Graph
from gateway.models.operators import Op, pool_options
from gateway.models.serialise import serialise
from gateway.wire.model_card import CardFile, ModelCard, Preprocessing, Provenance, Shipped, TensorSpec, TpuVariant

SHAPE, ANSWER = (1, 128, 128, 3), (1, 4, 4, 3)
_STEP = 32


def pool_model(folder: Path) -> tuple[ModelCard, Path]:
    """The brightest value in each 32nd of a picture; written to `folder`. Both files of the card are the same one:
    a child without a library runs it on the processor."""
    graph = Graph("pool")
    picture = graph.input("picture", SHAPE, np.uint8)
    graph.output(graph.operate(Op.MAX_POOL_2D, [picture], ANSWER, pool_options(_STEP, _STEP), name="brightest"))
    data = serialise(graph, "for a benchmark")
    file = folder / "pool.tflite"
    file.write_bytes(data)
    return _card(CardFile(name=file.name, sha256=sha256(data).hexdigest(), bytes=len(data))), file


def question(source: np.random.Generator) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """A random picture and what the model answers to it; no two answers are alike."""
    answer = source.integers(0, 256, ANSWER, np.uint8)
    return answer.repeat(_STEP, axis=1).repeat(_STEP, axis=2), answer


def _card(file: CardFile) -> ModelCard:
    return ModelCard(
        id="bench_pool",
        version="1",
        role="classifier",
        file=file.name,
        sha256=file.sha256,
        bytes=file.bytes,
        tpu=TpuVariant(file=file),
        licence="Apache-2.0",
        notice="made for benchmarks",
        origin=Shipped(kind="shipped"),
        inputs=(TensorSpec(shape=SHAPE, dtype="uint8"),),
        outputs=(TensorSpec(shape=ANSWER, dtype="uint8"),),
        preprocessing=Preprocessing(colour="rgb"),
        decoder="softmax",
        provenance=Provenance(made_by="gateway.app.bench.pool_model"),
    )
