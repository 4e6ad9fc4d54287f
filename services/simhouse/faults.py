"""Devices that misbehave on purpose, so that others can be tested against them."""

from collections.abc import Iterable
from enum import StrEnum

NONSENSE: tuple[bytes, ...] = (
    b"\xff\xfe\x00bad",
    b"NaN",
    b"{",
    b'{"temperature": "warm"}',
    b'{"temperature": 1e999}',
    b'{"temperature": null}',
    b"",
    b"70 lx",
    b"x" * 1_000_000,
)
"""What a broken sensor may send, told in turn."""


class Fault(StrEnum):
    NONE = "none"
    MUTE = "mute"
    NONSENSE = "nonsense"


class Faults:
    """Which device has which fault now."""

    def __init__(self, mute: Iterable[str] = (), nonsense: Iterable[str] = ()) -> None:
        self._faults = {**dict.fromkeys(mute, Fault.MUTE), **dict.fromkeys(nonsense, Fault.NONSENSE)}
        self._told = 0

    def set(self, device: str, fault: Fault) -> None:
        self._faults[device] = fault

    def mute(self, device: str) -> bool:
        """Whether the device neither obeys nor tells anything."""
        return self._faults.get(device) is Fault.MUTE

    def spoil(self, device: str, payload: str) -> bytes:
        """What the device sends where it should send `payload`."""
        if self._faults.get(device) is not Fault.NONSENSE:
            return payload.encode()
        self._told += 1
        return NONSENSE[(self._told - 1) % len(NONSENSE)]
