"""What a room's readings betray: whether somebody is there, a window stands open, the heater does what it is told."""
