"""The cell grid: a camera picture shrunk to about 14400 square cells, the only picture the motion step looks at.

A cell averages 16 px at 720p (2 rows x 8 columns), which divides sensor noise by 4; rows between are not read at
all, because memory traffic is what shrinking costs.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from gateway.perception.arrays import Luma, Plane
from gateway.types import Box

CELLS = 14400


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Square cells of `cell` px; the right and lower remainder of less than a cell is not looked at."""

    width: int
    height: int
    cell: int

    @classmethod
    def of(cls, width: int, height: int) -> "Grid":
        """The grid for a picture of this size in px: an even cell, never finer than 2 px."""
        return cls(width=width, height=height, cell=max(2, 2 * round((width * height / CELLS) ** 0.5 / 2)))

    @property
    def columns(self) -> int:
        return max(1, self.width // self.cell)

    @property
    def rows(self) -> int:
        return max(1, self.height // self.cell)

    def box(self, x: int, y: int, columns: int, rows: int) -> Box:
        """A rectangle of cells as a box in [0, 1] of the picture, clipped to it."""
        sx, sy = self.cell / self.width, self.cell / self.height
        return Box(
            x0=max(0.0, x * sx), y0=max(0.0, y * sy), x1=min(1.0, (x + columns) * sx), y1=min(1.0, (y + rows) * sy)
        )

    def shrink(self, luma: Luma) -> Plane:
        """Mean luma per cell, float32 `(rows, columns)`; `luma` is uint8 `(height, width)`."""
        step = max(1, self.cell // 2)
        view = luma[: self.rows * self.cell : step, : self.columns * self.cell]
        if self.cell % 4 == 0:
            return self._fast(view)
        small = cv2.resize(view, (self.columns, self.rows), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32)

    def _fast(self, view: Luma) -> Plane:
        """Two rows a cell and its first eight columns: a vectorised 2x2 mean, then the bytes of words added up."""
        half = cv2.resize(view, (view.shape[1] // 2, self.rows), interpolation=cv2.INTER_AREA)
        words = half.reshape(-1).view(np.uint16)
        sums = (words & np.uint16(0xFF)) + (words >> np.uint16(8))
        if self.cell == 8:
            pairs = sums.view(np.uint32)
            sums = (pairs + (pairs >> np.uint32(16))) & np.uint32(0xFFFF)
            mean: Plane = np.multiply(sums, np.float32(0.25), dtype=np.float32).reshape(self.rows, self.columns)
            return mean
        first = sums.reshape(self.rows, self.columns, -1)[:, :, 0]
        halved: Plane = np.multiply(first, np.float32(0.5), dtype=np.float32)
        return halved
