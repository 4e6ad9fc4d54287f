"""The schema for editors is fresh, and a change touches only what it changes."""

import json
import re
from pathlib import Path
from typing import Any

from gateway.config.diff import diff
from gateway.config.schema import schema_text
from gateway.config.settings import Settings

SCHEMA = Path(__file__).parents[3] / "config" / "schema.json"


def test_the_exported_schema_is_fresh() -> None:
    fresh = schema_text()
    assert SCHEMA.read_text(encoding="utf-8") == fresh, "run: python -m gateway.config.schema > config/schema.json"
    assert '"additionalProperties": false' in fresh


def test_diff_names_the_stages_that_change() -> None:
    def settings(**more: object) -> Settings:
        cameras = [{"name": name, "url": f"rtsp://h/{name}"} for name in ("a", "b")]
        return Settings.model_validate({"cameras": cameras, **more})

    old = settings()
    assert diff(old, settings()) == frozenset()
    assert diff(old, settings(web={"port": 8443})) == {"web"}
    other = [{"name": "b", "url": "rtsp://h/b", "faces": True}, {"name": "c", "url": "rtsp://h/c"}]
    assert diff(old, settings(cameras=other)) == {"cameras/a", "cameras/b", "cameras/c"}


def _keys(schema: dict[str, Any]) -> set[str]:
    models = [schema, *schema["$defs"].values()]
    return {key for model in models for key in model.get("properties", {})}


def test_every_key_is_in_the_manual() -> None:
    manual = (SCHEMA.parents[1] / "docs" / "config.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z0-9_]+", manual))
    assert _keys(json.loads(schema_text())) - words == set()
