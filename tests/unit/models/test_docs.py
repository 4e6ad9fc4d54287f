"""The example in the documentation is a card."""

import json
import re
from pathlib import Path

from gateway.wire.model_card import ModelCard

DOCS = Path(__file__).parents[3] / "docs" / "models.md"


def test_the_example_card_is_one_in_ten_lines() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    shown = ModelCard.model_validate(json.loads(example))
    assert (shown.id, shown.file, shown.origin.kind) == ("porch_v1", "porch_v1.tflite", "shipped")
    assert len(example.splitlines()) <= 10
