"""Golden vectors: inputs of a model and what it must answer, to be asked on the device itself.

The file is an .npz of stored (not deflated) .npy members "in0"... and "out0"..., each `(cases, *shape)` of the card's
tensor. Formats: NEP 1 (.npy), PKWARE APPNOTE 6.3 (.zip).
"""

import io
import math
import re
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.errors import Refused
from gateway.seams import Backend
from gateway.wire.model_card import ModelCard, TensorSpec

Array = npt.NDArray[np.generic]
Tensors = tuple[Array, ...]

MOST_BYTES = 32 << 20
"""Of a file of golden vectors."""

LEAST_COSINE = 0.9995
"""Of an embedding."""
MOST_LSB = 6
"""Of a quantised output: what was seen between the kernels of different runtimes."""
MOST_OFF = 1e-3
"""Of a float output: absolute, and the same again relative to the value."""

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(r"\{'descr': '([<|][fiu]\d)', 'fortran_order': False, 'shape': \((\d[\d, ]{0,80})\), \} *\n")
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question and its answer, in the card's order, shapes and dtypes."""

    inputs: Tensors
    outputs: Tensors


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorReport:
    """`worst_abs` is the largest difference of any output (in steps where it is quantised, infinite where an answer
    holds no number); `cosine` the smallest between an answer and the expected one."""

    cases: int
    worst_abs: float
    cosine: float
    holds: bool


def check(backend: Backend, card: ModelCard, data: bytes) -> VectorReport:
    """Ask a loaded backend every question of the file. Embeddings hold by their cosine, quantised outputs by steps,
    integers exactly, other floats by `MOST_OFF`. Raises as `read` and `Backend.infer` do."""
    cases = read(card, data)
    pairs = [
        (spec, wanted, found)
        for case in cases
        for spec, wanted, found in zip(card.outputs, case.outputs, backend.infer(case.inputs), strict=True)
    ]
    return VectorReport(
        cases=len(cases),
        worst_abs=max(_worst(wanted, found) for _, wanted, found in pairs),
        cosine=min(_cosine(wanted, found) for _, wanted, found in pairs),
        holds=all(_holds(card, *pair) for pair in pairs),
    )


def make(backend: Backend, card: ModelCard, questions: Sequence[Sequence[Array]]) -> bytes:
    """The file of these questions with the answers of a loaded backend; equal arrays give equal bytes.
    Raises as `read` does where questions or answers do not fit the card."""
    answers = [backend.infer(inputs) for inputs in questions]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        for prefix, rows in (("in", questions), ("out", answers)):
            for place, column in enumerate(zip(*rows, strict=True)):
                member = zipfile.ZipInfo(f"{prefix}{place}.npy", _EPOCH)
                member.create_system = 3
                package.writestr(member, _npy(np.stack(column)))
    read(card, file.getvalue())
    return file.getvalue()


def read(card: ModelCard, data: bytes) -> tuple[Case, ...]:
    """At least one case. Nothing is unpacked or allocated beyond the size of `data`, and nothing in it is evaluated.

    Raises `Refused("vectors_invalid")` for what is damaged, too large, not finite or does not fit the card."""
    if len(data) > MOST_BYTES:
        raise _invalid(f"larger than {MOST_BYTES} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            inputs, outputs = _columns(package, card, len(data))
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        struct.error,
    ) as error:
        raise _invalid(str(error)) from None
    if not inputs or not outputs or len({len(column) for column in (*inputs, *outputs)}) != 1:
        raise _invalid("tensors with different numbers of cases")
    if not all(np.isfinite(column).all() for column in (*inputs, *outputs)):
        raise _invalid("not a number")
    rows = zip(zip(*inputs, strict=True), zip(*outputs, strict=True), strict=True)
    return tuple(Case(inputs=asked, outputs=answered) for asked, answered in rows)


def _columns(package: zipfile.ZipFile, card: ModelCard, size: int) -> tuple[list[Array], list[Array]]:
    members = package.infolist()
    specs = {f"in{i}.npy": spec for i, spec in enumerate(card.inputs)}
    specs |= {f"out{i}.npy": spec for i, spec in enumerate(card.outputs)}
    if sorted(member.filename for member in members) != sorted(specs):
        raise _invalid("not the tensors of the card")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise _invalid("deflated")
    if sum(member.file_size for member in members) > size:
        raise _invalid("members that overlap")
    columns = {name: _column(package.read(name), spec) for name, spec in specs.items()}
    return [columns[n] for n in specs if n.startswith("in")], [columns[n] for n in specs if n.startswith("out")]


def _column(data: bytes, spec: TensorSpec) -> Array:
    """`(cases, *shape)`, read without `numpy.load`, which evaluates the header and trusts its shape."""
    if data[: len(_MAGIC)] != _MAGIC:
        raise _invalid("not an array")
    (length,) = struct.unpack_from("<H", data, len(_MAGIC))
    begin = len(_MAGIC) + 2
    header = _HEADER.fullmatch(data[begin : begin + length].decode("latin-1"))
    if header is None:
        raise _invalid("an array of a kind that is not used here")
    dtype = np.dtype(spec.dtype).newbyteorder("<")
    cases, *shape = (int(side) for side in header[2].removesuffix(",").split(","))
    if (header[1], tuple(shape)) != (dtype.str, spec.shape) or cases < 1:
        raise _invalid(f"an array of {header[1]} ({header[2]}), not of {dtype.str} (cases, {spec.shape})")
    content = data[begin + length :]
    if len(content) != cases * math.prod(shape) * dtype.itemsize:
        raise _invalid("an array of another length than it says")
    return np.frombuffer(content, dtype).reshape(cases, *shape)


def _npy(array: Array) -> bytes:
    file = io.BytesIO()
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    np.lib.format.write_array(file, little, version=(1, 0), allow_pickle=False)
    return file.getvalue()


def _holds(card: ModelCard, spec: TensorSpec, wanted: Array, found: Array) -> bool:
    if not np.isfinite(found).all():
        return False
    if spec.dtype in {"uint8", "int8"}:
        return _worst(wanted, found) <= MOST_LSB
    if spec.dtype != "float32":
        return bool(np.array_equal(wanted, found))
    if card.decoder == "embedding":
        return _cosine(wanted, found) >= LEAST_COSINE
    return bool(np.allclose(_doubles(found), _doubles(wanted), rtol=MOST_OFF, atol=MOST_OFF))


def _worst(wanted: Array, found: Array) -> float:
    worst = float(np.max(np.abs(_doubles(wanted) - _doubles(found))))
    return worst if math.isfinite(worst) else math.inf


def _cosine(wanted: Array, found: Array) -> float:
    a, b = _doubles(wanted), _doubles(found)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    if not math.isfinite(lengths):
        return -1.0
    return float(a @ b) / lengths if lengths else float(np.array_equal(a, b))


def _doubles(array: Array) -> npt.NDArray[np.float64]:
    return np.asarray(array, np.float64).ravel()


def _invalid(cause: str) -> Refused:
    return Refused("vectors_invalid", cause=cause[:200])
