"""How much warmer a room will be: a small shipped network, corrected by what the room itself has taught.

Read `past.py` and `features.py` (what is known), `net.py`, `correction.py` and `blend.py` (who says what), then
`forecaster.py`. `room_csv.py` and `flat.py` read what people recorded.
"""
