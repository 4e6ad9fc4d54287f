"""From readings to heat: rooms at the wanted temperature, by plain control, a learned room model and a plan.

Read `words.py` first. Everything here is synchronous, knows no clock of its own and does no I/O: whoever calls `tick`
says what time it is, so that a winter can be lived through in seconds and replayed.
"""
