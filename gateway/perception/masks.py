"""Parts of the picture that are not looked at: polygons in [0, 1], blanked before motion sees anything."""

from collections.abc import Sequence

import cv2
import numpy as np

from gateway.perception.arrays import Mask

Polygon = tuple[tuple[float, float], ...]
"""Corners (x, y) in [0, 1] of the picture, origin top-left; three or more."""


def blank(masks: Sequence[Polygon], columns: int, rows: int) -> Mask | None:
    """uint8 `(rows, columns)`: 255 where the picture is looked at, 0 in a mask; None where nothing is masked.

    A cell belongs to a mask when its middle does."""
    if not masks:
        return None
    looked_at = np.full((rows, columns), 255, np.uint8)
    middles = [(x, y, (x + 0.5) / columns, (y + 0.5) / rows) for y in range(rows) for x in range(columns)]
    for polygon in masks:
        corners = np.array(polygon, np.float32)
        for x, y, at_x, at_y in middles:
            if cv2.pointPolygonTest(corners, (at_x, at_y), measureDist=False) >= 0:
                looked_at[y, x] = 0
    return looked_at
