"""`python -m services.factory onnx`: the face embedding as ONNX, with its card and golden vectors."""

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import onnx

from gateway.errors import Refused
from gateway.models import dlib_resnet, golden, vectors
from gateway.models.dlib_weights import read_weights
from gateway.models.litert import LiteRtBackend
from gateway.models.onnx import OnnxBackend
from gateway.models.registry import ModelRegistry
from gateway.wire.model_card import CardFile, ModelCard, Supplied
from services.factory.onnx_graph import export
from services.factory.weights import packaged, source


def onnx_card(card: ModelCard, data: bytes, vectors_of: bytes) -> ModelCard:
    """The card of the .onnx twin of a model that is here as TFLite, whose vectors it can be compared with."""
    file, golden_file = f"{card.id}.onnx", f"{card.id}.npz"
    return card.model_copy(
        update={
            "backend": "onnx",
            "file": file,
            "sha256": _sha256(data),
            "bytes": len(data),
            "builder": "copy",
            "origin": Supplied(kind="bundle", source=card.provenance.made_by),
            "comparable": (card.sha256, *card.comparable),
            "golden": CardFile(name=golden_file, sha256=_sha256(vectors_of), bytes=len(vectors_of)),
            "provenance": card.provenance.model_copy(
                update={"made_by": f"services.factory onnx (onnx {onnx.__version__})", "made_from": card.sha256}
            ),
        }
    )


def main(arguments: Sequence[str]) -> int:
    """`onnx --to FOLDER`: the face embedding as FOLDER/dlib_resnet_v1.{onnx,npz,json}, written only if it answers the
    golden vectors that the TFLite file made. Raises `Refused("model_golden")`."""
    parser = argparse.ArgumentParser(prog="onnx", description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True)
    folder: Path = parser.parse_args(arguments).to
    folder.mkdir(parents=True, exist_ok=True)
    card = packaged("dlib_resnet_v1")
    data = export(dlib_resnet.network(read_weights(source(card.id))), card.notice)
    with tempfile.TemporaryDirectory(prefix="hearthgate-onnx-") as scratch:
        asked = _asked(card, ModelRegistry(Path(scratch)).pull(card.id))
    told = onnx_card(card, data, asked)
    (folder / told.file).write_bytes(data)
    report = _judged(told, folder / told.file, asked)
    (folder / f"{card.id}.npz").write_bytes(asked)
    (folder / f"{card.id}.json").write_text(told.model_dump_json(indent=2) + "\n", encoding="utf-8")
    told_of = f"{report.cases} cases, cosine {report.cosine:.7f}, worst {report.worst_abs:.1e} off"
    sys.stdout.write(f"{told.file}: {told.bytes} bytes, {told_of}\n")
    return 0


def _asked(card: ModelCard, file: Path) -> bytes:
    backend = LiteRtBackend()
    backend.load(card, file)
    try:
        return vectors.make(backend, card, [(picture,) for picture in golden.pictures()])
    finally:
        backend.close()


def _judged(card: ModelCard, file: Path, asked: bytes) -> vectors.VectorReport:
    backend = OnnxBackend()
    backend.load(card, file)
    try:
        report = vectors.check(backend, card, asked)
    finally:
        backend.close()
    if not report.holds:
        file.unlink()
        raise Refused("model_golden", model=card.id, worst=report.worst_abs, cosine=report.cosine)
    return report


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
