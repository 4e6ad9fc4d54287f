"""What is not well outside, told once when it changes."""

import logging
from collections.abc import Callable

from gateway.wire.systemd import notify

_LOG = logging.getLogger("hearthgate.hub")


class Weather:
    """Keys by part; empty where all is well."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}

    def of(self, part: str) -> Callable[[str | None], None]:
        """What `part` calls with a key, or None once it is well again."""

        def tell(key: str | None) -> None:
            if key == self.keys.get(part):
                return
            if key is None:
                del self.keys[part]
                _LOG.warning("%s is well", part)
            else:
                self.keys[part] = key
                _LOG.warning("%s: %s", part, key)
            told = ", ".join(f"{name}: {key}" for name, key in sorted(self.keys.items()))
            notify(f"STATUS={told or 'running'}")

        return tell
