"""From an open connection to a gateway that has proven who it is (§3.1, §3.2)."""

import asyncio
import secrets
import ssl
from dataclasses import dataclass

from gateway.errors import Refused, Transient
from services.hub.door import answers
from services.hub.door.contract import Claim, Gatekeeper
from services.hub.door.decode import decode
from services.hub.door.framing import Framing
from services.hub.door.limits import CONNECT_BYTES, Limits
from services.hub.door.packets import V5, Connect
from services.hub.door.proof import Proof
from services.hub.door.reasons import Broken, Reason
from services.hub.door.rights import writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    gateway: str
    connect: Connect
    keepalive_s: int
    proof: Proof


async def greet(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gatekeeper: Gatekeeper, limits: Limits
) -> Guest:
    """Answers CONNECT. Raises `Broken` for whoever may not enter, after telling them where that is allowed, and
    `EOFError` or `OSError` where they leave."""
    connect = await _connect(reader, writer, limits)
    try:
        async with asyncio.timeout(limits.enter_s):
            guest = await _admit(connect, writer, gatekeeper, limits)
    except TimeoutError:
        error = Broken("gatekeeper_slow", Reason.UNAVAILABLE)
    except Broken as refused:
        error = refused
    else:
        writer.write(_welcome(guest, limits))
        return guest
    writer.write(answers.connack(error.reason, connect.level))
    raise error


async def _connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> Connect:
    framing = Framing(reader, most_bytes=CONNECT_BYTES, body_s=limits.enter_s)
    try:
        async with asyncio.timeout(limits.enter_s):
            head, body = await framing.packet()
        if head != 0x10:  # [MQTT-3.1.0-1]; whatever it is, it is not answered
            raise Broken("packet_unexpected", Reason.PROTOCOL_ERROR)
        packet = decode(head, body, V5)
    except TimeoutError:
        raise Broken("packet_slow", Reason.SILENT) from None
    except Broken as error:
        if error.reason in {Reason.VERSION, Reason.AUTH_METHOD}:
            writer.write(answers.connack(error.reason, V5))
        raise
    assert isinstance(packet, Connect)
    return packet


async def _admit(connect: Connect, writer: asyncio.StreamWriter, gatekeeper: Gatekeeper, limits: Limits) -> Guest:
    tls = writer.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if isinstance(tls, ssl.SSLObject) else None
    claim = Claim(user=connect.user, password=connect.password, certificate=certificate)
    try:
        gateway = await gatekeeper.admit(claim)
    except Refused as error:
        raise Broken(error.key, Reason.CREDENTIALS) from error
    except Transient as error:
        raise Broken(error.key, Reason.UNAVAILABLE) from error
    if connect.will is not None and connect.will.topic not in writes(gateway):
        raise Broken("topic_foreign", Reason.NOT_AUTHORISED)
    asked = connect.keepalive_s or limits.keepalive_s
    return Guest(
        gateway=gateway,
        connect=connect,
        keepalive_s=min(asked, limits.keepalive_s),
        proof=Proof(gatekeeper, claim, gateway),
    )


def _welcome(guest: Guest, limits: Limits) -> bytes:
    assigned = None if guest.connect.client_id else secrets.token_hex(12)
    terms = answers.terms(
        receive_maximum=limits.receive_maximum,
        most_bytes=limits.most_bytes,
        keepalive_s=guest.keepalive_s,
        assigned_id=assigned,
    )
    return answers.connack(Reason.SUCCESS, guest.connect.level, terms)
