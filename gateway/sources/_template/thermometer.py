"""The temperature of the processor, from a file of the Linux kernel: a source in its smallest form."""

from collections.abc import AsyncGenerator
from pathlib import Path

from gateway.errors import Refused, SourceLost
from gateway.flow.clock import Clock
from gateway.types import UNITS, Quantity, Reading


class Thermometer:
    """`Source[Reading]`: one reading each `every_s` from `file`, which holds thousandths of a degree Celsius
    (Documentation/driver-api/thermal/sysfs-api.rst of the kernel).

    Raises `SourceLost("sensor_missing")` and `Refused("sensor_unreadable")`.
    """

    def __init__(self, *, name: str, file: Path, every_s: float, clock: Clock) -> None:
        self.name = name
        self._file = file
        self._every_s = every_s
        self._clock = clock

    async def stream(self) -> AsyncGenerator[Reading, None]:
        while True:
            yield self._reading()
            await self._clock.sleep(self._every_s)

    def _reading(self) -> Reading:
        quantity = Quantity.TEMPERATURE
        return Reading(
            device=self.name,
            quantity=quantity,
            value=self._celsius(),
            unit=UNITS[quantity],
            stamp=self._clock.now(),
        )

    def _celsius(self) -> float:
        try:
            return int(self._file.read_text(encoding="ascii")) / 1000
        except FileNotFoundError:
            raise SourceLost("sensor_missing", device=self.name) from None
        except (OSError, ValueError):
            raise Refused("sensor_unreadable", device=self.name) from None
