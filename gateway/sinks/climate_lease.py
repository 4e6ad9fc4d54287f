"""How a lease reaches a device: in a message before the command, or within the command itself.

Tasmota: PulseTime counts 112..64900 as seconds + 100, and every POWER ON starts it anew (Tasmota documentation,
Commands). Zigbee2MQTT: `on_time` in seconds beside the state, by the Zigbee command "on with timed off", whose longest
time is 6553 s. OpenTherm Gateway: forgets a control set-point after a minute without a new one.
"""

import json
import math

from gateway.config.devices import POWER, Lease

Message = tuple[str, str]
"""Topic and payload."""

_PULSE_S = (12, 64_800)
_ON_TIME_S = 6553
OTGW_HOLDS_S = 60.0


def before(lease: Lease, command_topic: str, lease_s: float) -> Message | None:
    """What is sent before a command of this lease; None where nothing is."""
    if lease.topic is not None:
        return lease.topic, lease.payload.replace("{seconds}", str(math.ceil(lease_s)))
    if lease.kind == "tasmota_pulsetime":
        low, high = _PULSE_S
        pulse = min(max(math.ceil(lease_s), low), high) + 100
        return POWER.sub(lambda power: f"PulseTime{power['relay']}", command_topic), str(pulse)
    return None


def within(lease: Lease, on_payload: str, lease_s: float) -> str:
    """`on_payload` as it is sent with this lease. Off needs none: the device is where it falls back to."""
    if lease.kind != "zigbee_on_time":
        return on_payload
    body = _object(on_payload) | {"on_time": min(math.ceil(lease_s), _ON_TIME_S), "off_wait_time": 0}
    return json.dumps(body)


def holds_s(lease: Lease | None, lease_s: float) -> float:
    """For how long the device itself keeps one command of this lease."""
    return min(OTGW_HOLDS_S, lease_s) if lease is not None and lease.kind == "otgw" else lease_s


def _object(payload: str) -> dict[str, object]:
    """Zigbee2MQTT takes a bare state as well as JSON."""
    try:
        body = json.loads(payload)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"state": payload}
