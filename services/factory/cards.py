"""Cards and golden vectors for what the factory made, ready to be bundled."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gateway.models import files, golden, vectors
from gateway.models.litert import LiteRtBackend
from gateway.wire.model_card import CardFile, ModelCard, Provenance, Supplied, TensorSpec
from services.factory.runner import Array, Runner, quantised
from services.factory.weights import packaged

_DATA: dict[str, Literal["float32", "uint8", "int8"]] = {"float32": "float32", "uint8": "uint8", "int8": "int8"}


def specs(details: Sequence[dict[str, Any]]) -> tuple[TensorSpec, ...]:
    """As a card says what the runtime tells of its tensors."""
    return tuple(_spec(detail) for detail in details)


def _spec(detail: dict[str, Any]) -> TensorSpec:
    scale, zero = detail["quantization"]
    shape, dtype = tuple(int(side) for side in detail["shape"]), _DATA[np.dtype(detail["dtype"]).name]
    if dtype == "float32":
        return TensorSpec(name=detail["name"], shape=shape, dtype=dtype)
    return TensorSpec(name=detail["name"], shape=shape, dtype=dtype, scale=float(scale), zero_point=int(zero))


def card_for(data: bytes, like: str, name: str, *, tool: str, samples: str, seed: int) -> ModelCard:
    """The card of `name`, a build of the packaged model `like`: same question, same answer, other tensors. The
    embeddings of two builds of one network may be compared; whether thresholds hold is for the gates to say."""
    base, runner = packaged(like), Runner(data)
    made_from = base.sha256
    return base.model_copy(
        update={
            "id": name,
            "version": f"{base.version.removesuffix('.float32')}.int8",
            "notice": f"Quantised by Hearthgate's model factory from {base.id}, of which its card says: {base.notice}",
            "file": f"{name}.tflite",
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "origin": Supplied(kind="bundle", source=f"services/factory {tool}"),
            "builder": "copy",
            "optional": True,
            "inputs": specs(runner.inputs),
            "outputs": specs(runner.outputs),
            "comparable": (base.sha256, *base.comparable) if base.role == "face_embedder" else (),
            "provenance": Provenance(
                made_by=f"services/factory {tool}", made_from=made_from, data=samples, seed=seed, report=f"{tool}.md"
            ),
        }
    )


def write_card(folder: Path, card: ModelCard, questions: Sequence[Sequence[Array]]) -> None:
    """`ID.json` and its golden vectors `ID.npz` beside the model, which answers the questions for them."""
    backend = LiteRtBackend()
    backend.load(card, folder / card.file)
    try:
        asked = vectors.make(backend, card, questions)
    finally:
        backend.close()
    entry = CardFile(name=f"{card.id}.npz", sha256=hashlib.sha256(asked).hexdigest(), bytes=len(asked))
    files.write(folder / entry.name, asked)
    whole = ModelCard.model_validate({**card.model_dump(), "golden": entry.model_dump()})
    files.write(folder / f"{card.id}.json", (whole.model_dump_json(indent=2) + "\n").encode())


def embedding_card(folder: Path, name: str, data: bytes, *, seed: int) -> None:
    card = card_for(data, "dlib_resnet_v1", name, tool="embedding", samples="calibrated with drawn faces", seed=seed)
    (detail,) = Runner(data).inputs
    write_card(folder, card, [[quantised(picture, detail)] for picture in golden.pictures()])
