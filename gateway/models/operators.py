"""The TFLite operators that we write, with their options, by their numbers in the public schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from gateway.models.flattable import Slot, byte, flag, int32


class Op(IntEnum):
    """Builtin operators used here, by their code in the schema."""

    ADD = 0
    AVERAGE_POOL_2D = 1
    CONV_2D = 3
    FULLY_CONNECTED = 9
    MAX_POOL_2D = 17
    PAD = 34
    MEAN = 40


class Padding(IntEnum):
    SAME = 0
    VALID = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """An operator's options: `kind` is the member of the schema's union, `size` its number of declared fields.
    `version` is the operator's: what it asks of a runtime."""

    kind: int
    size: int
    fields: Mapping[int, Slot] = field(default_factory=dict)
    version: int = 1


def conv_options(padding: Padding, stride: int, *, relu: bool, int8_filters: bool = False) -> Options:
    """Version 5 is the first that takes int8 filters, one scale each, with float inputs."""
    fields = {0: byte(padding), 1: int32(stride), 2: int32(stride), 3: byte(int(relu))}
    version = 5 if int8_filters else 1
    return Options(kind=1, size=6, fields={**fields, 4: int32(1, 1), 5: int32(1, 1)}, version=version)


def pool_options(size: int, stride: int) -> Options:
    """Pooling without padding."""
    fields = {0: byte(Padding.VALID), 1: int32(stride), 2: int32(stride), 3: int32(size), 4: int32(size)}
    return Options(kind=5, size=6, fields=fields)


def add_options(*, relu: bool) -> Options:
    return Options(kind=11, size=2, fields={0: byte(int(relu))})


DENSE_OPTIONS = Options(kind=8, size=5)
PAD_OPTIONS = Options(kind=22, size=0)
MEAN_OPTIONS = Options(kind=27, size=1, fields={0: flag(False)})
