"""The MQTT topics of one gateway: `hearthgate/<gateway>/...` (the table for people is `docs/mqtt.md`)."""

import hashlib
import re
from dataclasses import dataclass

ROOT = "hearthgate"
ONLINE, OFFLINE = "online", "offline"
ON, OFF = "ON", "OFF"

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def slug(name: str) -> str:
    """`name` as one level of a topic and as an id of Home Assistant: letters, digits, `_`, `-`.

    A name that had to be changed gets four hex digits of its hash, so that two names never meet.
    """
    safe = _UNSAFE.sub("_", name)
    return safe if safe == name and name else f"{safe}_{hashlib.sha256(name.encode()).hexdigest()[:4]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Full topics of the gateway with this id. Never more than 7 slashes, as the strictest brokers demand."""

    gateway: str

    @property
    def base(self) -> str:
        return f"{ROOT}/{slug(self.gateway)}"

    @property
    def status(self) -> str:
        """`online` or `offline`; retained, also the last will."""
        return f"{self.base}/status"

    @property
    def problem(self) -> str:
        """Whether any part is not well, and which; retained JSON."""
        return f"{self.base}/problem"

    def health(self, part: str) -> str:
        """The state of one part, such as "camera/door"; retained JSON."""
        return f"{self.base}/health/{'/'.join(slug(level) for level in part.split('/'))}"

    def camera(self, name: str, what: str) -> str:
        """`what`: available, motion, person, face, event."""
        return f"{self.base}/camera/{slug(name)}/{what}"

    def room(self, name: str, what: str) -> str:
        """`what`: see `gateway.wire.climate`."""
        return f"{self.base}/climate/{slug(name)}/{what}"
