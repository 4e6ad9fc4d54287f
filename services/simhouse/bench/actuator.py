"""What a heater's actuator does with commands, leases, faults and none at all."""

from collections import deque
from dataclasses import dataclass

from services.simhouse.bench.house import Hardware, House
from services.simhouse.bench.script import Script

_FROST_BAND_K = 0.5
_LIMITER_BAND_K = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a device was told: 0..1 until second `until_s` of the run."""

    level: float
    until_s: float


class Actuator:
    """The relay or valve, and what is in series with it.

    It obeys its last command until the lease ends; then only its own frost guard acts. `switched` is what it says of
    itself (a welded relay knows no better), `carries` what really flows, `heats` what arrives at the emitter after the
    dead time.
    """

    def __init__(self, house: House, script: Script) -> None:
        self._hardware: Hardware = script.hardware or house.hardware
        self._script = script
        self._commands: dict[str, Command] = {}
        self._frost = False
        self._too_hot = False
        dead = house.heater.dead_min
        self._pipe: deque[float] = deque([0.0] * dead, maxlen=dead) if dead else deque()
        self._faulty = frozenset(fault.kind for fault in script.faults)
        self.switched = 0.0
        self.carries = 0.0
        self.heats = 0.0
        self.commanded = False

    def obey(self, target: str, level: float, lease_s: float, now_s: float) -> None:
        self._commands[target] = Command(level=min(1.0, max(0.0, level)), until_s=now_s + lease_s)

    def step(self, minute: int, air_c: float) -> None:
        """Let the minute begin: `air_c` is what the device's own guards feel."""
        now_s = minute * 60.0
        told = self._commands.get("heater")
        leased = told is not None and now_s < told.until_s
        self.commanded = leased and told is not None and told.level > 0
        self.switched = self._wanted(told.level if leased and told is not None else None, air_c)
        flows = self._through_faults(minute, self.switched)
        self.carries = 0.0 if self._open_circuit(now_s, air_c) else flows
        if self._faulty and self._script.active("power_cut", minute):
            self._commands.clear()
            self.switched = self.carries = 0.0
        self.heats = self.carries
        if self._pipe:
            self.heats = self._pipe[0]
            self._pipe.append(self.carries)

    def _wanted(self, level: float | None, air_c: float) -> float:
        frost_c = self._hardware.local_frost_c
        if level is not None or frost_c is None:
            self._frost = False
            return level or 0.0
        self._frost = air_c < frost_c + (_FROST_BAND_K if self._frost else 0.0)
        return 1.0 if self._frost else 0.0

    def _through_faults(self, minute: int, level: float) -> float:
        if not self._faulty:
            return level
        if self._script.active("relay_stuck_on", minute):
            return 1.0
        if self._script.active("relay_stuck_off", minute) or self._script.active("heater_dead", minute):
            return 0.0
        for fault in self._script.faults:
            if fault.kind == "valve_stuck" and fault.begin <= minute < fault.end:
                return fault.value or 0.0
        return level

    def _open_circuit(self, now_s: float, air_c: float) -> bool:
        limiter_c = self._hardware.limiter_c
        if limiter_c is not None:
            self._too_hot = air_c > limiter_c - (_LIMITER_BAND_K if self._too_hot else 0.0)
        second = self._commands.get("contactor")
        opened = self._hardware.second_contactor and second is not None and now_s < second.until_s and second.level == 0
        return self._too_hot or opened
