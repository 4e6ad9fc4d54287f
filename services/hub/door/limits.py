"""What the door puts up with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    most_connections: int = 20_000
    most_strangers: int = 500
    """Of them, that have not said yet who they are."""
    most_bytes: int = 256 * 1000
    """Of one packet, after CONNECT."""
    receive_maximum: int = 100
    """Messages of one client that are not on the disk yet; then its connection is not read from (§4.9)."""
    keepalive_s: int = 600
    """The longest; whoever asks for more, or for none, gets this one (§3.2.2.3.14)."""
    enter_s: float = 10.0
    """From the open connection to the end of CONNECT."""
    body_s: float = 30.0
    """For one packet, from its first byte to its last."""
    send_s: float = 15.0
    """That a client may leave its answers unread."""
    most_unsent: int = 512 * 1024
    """Bytes waiting for one client; whoever reads slower is cut off."""


CONNECT_BYTES = 16 * 1024
"""A CONNECT of ours has some hundred bytes."""
