"""A ring of rows: the last ones come back in order, whole and as copies, wherever the ring begins."""

import numpy as np
import pytest

from gateway.climate.history import COLUMNS, History

DAY_ROWS = 288


def history(rows: int) -> History:
    """A day's ring to which `rows` were added."""
    lived = History(days=1)
    for number in range(rows):
        lived.add(temp_c=float(number), duty=-float(number))
    return lived


@pytest.mark.parametrize("rows", [0, 1, 287, 288, 289, 500, 576, 1000])
@pytest.mark.parametrize("steps", [None, 0, 1, 100, 288, 5000])
def test_the_last_rows_come_in_order(rows: int, steps: int | None) -> None:
    lived = history(rows)
    have = min(rows, DAY_ROWS)
    wanted = have if steps is None else min(steps, have)
    found = lived.last(steps)
    assert len(lived) == have
    assert tuple(found.columns) == COLUMNS
    assert found["temp_c"].tolist() == [float(number) for number in range(rows - wanted, rows)]
    assert found["duty"].tolist() == [-float(number) for number in range(rows - wanted, rows)]
    assert np.isnan(found["humidity"]).all()


def test_what_was_given_away_stays_as_it_was() -> None:
    lived = history(DAY_ROWS)
    found = lived.last()
    lived.add(temp_c=99.0)
    found["duty"][:] = 7.0
    assert found["temp_c"][0] == 0.0
    assert lived.last()["duty"][0] == -1.0
