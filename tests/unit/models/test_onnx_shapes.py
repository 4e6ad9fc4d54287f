"""The walk through an .onnx that nobody vouches for."""

import random

import pytest

from gateway.errors import Refused
from gateway.models import onnx_shapes
from services.factory.onnx_graph import export
from tests.models.tiny import tiny_graph

WHOLE = export(tiny_graph(), "a test model")


def field(number: int, content: bytes) -> bytes:
    length, sizes = len(content), bytearray()
    while length > 0x7F:
        sizes.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([number << 3 | 2]) + bytes([*sizes, length]) + content


def refused(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        onnx_shapes.check(data)
    assert caught.value.key == "model_invalid"
    return str(caught.value.facts["cause"])


def test_a_whole_model_passes() -> None:
    onnx_shapes.check(WHOLE)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no graph"),
        (b"\x08\x0a", "no graph"),
        (b"\0" * 16, "not an ONNX file"),
        (b"\x3b", "not an ONNX file"),
        (b"\x3a\x7f", "points outside"),
        (b"\x3a" + b"\xff" * 12, "points outside"),
        (b"\x39\x01", "points outside"),
    ],
)
def test_what_is_no_model_is_refused(data: bytes, why: str) -> None:
    assert why in refused(data)


def test_a_graph_without_end_is_refused() -> None:
    graph = b""
    for _ in range(40):
        graph = field(1, field(5, field(6, graph)))
    assert refused(field(7, graph)) == "nested too deeply"


def test_a_file_of_nothing_but_fields_is_refused() -> None:
    assert refused(field(7, b"") + b"\x08\x01" * (1 << 20)) == "too many parts"


def test_damage_is_refused_or_read_but_never_crashes() -> None:
    source = random.Random(3)
    refusals = 0
    for round_ in range(3000):
        data = bytearray(WHOLE[: source.randrange(len(WHOLE))] if round_ % 3 == 0 else WHOLE)
        for _ in range(round_ % 4):
            if data:
                data[source.randrange(len(data))] = source.randrange(256)
        try:
            onnx_shapes.check(bytes(data))
        except Refused:
            refusals += 1
    assert 300 < refusals < 3000
