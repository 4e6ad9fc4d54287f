"""What is done now and then by somebody who is ticked."""


class Every:
    """True once in `seconds` of ticks; the first time `at_once`."""

    def __init__(self, seconds: float, *, at_once: bool = True) -> None:
        self._seconds = seconds
        self._passed = seconds if at_once else 0.0

    def after(self, passed: float) -> bool:
        self._passed += passed
        if self._passed < self._seconds:
            return False
        self._passed = 0.0
        return True

    def now(self) -> None:
        """Be due at the next tick."""
        self._passed = self._seconds
