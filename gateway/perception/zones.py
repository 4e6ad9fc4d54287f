"""Named parts of the picture; a thing is where it touches the ground."""

from collections.abc import Mapping

import cv2
import numpy as np

from gateway.perception.masks import Polygon
from gateway.types import Box


class Zones:
    """Polygons in [0, 1] of the picture by name; they may overlap. Empty: there is only the whole picture."""

    def __init__(self, zones: Mapping[str, Polygon] | None = None) -> None:
        self._corners = {name: np.array(polygon, np.float32) for name, polygon in (zones or {}).items()}

    def of(self, box: Box) -> tuple[str | None, ...]:
        """The zones that hold the middle of the box's lower edge, borders included; `(None,)` where none does."""
        inside = tuple(
            name
            for name, corners in self._corners.items()
            if cv2.pointPolygonTest(corners, box.foot, measureDist=False) >= 0
        )
        return inside or (None,)
