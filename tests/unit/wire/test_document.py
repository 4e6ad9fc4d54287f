"""Free-form JSON within messages: what would stop a database, a parser or a page is refused at once."""

import json
from typing import Any

import pytest

from gateway.errors import Invalid
from gateway.wire.document import MOST_DEPTH
from gateway.wire.uplink import Desired, Reported, load


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    "document",
    [
        '{"a": NaN}',
        '{"a": {"b": [1, -Infinity]}}',
        '{"a": 1e999}',
        '{"a": "\\u0000"}',
        '{"a\\u0000": 1}',
        '{"a": "\\ud800"}',
        nested(MOST_DEPTH + 2),
        "[]",
        "null",
    ],
)
@pytest.mark.parametrize("kind", ["settings", "patch"])
def test_what_not_everybody_takes_is_refused(document: str, kind: str) -> None:
    shape, more = (Desired, "") if kind == "patch" else (Reported, ', "sources": {}')
    with pytest.raises(Invalid, match="message_invalid"):
        load(shape, f'{{"version": 1, "{kind}": {document}{more}}}'.encode())


@pytest.mark.parametrize("document", ['{"a": [1, 2.5, true, null, "\\u00e9", {"b": "x"}]}', nested(MOST_DEPTH), "{}"])
def test_plain_json_is_taken_as_it_is(document: str) -> None:
    wish: Any = load(Desired, f'{{"version": 1, "patch": {document}}}'.encode())
    assert wish.patch == json.loads(document)
