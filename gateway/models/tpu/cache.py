"""What lies in the 8 MiB on the chip: parameters stay there between runs, and bringing them anew costs most of a run.

Source: "Parameter data caching" in the documentation of the Edge TPU compiler (https://coral.ai/docs/edgetpu/compiler).
"""

from collections import OrderedDict

SRAM_BYTES = 8 << 20


class ParameterCache:
    """The set of models that are on the chip together, least recently used first. Pure: it mirrors what the device
    does, and is wrong about models that were compiled apart and share the chip badly; what runs cost is measured."""

    def __init__(self, capacity: int = SRAM_BYTES) -> None:
        self._capacity = capacity
        self._held: OrderedDict[str, int] = OrderedDict()

    def copy(self) -> "ParameterCache":
        twin = ParameterCache(self._capacity)
        twin._held.update(self._held)
        return twin

    def holds(self, model: str) -> bool:
        return model in self._held

    def evicts(self, model: str, size: int) -> bool:
        """Whether running this model would push another one off the chip."""
        return not self.holds(model) and bool(self._held) and sum(self._held.values()) + size > self._capacity

    def use(self, model: str, size: int) -> None:
        """The model runs. One that is larger than the chip streams its parameters and takes all of it."""
        self._held.pop(model, None)
        while self._held and sum(self._held.values()) + size > self._capacity:
            self._held.popitem(last=False)
        self._held[model] = min(size, self._capacity)

    def clear(self) -> None:
        self._held.clear()
