"""What one worker of all does at a time: advisory locks, numbers that all of one PostgreSQL database share."""

from enum import IntEnum, unique

_HEARTH = 0x6865617274680000


@unique
class Lock(IntEnum):
    """For `Database.alone`. Two of one number would keep each other from ever working."""

    MIGRATION = _HEARTH + 1
    UPKEEP = _HEARTH + 2
    WATCH = _HEARTH + 3
    TELL = _HEARTH + 4
    CAMPAIGNS = _HEARTH + 5
