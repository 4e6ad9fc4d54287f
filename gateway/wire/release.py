"""Versions of the system, and where the way from one to the next has got to. Apart, so that the updater, which says
little else, needs no NumPy."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

Version = Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){0,3}([-+.][a-z0-9]{1,16}){0,2}$")]


class UpdateState(StrEnum):
    IDLE = "idle"
    DOWNLOADING = "downloading"
    INSTALLED = "installed"
    """On the other slot, not booted yet."""
    TRYING = "trying"
    """Booted, and not yet healthy for long enough."""
    CONFIRMED = "confirmed"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
