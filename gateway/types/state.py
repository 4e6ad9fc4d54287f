"""The named state of a part: what is published, shown and alarmed on."""

from dataclasses import dataclass, field
from enum import StrEnum

from gateway.types.stamp import Stamp


class Level(StrEnum):
    OK = "ok"
    STARTING = "starting"
    DEGRADED = "degraded"
    DOWN = "down"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`part` is a path such as "camera/door"; `key` is the error key or a plain word ("running");
    `detail` is a sentence for people without secrets; `since` is when this key began."""

    part: str
    level: Level
    key: str
    detail: str = ""
    since: Stamp = field(default_factory=Stamp.now)
