"""Commands and states out: devices, Home Assistant, notifications."""
