"""The house bench: simulated winters that judge whoever heats, and know more than they tell.

Read in this order: `house` and `weather` (files), `course` (what happens, minute by minute), `plant` (devices and
faults), `pipe` (a controller on the other end), `verdict` (figures). `classics`, `tune` and `perfect` are the rivals.
"""
