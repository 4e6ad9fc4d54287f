"""Tiny twins: a model for the processor and the same one "compiled" for the fake Edge TPU."""

from pathlib import Path
from typing import Any

from gateway.models.tpu.custom import custom_model
from gateway.wire.model_card import CardFile, ModelCard, TensorSpec, TpuVariant
from tests.models.tiny import card, sha256, tiny_model

EXECUTABLE = b"the fake looks only at whether there is one"


def quantised_specs() -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Inputs and outputs of `tests.models.tiny.card()` as an accelerator would have them."""
    image = TensorSpec(name="image", shape=(1, 8, 8, 3), dtype="uint8", scale=0.5, zero_point=0)
    scores = TensorSpec(name="scores", shape=(1, 3), dtype="uint8", scale=4.0, zero_point=128)
    maps = TensorSpec(name="maps", shape=(1, 8, 8, 2), dtype="uint8", scale=2.0, zero_point=0)
    return (image,), (scores, maps)


def twin(*, quantised: bool = False, **changes: Any) -> tuple[ModelCard, bytes, bytes]:
    """The card of the tiny model with a variant for the accelerator; the file of each. A float variant answers
    in the card's own types."""
    plain = card(**changes)
    inputs, outputs = quantised_specs() if quantised else (plain.inputs, plain.outputs)
    data = custom_model(inputs, outputs, EXECUTABLE)
    file = CardFile(name=f"{plain.id}_edgetpu.tflite", sha256=sha256(data), bytes=len(data))
    tpu = TpuVariant(file=file, inputs=inputs if quantised else None, outputs=outputs if quantised else None)
    return plain.model_copy(update={"tpu": tpu}), tiny_model(), data


def write_twin(folder: Path, *, quantised: bool = False, **changes: Any) -> tuple[ModelCard, Path, Path]:
    """As `twin`, with both files in the folder under the names of the card."""
    found, plain, compiled = twin(quantised=quantised, **changes)
    assert found.tpu is not None
    paths = folder / found.file, folder / found.tpu.file.name
    paths[0].write_bytes(plain)
    paths[1].write_bytes(compiled)
    return found, *paths
