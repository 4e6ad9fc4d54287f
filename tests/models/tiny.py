"""Small models and cards for tests, assembled with the product's own writer: nothing to download."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gateway.models.graph import Graph
from gateway.models.operators import DENSE_OPTIONS, MEAN_OPTIONS, Op, Padding, conv_options
from gateway.models.serialise import serialise
from gateway.wire.model_card import ModelCard, Origin

SHARED = Path(__file__).parents[2] / ".." / "shared"

FILTERS = (np.arange(2 * 3 * 3 * 3).reshape(2, 3, 3, 3) / 50 - 0.5).astype(np.float32)
BIAS = np.asarray([0.5, -1.0], np.float32)
HEAD = np.asarray([[1, -1], [2, 0.5], [0, 3]], np.float32)


def shared(path: str) -> Path:
    """A file of the shared research data; the test is skipped where there is none."""
    file = (SHARED / path).resolve()
    if not file.exists():
        pytest.skip(f"needs ../shared/{path}")
    return file


def tiny_graph(head: npt.NDArray[np.float32] = HEAD) -> Graph:
    """`[1, 8, 8, 3]` -> a convolution `[1, 8, 8, 2]` with ReLU -> its mean -> dense `[1, 3]`; two outputs."""
    graph = Graph("tiny")
    image = graph.input("image", (1, 8, 8, 3))
    weights = graph.constant("filters", FILTERS), graph.constant("bias", BIAS)
    maps = graph.operate(
        Op.CONV_2D, (image, *weights), (1, 8, 8, 2), conv_options(Padding.SAME, 1, relu=True), name="maps"
    )
    axes = graph.constant("axes", np.asarray([1, 2], np.int32))
    mean = graph.operate(Op.MEAN, (maps, axes), (1, 2), MEAN_OPTIONS)
    scores = graph.operate(
        Op.FULLY_CONNECTED, (mean, graph.constant("head", head)), (1, 3), DENSE_OPTIONS, name="scores"
    )
    graph.output(maps)
    graph.output(scores)
    return graph


def tiny_model(head: npt.NDArray[np.float32] = HEAD) -> bytes:
    return serialise(tiny_graph(head), "a test model")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def origin(packed: bytes = b"x", data: bytes = b"x", **changes: Any) -> Origin:
    """The origin of member `data` in the archive `packed`."""
    given: dict[str, Any] = {
        "package": "Tiny_Models",
        "version": "1.0",
        "archive": "wheel",
        "archive_sha256": sha256(packed),
        "archive_bytes": len(packed),
        "member": "tiny/tiny.tflite",
        "member_sha256": sha256(data),
        "member_bytes": len(data),
    }
    return Origin(**{**given, **changes})


def card(data: bytes | None = None, **changes: Any) -> ModelCard:
    """The card of `tiny_model()`. The outputs are named in another order than the file has them."""
    data = tiny_model() if data is None else data
    given: dict[str, Any] = {
        "id": "tiny",
        "version": "1",
        "role": "classifier",
        "file": "tiny.tflite",
        "sha256": sha256(data),
        "bytes": len(data),
        "licence": "CC0-1.0",
        "notice": "made for a test",
        "origin": origin(data, data),
        "inputs": [{"name": "image", "shape": [1, 8, 8, 3], "dtype": "float32"}],
        "outputs": [
            {"name": "scores", "shape": [1, 3], "dtype": "float32"},
            {"name": "maps", "shape": [1, 8, 8, 2], "dtype": "float32"},
        ],
        "preprocessing": {"colour": "rgb", "range": [0.0, 100.0]},
        "decoder": "softmax",
        "provenance": {"made_by": "tests/models/tiny.py"},
    }
    return ModelCard(**{**given, **changes})


def wheel(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return file.getvalue()


def sdist(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as package:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            package.addfile(info, io.BytesIO(data))
    return file.getvalue()
