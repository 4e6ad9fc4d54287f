"""The walk through a file that nobody vouches for."""

import random

import flatbuffers  # type: ignore[import-untyped]
import pytest

from gateway.errors import Refused
from gateway.models.flattable import byte, int32, offset, offsets, table, uint32
from gateway.models.tflite import compiled_for_tpu, custom_operators
from tests.models.tiny import tiny_model


def model_with(*custom: str) -> bytes:
    """A TFLite file that has only operator codes."""
    builder = flatbuffers.Builder(256)
    names = [builder.CreateString(name) for name in custom]
    codes = [table(builder, 4, {0: byte(32), 1: offset(name), 3: int32(32)}) for name in names]
    codes.append(table(builder, 4, {0: byte(3), 3: int32(3)}))
    builder.Finish(table(builder, 8, {0: uint32(3), 1: offset(offsets(builder, codes))}), file_identifier=b"TFL3")
    return bytes(builder.Output())


def test_custom_operators_are_found() -> None:
    assert custom_operators(model_with("edgetpu-custom-op", "other")) == {"edgetpu-custom-op", "other"}
    assert compiled_for_tpu(model_with("other", "edgetpu-custom-op"))
    assert not compiled_for_tpu(model_with("edgetpu-custom-op-not"))
    assert custom_operators(tiny_model()) == frozenset()


@pytest.mark.parametrize("data", [b"", b"TFL3", b"<html>not a model</html>", bytes(64), b"\x10\0\0\0TFL3"])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        custom_operators(data)
    assert caught.value.key == "model_invalid"


def test_damage_is_refused_or_read_but_never_crashes() -> None:
    whole = model_with("edgetpu-custom-op")
    source = random.Random(7)
    refused = 0
    for round_ in range(3000):
        data = bytearray(whole[: source.randrange(8, len(whole))] if round_ % 3 == 0 else whole)
        for _ in range(round_ % 4):
            data[source.randrange(len(data))] = source.randrange(256)
        refused += _refuses(bytes(data))
    assert 300 < refused < 3000


def _refuses(data: bytes) -> bool:
    try:
        custom_operators(data)
    except Refused:
        return True
    return False
