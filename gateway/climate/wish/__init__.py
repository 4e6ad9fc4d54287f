"""What people want of a room, now and for the coming day: schedule, presets, what was set by hand, absence, windows."""

from gateway.climate.wish.wishes import Wishes

__all__ = ["Wishes"]
