"""The JSON Schema for editors: `python -m gateway.config.schema > config/schema.json`."""

import json
import sys

from gateway.config.settings import Settings


def schema_text() -> str:
    """JSON Schema 2020-12 of the configuration file, stable byte for byte."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema()}
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
