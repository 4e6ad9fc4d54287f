"""What the daemon and the accelerator's process say to each other.

A SOCK_SEQPACKET pair carries one message a packet: a fixed header and, where the order is rare, a JSON body. Each order
gets one answer, with its handle and sequence number. Tensors never travel in it: see `shared`.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.wire.model_card import ModelId, TensorSpec

MOST_BYTES = 64 << 10
"""No message is longer, header included."""

_MAGIC = b"HGT1"
_HEADER = struct.Struct("<4sHHI")


class Kind(IntEnum):
    """Orders to the child, and its answers."""

    START = 1
    LOAD = 2
    INFER = 3
    UNLOAD = 4
    DONE = 16
    FAILED = 17


class Garbled(Exception):
    """This is no message of ours, or not one that belongs here."""


@dataclass(frozen=True, slots=True)
class Message:
    """`handle` names the model (0 where the order is about none), `seq` pairs an answer with its order."""

    kind: Kind
    handle: int
    seq: int
    body: bytes = b""


def pack(message: Message) -> bytes:
    return _HEADER.pack(_MAGIC, message.kind, message.handle, message.seq) + message.body


def unpack(data: bytes) -> Message:
    """Raises `Garbled`."""
    try:
        magic, kind, handle, seq = _HEADER.unpack_from(data)
        if magic != _MAGIC or len(data) > MOST_BYTES:
            raise Garbled
        return Message(Kind(kind), handle, seq, data[_HEADER.size :])
    except (struct.error, ValueError):
        raise Garbled from None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StartOrder(_Body):
    """Without a `library` models run on the processor."""

    library: str
    options: dict[str, str]


class Started(_Body):
    version: Annotated[str, Field(max_length=1000)]
    devices: Annotated[tuple[Annotated[str, Field(max_length=1000)], ...], Field(max_length=64)]


class LoadOrder(_Body):
    """Comes with two descriptors: the model's file and the memory for its tensors."""

    model: ModelId
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


class Failure(_Body):
    key: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]
    cause: Annotated[str, Field(max_length=500)]


Body = TypeVar("Body", bound=_Body)


def read(kind: type[Body], body: bytes) -> Body:
    """Raises `Garbled`."""
    try:
        return kind.model_validate_json(body)
    except ValidationError:
        raise Garbled from None
