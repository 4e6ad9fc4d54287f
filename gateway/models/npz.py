"""Arrays in an .npz that nobody vouches for: stored (not deflated) .npy members, read without `numpy.load`, which
evaluates headers and trusts their shapes.

Formats: NEP 1 (.npy), PKWARE APPNOTE 6.3 (.zip).
"""

import io
import math
import re
import struct
import zipfile
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gateway.errors import Refused
from gateway.wire.model_card import TensorSpec

Array = npt.NDArray[np.generic]

MOST_BYTES = 32 << 20

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(r"\{'descr': '([<|][fiu]\d)', 'fortran_order': False, 'shape': \((\d[\d, ]{0,80})\), \} *\n")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def read(data: bytes, specs: Mapping[str, TensorSpec]) -> dict[str, Array]:
    """By name, `(cases, *shape)` each; exactly the members of `specs`. Nothing is unpacked or allocated beyond the size
    of `data`. Raises `Refused("vectors_invalid")` for what is damaged, too large or does not fit."""
    if len(data) > MOST_BYTES:
        raise invalid(f"larger than {MOST_BYTES} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check(package.infolist(), specs, len(data))
            return {name: _column(package.read(_member(name)), spec) for name, spec in specs.items()}
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        struct.error,
    ) as error:
        raise invalid(str(error)) from None


def write(columns: Mapping[str, Array]) -> bytes:
    """Equal arrays give equal bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        for name, column in columns.items():
            member = zipfile.ZipInfo(_member(name), _EPOCH)
            member.create_system = 3
            package.writestr(member, _npy(column))
    return file.getvalue()


def invalid(cause: str) -> Refused:
    return Refused("vectors_invalid", cause=cause[:200])


def _member(name: str) -> str:
    return f"{name}.npy"


def _check(members: list[zipfile.ZipInfo], specs: Mapping[str, TensorSpec], size: int) -> None:
    if sorted(member.filename for member in members) != sorted(map(_member, specs)):
        raise invalid("not the tensors of the card")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise invalid("deflated")
    if sum(member.file_size for member in members) > size:
        raise invalid("members that overlap")


def _column(data: bytes, spec: TensorSpec) -> Array:
    if data[: len(_MAGIC)] != _MAGIC:
        raise invalid("not an array")
    (length,) = struct.unpack_from("<H", data, len(_MAGIC))
    begin = len(_MAGIC) + 2
    header = _HEADER.fullmatch(data[begin : begin + length].decode("latin-1"))
    if header is None:
        raise invalid("an array of a kind that is not used here")
    dtype = np.dtype(spec.dtype).newbyteorder("<")
    cases, *shape = (int(side) for side in header[2].removesuffix(",").split(","))
    if (header[1], tuple(shape)) != (dtype.str, spec.shape) or cases < 1:
        raise invalid(f"an array of {header[1]} ({header[2]}), not of {dtype.str} (cases, {spec.shape})")
    content = data[begin + length :]
    if len(content) != cases * math.prod(shape) * dtype.itemsize:
        raise invalid("an array of another length than it says")
    return np.frombuffer(content, dtype).reshape(cases, *shape)


def _npy(array: Array) -> bytes:
    file = io.BytesIO()
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    np.lib.format.write_array(file, little, version=(1, 0), allow_pickle=False)
    return file.getvalue()
