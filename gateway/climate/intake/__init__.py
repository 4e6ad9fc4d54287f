"""What sensors say, checked at the door: units, error codes, jumps, silence, standstill. All refusals are counted."""

from gateway.climate.intake.room import RoomIntake

__all__ = ["RoomIntake"]
