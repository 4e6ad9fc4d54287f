"""Who decides a setting: the file, the hub above it, and above both what people of this home said on its page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.wire.merge import leaves, stacked


class Origin(StrEnum):
    FILE = "file"
    HUB = "hub"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Merge patches over the file. `hub_version` is that of the hub's wish that `hub` is."""

    hub_version: int = 0
    hub: Mapping[str, Any] = field(default_factory=dict)
    local: Mapping[str, Any] = field(default_factory=dict)

    @property
    def patch(self) -> dict[str, Any]:
        """All of it as one: local wins."""
        return stacked(self.hub, self.local)

    def origins(self, file: Mapping[str, Any]) -> dict[str, Origin]:
        """Who decided each value that is set, by its dotted path; a list is one value."""
        found: dict[str, Origin] = {}
        for origin, patch in ((Origin.FILE, file), (Origin.HUB, self.hub), (Origin.LOCAL, self.local)):
            for path, _value in leaves(patch):
                name = ".".join(path)
                for below in [known for known in found if known.startswith(f"{name}.")]:
                    del found[below]
                found[name] = origin
        return dict(sorted(found.items()))
