"""What is wrong with the uplink, in a sentence for people; keyed as the states of the part "uplink"."""

from gateway.errors import GatewayError

_SAYS = {
    "credential_invalid": "The credential of the uplink does not hold user:password.",
    "credential_missing": "The credential of the uplink is not there.",
    "credential_mode": "The credential of the uplink can be read by others; it is not used.",
    "kafka_missing": "The extra for Kafka is not installed.",
    "tls_file_invalid": "A certificate or key named under uplink: tls is none, or they do not belong together.",
    "tls_file_missing": "A file named under uplink: tls is not there.",
    "tls_file_unreadable": "A file named under uplink: tls cannot be read.",
    "tls_key_mode": "The key of the uplink can be read by others; it is not used.",
    "uplink_busy": "The hub is too busy just now; what waits is sent later.",
    "uplink_certificate": "The hub's certificate cannot be believed: wrong authority, or another host's.",
    "uplink_certificate_expired": "The hub's certificate has expired, or the clock of this gateway runs ahead.",
    "uplink_clock": "The hub's certificate is not valid yet: the clock of this gateway is behind.",
    "uplink_dns": "The name of the hub is not known to the network's name server.",
    "uplink_duplicate": "A second gateway speaks under this gateway's id: give one of them another id.",
    "uplink_epochs": "The outbox of this gateway was begun anew too often for the hub.",
    "uplink_moved": "The broker says that it has moved to another address.",
    "uplink_no_hub": "The broker takes what is sent, but no hub listens there.",
    "uplink_not_authorised": "The broker does not let this gateway use its topics.",
    "uplink_own_certificate": "The broker does not accept this gateway's certificate.",
    "uplink_protocol": "The broker does not speak MQTT 5 as it is needed.",
    "uplink_refused": "The broker does not accept user, password or client id.",
    "uplink_revoked": "The hub does not know this gateway, or no longer.",
    "uplink_stalled": "The connection stands, but nothing is acknowledged; it is made anew.",
    "uplink_tls": "No TLS connection could be agreed on: is this the broker's TLS port?",
    "uplink_unreachable": "The hub cannot be reached; what waits is kept and sent later.",
    "uplink_version": "The hub cannot read what this version of the gateway sends.",
}


def sentence(error: GatewayError) -> str:
    """Without secrets, as `GatewayError.facts` are."""
    says = _SAYS.get(error.key)
    if says is None:
        return str(error)
    told = ", ".join(f"{name}: {value}" for name, value in error.facts.items())
    return f"{says} ({told})" if told else says
