"""The numbers of the settings as limits, each with the good side where it is cleared."""

from collections.abc import Mapping

from services.hub.alerts.judge import Kind, Limit
from services.hub.config.pages import AlertSettings


def limits_of(settings: AlertSettings) -> Mapping[Kind, Limit]:
    return {
        "silent": Limit(raised_at=settings.silent_min, cleared_at=settings.silent_min / 2, level="critical"),
        "heater_fault": Limit(raised_at=settings.fault_min, cleared_at=0.0, level="critical"),
        "disk_small": Limit(raised_at=settings.disk_mb, cleared_at=settings.disk_mb * 1.2, level="warning"),
        "drops": Limit(raised_at=settings.drops, cleared_at=0.0, level="warning"),
        "duplicate": Limit(raised_at=1.0, cleared_at=0.0, level="critical"),
        "refusals": Limit(raised_at=settings.refusals, cleared_at=settings.refusals / 2, level="warning"),
    }
