"""The tensors of one model in memory that the daemon and the accelerator's process both map.

The daemon makes it and seals its size, so a child that has gone wrong can write nonsense into it but not take the
pages away from under the daemon (memfd_create(2), F_SEAL_SHRINK).
"""

import fcntl
import mmap
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from gateway.models.tpu.errors import TpuFailed
from gateway.wire.model_card import TensorSpec

Array = npt.NDArray[np.generic]

MOST_BYTES = 64 << 20
_ALIGNMENT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Views into the memory, in the order of the specs; it is given back when the last of them is."""

    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]


def create(inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> int:
    """A descriptor of new memory for these tensors. Raises `TpuFailed("tpu_model_refused")` where they are absurd."""
    size = _size((*inputs, *outputs))
    fd = os.memfd_create("hearthgate-tensors", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(fd, size)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    except OSError:
        os.close(fd)
        raise
    return fd


def attach(fd: int, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> Area:
    """Map it; the descriptor stays the caller's. Raises `TpuFailed("tpu_model_refused")`."""
    specs = (*inputs, *outputs)
    if os.fstat(fd).st_size != _size(specs):
        raise TpuFailed("tpu_model_refused", cause="the shared memory has another size")
    views = tuple(_views(mmap.mmap(fd, _size(specs)), specs))
    return Area(inputs=views[: len(inputs)], outputs=views[len(inputs) :])


def _views(memory: mmap.mmap, specs: Sequence[TensorSpec]) -> Iterator[Array]:
    offset = 0
    for spec in specs:
        yield np.ndarray(spec.shape, spec.dtype, memory, offset)
        offset += _bytes(spec)


def _size(specs: Sequence[TensorSpec]) -> int:
    if any(side < 1 for spec in specs for side in spec.shape):
        raise TpuFailed("tpu_model_refused", cause="a side of a tensor is not positive")
    size = sum(_bytes(spec) for spec in specs)
    if not 0 < size <= MOST_BYTES:
        raise TpuFailed("tpu_model_refused", cause=f"its tensors take {size} bytes")
    return size


def _bytes(spec: TensorSpec) -> int:
    """Rounded up, so that every tensor begins on a cache line."""
    return -(-prod(spec.shape) * np.dtype(spec.dtype).itemsize // _ALIGNMENT) * _ALIGNMENT
