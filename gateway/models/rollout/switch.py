"""Carrying out what was decided, at the slots."""

import logging
from datetime import datetime

from gateway.errors import GatewayError, Transient
from gateway.models.rollout import machine
from gateway.models.rollout.record import Intent, Record
from gateway.models.rollout.versions import Versions

_log = logging.getLogger(__name__)


def switch(versions: Versions, record: Record, now: datetime) -> Record:
    """Do what the record intends; the record that follows. Blocks. Raises `Transient` where it cannot be done now; a
    refusal for good is in the record."""
    try:
        _act(versions, record)
    except Transient:
        raise
    except GatewayError as error:
        _log.error("%s of %s was refused: %s", record.intent.value, record.model, error)
        return machine.thwarted(record, error.key, now)
    return machine.settle(record, now)


def _act(versions: Versions, record: Record) -> None:
    match record.intent:
        case Intent.PROMOTE:
            versions.promote(record.model, record.candidate)
        case Intent.REJECT:
            versions.reject(record.model)
        case Intent.ROLL_BACK:
            versions.rollback(record.model)
