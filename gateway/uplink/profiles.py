"""What the other end is like: names and limits, as data.

Sources: "AWS IoT Core endpoints and quotas" (AWS General Reference); "Azure Event Grid quotas and limits", MQTT in
namespaces. Neither service was tried live; what is here keeps to what they publish.
"""

from dataclasses import dataclass, replace
from typing import Literal

from gateway.wire.envelope import MOST_BYTES

MOST_SLASHES = 7
MOST_TOPIC_BYTES = 256
MOST_IDENTITY_BYTES = 128

ProfileName = Literal["hub", "generic", "aws", "eventgrid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`receipts`: a hub answers with receipts, and only they count; else the broker's acknowledgement does.

    `own_identity`: the MQTT client id has to be the gateway's id, so a second gateway under that id throws the first
    out; else it also carries the instance, and both can be told. `user_is_gateway`: where no user is set, the gateway's
    id is one (a client authentication name). `retain`: retained messages are taken without further rights."""

    name: ProfileName
    receipts: bool
    own_identity: bool = False
    user_is_gateway: bool = False
    retain: bool = True
    most_bytes: int = MOST_BYTES
    most_in_flight: int = 100
    most_per_s: float | None = None
    """Messages a connection may publish."""
    most_expiry_s: int = 2**32 - 1
    keepalive_s: int = 30

    def identity(self, gateway: str, instance: str) -> str:
        """The MQTT client id."""
        return gateway if self.own_identity else f"{gateway}-{instance[:12]}"


_CLOUD = Profile(name="aws", receipts=False, own_identity=True, retain=False, most_per_s=90.0)
"""A tenth below what both allow: a burst measured by another clock must not end the connection."""

PROFILES: dict[ProfileName, Profile] = {
    "hub": Profile(name="hub", receipts=True),
    "generic": Profile(name="generic", receipts=False),
    "aws": replace(_CLOUD, most_expiry_s=7 * 86_400, keepalive_s=60),
    "eventgrid": replace(_CLOUD, name="eventgrid", user_is_gateway=True, most_expiry_s=8 * 3600, keepalive_s=60),
}
