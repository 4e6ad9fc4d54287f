"""How much warmer a room will be: a small shipped network, corrected by what the room itself has taught.

Read `features.py`, then `past.py`, `member.py` and `forecaster.py`.
"""
