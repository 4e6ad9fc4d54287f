"""The day ahead as wishes, prices and plans divide it: quarter hours from now on, three steps of the history each."""

from gateway.climate.history import STEP_S

QUARTER_S = 900.0

QUARTERS = 96
"""Of a day."""

STEPS_A_QUARTER = round(QUARTER_S / STEP_S)

STEPS = QUARTERS * STEPS_A_QUARTER
"""Of a day."""
