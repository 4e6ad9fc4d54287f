"""What the shipped occupancy cues weigh. Written by `python -m services.factory occupancy TRAINING.txt`.

Trained on `datatraining.txt` of the UCI occupancy set alone (one office, 2015-02-04..10; Candanedo & Feldheim, Energy
and Buildings 112 (2016) 28-39): logistic regression over what `gateway.climate.sense.air` makes of CO2, row by row.
"""

AIR = (-5.585, 3.816, 0.498, 0.580, 0.118, 1.050)
"""Intercept, excess over the baseline, then slopes over about 2, 5, 14 and 40 min."""

TRAINED_PRIOR = 0.2123
"""Share of occupied minutes in the training data; taken out, so that the home's own habit can be put in."""

BRIGHT_OCCUPIED, BRIGHT_EMPTY = 0.97, 0.08
"""How often a room is lit with and without people, before it was watched: 0.998 and 0.050 in that office, blunted
because few homes are lit so strictly."""
