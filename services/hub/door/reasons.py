"""Why a packet, or a client, is not taken: reason codes of MQTT 5 (§2.4) and return codes of MQTT 3.1.1 (table 3.1)."""

from enum import IntEnum

from gateway.errors import Invalid


class Reason(IntEnum):
    SUCCESS = 0x00
    DISCONNECT_WITH_WILL = 0x04
    MALFORMED = 0x81
    PROTOCOL_ERROR = 0x82
    VERSION = 0x84
    CLIENT_ID = 0x85
    CREDENTIALS = 0x86
    NOT_AUTHORISED = 0x87
    UNAVAILABLE = 0x88
    SHUTTING_DOWN = 0x8B
    AUTH_METHOD = 0x8C
    SILENT = 0x8D
    TAKEN_OVER = 0x8E
    FILTER = 0x8F
    TOPIC = 0x90
    TOPIC_ALIAS = 0x94
    TOO_LARGE = 0x95
    PAYLOAD = 0x99
    QOS = 0x9B


_RETURN_CODES = {Reason.SUCCESS: 0, Reason.VERSION: 1, Reason.CLIENT_ID: 2, Reason.CREDENTIALS: 4}
_NOT_AUTHORISED, _UNAVAILABLE = 5, 3


def return_code(reason: Reason) -> int:
    """For a client of MQTT 3.1.1, §3.2.2.3."""
    usual = _UNAVAILABLE if reason in {Reason.UNAVAILABLE, Reason.SHUTTING_DOWN} else _NOT_AUTHORISED
    return _RETURN_CODES.get(reason, usual)


class Broken(Invalid):
    """What a client sent cannot be gone on from; `reason` is what it is told, where it can be told."""

    def __init__(self, key: str, reason: Reason) -> None:
        super().__init__(key)
        self.reason = reason
