"""A summary under way: CloudEvents 1.0 in JSON, structured mode (https://github.com/cloudevents/spec, v1.0.2).

The id names gateway, stream, epoch and number, so that whoever receives it twice can tell. An epoch is one life of an
outbox: it begins when the file is made, and numbers within it have no gap but those that were counted as dropped.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from gateway.errors import Invalid
from gateway.wire.summary import STREAM_OF, SUMMARY, Stream, Summary

MOST_BYTES = 128 * 1000
"""What the strictest of the usual brokers takes as a payload."""

CONTENT_TYPE = "application/cloudevents+json"
TYPE = "dev.hearthgate.{kind}.v1"

_ID = re.compile(r"([a-z0-9][a-z0-9_-]{0,47})/([a-z]{1,16})/([0-9]{1,18})-([0-9]{1,18})")
_TYPE = re.compile(r"dev\.hearthgate\.([a-z_]{1,32})\.v1")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ParcelId:
    """`str` gives the form on the wire: `<gateway>/<stream>/<epoch>-<seq>`."""

    gateway: str
    stream: Stream
    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.gateway}/{self.stream.value}/{self.epoch}-{self.seq}"

    @classmethod
    def of(cls, text: str) -> "ParcelId":
        """Raises `Invalid` ("parcel_id")."""
        match = _ID.fullmatch(text)
        if match is None or match[2] not in _STREAMS:
            raise Invalid("parcel_id")
        return cls(gateway=match[1], stream=Stream(match[2]), epoch=int(match[3]), seq=int(match[4]))


_STREAMS = {stream.value for stream in Stream}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`time` is when the summary was made; None where no clock could be believed."""

    id: ParcelId
    time: datetime | None
    data: Summary


def dump(envelope: Envelope) -> bytes:
    """The very bytes that leave. The type says which kind of summary it is, what is not said has its default, and
    `datacontenttype` is JSON's own (spec 3.1.1)."""
    body: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(envelope.id),
        "source": f"/gateways/{envelope.id.gateway}",
        "type": TYPE.format(kind=envelope.data.kind),
        "data": envelope.data.model_dump(mode="json", exclude_defaults=True),
    }
    if envelope.time is not None:
        body["time"] = envelope.time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode()


def load(raw: bytes) -> Envelope:
    """Bytes from a stranger. Raises `Invalid` ("payload_too_large", "payload_not_json", "envelope_invalid",
    "envelope_version", "parcel_id", "summary_invalid", "stream_wrong")."""
    if len(raw) > MOST_BYTES:
        raise Invalid("payload_too_large", bytes=len(raw))
    body = _object(raw)
    parcel = ParcelId.of(_text(body, "id"))
    if body.get("specversion") != "1.0" or _text(body, "source") != f"/gateways/{parcel.gateway}":
        raise Invalid("envelope_invalid")
    kind = _TYPE.fullmatch(_text(body, "type"))
    if kind is None:
        raise Invalid("envelope_version")
    data = _summary(kind[1], body.get("data"))
    if STREAM_OF[data.kind] is not parcel.stream:
        raise Invalid("stream_wrong")
    return Envelope(id=parcel, time=_time(body.get("time")), data=data)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Invalid("payload_not_json") from error
    if not isinstance(body, dict):
        raise Invalid("envelope_invalid")
    return body


def _text(body: dict[str, Any], key: str) -> str:
    text = body.get(key)
    if not isinstance(text, str):
        raise Invalid("envelope_invalid", field=key)
    return text


def _summary(kind: str, data: object) -> Summary:
    if not isinstance(data, dict) or data.get("kind", kind) != kind:
        raise Invalid("summary_invalid")
    try:
        return SUMMARY.validate_python({**data, "kind": kind})
    except ValidationError:
        raise Invalid("summary_invalid") from None


def _time(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
        utc = None if time is None or time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):  # no time, or with its offset one beyond the years that there are
        utc = None
    if utc is None:
        raise Invalid("envelope_invalid", field="time")
    return utc
