"""The words of Hearthgate: frozen, slotted, keyword-only data; numpy only, no behaviour that does I/O."""

from gateway.types.command import (
    Action,
    Command,
    Notify,
    Origin,
    Outcome,
    Result,
    SetLevel,
    SetTemperature,
    Switch,
)
from gateway.types.event import Event, Kind
from gateway.types.frame import Box, Colour, Detection, Frame, FrameRef, Motion, Seen
from gateway.types.ids import new_id
from gateway.types.reading import UNITS, Quality, Quantity, Reading
from gateway.types.stamp import BOOT_ID, Stamp
from gateway.types.state import Level, State
from gateway.types.world import World

__all__ = [
    "BOOT_ID",
    "UNITS",
    "Action",
    "Box",
    "Colour",
    "Command",
    "Detection",
    "Event",
    "Frame",
    "FrameRef",
    "Kind",
    "Level",
    "Motion",
    "Notify",
    "Origin",
    "Outcome",
    "Quality",
    "Quantity",
    "Reading",
    "Result",
    "Seen",
    "SetLevel",
    "SetTemperature",
    "Stamp",
    "State",
    "Switch",
    "World",
    "new_id",
]
