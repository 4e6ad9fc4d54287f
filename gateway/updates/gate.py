"""The health gate: what has to hold before a fresh start counts as good. Nothing of it needs the internet."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from gateway.errors import GatewayError

CHECK_S = 20.0
"""Longest that one check may take; one that hangs has failed."""

Check = Callable[[], Awaitable[bool]]
"""Whether it passes. A `GatewayError` or an `OSError` says no as well."""

log = logging.getLogger(__name__)


class HealthGate:
    """`checks` by the key that the page and the updater know them by; looked at side by side."""

    def __init__(self, checks: Mapping[str, Check], *, check_s: float = CHECK_S) -> None:
        self._checks = dict(checks)
        self._check_s = check_s
        self._told: tuple[str, ...] = ()

    def add(self, key: str, check: Check) -> None:
        """One more, for what there was not at first."""
        self._checks[key] = check

    async def failing(self) -> tuple[str, ...]:
        """Keys of the checks that do not pass, in the order they were given."""
        passed = await asyncio.gather(*(self._passes(key, check) for key, check in self._checks.items()))
        failing = tuple(key for key, good in zip(self._checks, passed, strict=True) if not good)
        if failing != self._told:
            self._told = failing
            log.info("health gate: %s", ", ".join(failing) or "all is well")
        return failing

    async def _passes(self, key: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(self._check_s):
                return await check()
        except (GatewayError, OSError) as error:  # TimeoutError is an OSError
            log.warning("health gate: %s: %s", key, str(error) or type(error).__name__)
            return False


def once(check: Check) -> Check:
    """Not asked again once it has passed: for what is costly and does not change while the process lives."""
    passed = False

    async def asked() -> bool:
        nonlocal passed
        passed = passed or await check()
        return passed

    return asked
