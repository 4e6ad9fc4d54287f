"""Frames and stamps for tests of watchers."""

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from gateway.types import Frame, Stamp

_START = datetime(2026, 1, 1, tzinfo=UTC)


def stamp(t_s: float) -> Stamp:
    return Stamp(wall=_START + timedelta(seconds=t_s), mono_ns=round((1000 + t_s) * 1e9))


class NoColour:
    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> npt.NDArray[np.uint8]:
        raise AssertionError("motion asks for no colour")


def frame(luma: npt.NDArray[np.uint8], t_s: float, *, seq: int = 0, key: bool = False, corrupt: bool = False) -> Frame:
    return Frame(
        source="door", seq=seq, stamp=stamp(t_s), luma=luma, chroma=NoColour(), pts_s=t_s, key=key, corrupt=corrupt
    )
