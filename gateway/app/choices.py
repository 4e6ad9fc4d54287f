"""The settings as the page shows them, and what people decide there."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.uplink.twin.allowed import is_fixed
from gateway.uplink.twin.twin import Twin
from gateway.web.parts import Setting


class TwinChoices:
    """Implements `web.parts.Choices`."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def settings(self) -> Sequence[Setting]:
        values = self._twin.values()
        return [
            Setting(path=path, value=values[path], origin=origin, fixed=is_fixed(tuple(path.split("."))))
            for path, origin in self._twin.origins().items()
        ]

    def set(self, patch: Mapping[str, Any]) -> None:
        self._twin.set(patch)

    def release(self, path: str) -> None:
        self._twin.release(path)
