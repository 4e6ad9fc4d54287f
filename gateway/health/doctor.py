"""All checks, as `hearthgate doctor` shows them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from gateway.config.settings import Settings
from gateway.errors import Problem, without_secrets
from gateway.health.accelerator import check_accelerator
from gateway.health.broker import check_broker
from gateway.health.cameras import check_cameras
from gateway.health.climate import check_climate
from gateway.health.clock import check_clock
from gateway.health.disk import check_disk
from gateway.health.finding import Finding, fail, ok
from gateway.health.models import check_models
from gateway.health.permissions import check_permissions
from gateway.health.ports import check_ports
from gateway.health.runtime import check_runtime
from gateway.health.uplink import check_uplink

LONGEST_S = 30.0

Checks = Callable[[], Awaitable[list[Finding]]]


async def run_checks(settings: Settings | None, problems: Sequence[Problem] = ()) -> tuple[Finding, ...]:
    """At least one finding per worry, in a fixed order, within about half a minute. Without settings only what
    does not depend on them is looked at; `problems` are those of the configuration. Opens connections and reads
    files, changes nothing."""
    checks: list[tuple[str, Checks]] = [
        ("runtime", check_runtime),
        ("accelerator", lambda: _accelerator(settings)),
        ("clock", lambda: _threaded(lambda: check_clock(datetime.now(UTC)))),
    ]
    if settings is not None:
        checks += _configured(settings)
    found = await asyncio.gather(*(_within(worry, check) for worry, check in checks))
    return (*_configuration(settings, problems), *(one for findings in found for one in findings))


async def _accelerator(settings: Settings | None) -> list[Finding]:
    if settings is None:
        return await check_accelerator()
    return await check_accelerator(library=settings.models.tpu_library, wanted=settings.models.accelerator != "off")


def _configured(settings: Settings) -> list[tuple[str, Checks]]:
    return [
        ("cameras", lambda: check_cameras(settings)),
        ("broker", lambda: check_broker(settings)),
        ("disk", lambda: _threaded(lambda: check_disk(settings))),
        ("ports", lambda: check_ports(settings)),
        ("permissions", lambda: _threaded(lambda: check_permissions(settings))),
        ("models", lambda: _threaded(lambda: check_models(settings))),
        ("climate", lambda: check_climate(settings)),
        ("uplink", lambda: check_uplink(settings)),
    ]


async def _threaded(check: Callable[[], list[Finding]]) -> list[Finding]:
    return await asyncio.to_thread(check)


async def _within(worry: str, check: Checks) -> list[Finding]:
    try:
        async with asyncio.timeout(LONGEST_S):
            return await check()
    except TimeoutError:
        return [fail(worry, "check_hangs", f"looking took longer than {LONGEST_S:g} s")]
    except OSError as error:
        return [fail(worry, "check_failed", f"could not be looked at: {without_secrets(str(error))}")]


def _configuration(settings: Settings | None, problems: Sequence[Problem]) -> list[Finding]:
    found = [fail("config", "config_invalid", f"{p.file}:{p.line}: {p.path}: {p.message}", p.hint) for p in problems]
    if found or settings is None:
        return found or [fail("config", "config_missing", "there is no configuration", "hearthgate run --config FILE")]
    return [ok("config", f"{len(settings.cameras)} cameras, {len(settings.rules)} rules")]
