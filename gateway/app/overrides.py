"""What hub and people decided over the configuration file, kept beside the data."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.config.layers import Layers
from gateway.models.files import write

NAME = "overrides.json"

log = logging.getLogger(__name__)


class Overrides:
    """A small file in the data directory, replaced whole. It holds settings, never a secret."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / NAME

    def load(self) -> Layers:
        """None at all where the file is missing; where it cannot be read, too, and it is set aside then."""
        try:
            return _layers(json.loads(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Layers()
        except OSError as error:
            log.error("%s cannot be read: %s; the file alone decides", self._file, error.strerror)
        except (LookupError, ValueError, TypeError, RecursionError):
            aside = self._file.with_suffix(".corrupt")
            self._file.replace(aside)
            log.error("%s was damaged; it is kept as %s, and the file alone decides", self._file, aside.name)
        return Layers()

    def keep(self, layers: Layers) -> None:
        """Durable when it returns. Raises `Refused` ("model_disk_full", "model_unwritable")."""
        told = {"hub_version": layers.hub_version, "hub": layers.hub, "local": layers.local}
        write(self._file, json.dumps(told, indent=1, allow_nan=False).encode())


def _layers(found: Any) -> Layers:
    """Raises TypeError or ValueError for what is none."""
    version, hub, local = found["hub_version"], found["hub"], found["local"]
    if not isinstance(version, int) or not isinstance(hub, Mapping) or not isinstance(local, Mapping):
        raise TypeError("no layers")
    return Layers(hub_version=version, hub=hub, local=local)
