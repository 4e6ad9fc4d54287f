"""A static index of releases: one JSON file, asked over HTTPS.

    {"hearthgate": 1, "channels": {"stable": {"rpi": {"version": "0.2.0", "url": "...", "sha256": "...", "size": 1,
                                                       "notes": "..."}}}}

`url` may be relative to the index. Who answers for the index may hold a version back or offer an old one, and no more:
what is taken in is decided by the bundle's signature and its version.
"""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import Refused
from gateway.wire.release import Version
from gateway.wire.update import Sha256
from services.updater.memory import Release

MOST_BYTES = 1 << 20
CHANNEL = "stable"
_HERE = {"127.0.0.1", "::1", "localhost"}


class _Offer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    version: Version
    url: Annotated[str, Field(max_length=512)]
    sha256: Sha256
    size: Annotated[int, Field(gt=0, lt=2**40)] | None = None
    notes: Annotated[str, Field(max_length=10_000)] = ""


class _Index(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    hearthgate: Literal[1]
    channels: Mapping[str, Mapping[str, _Offer]]


def check_index(url: str) -> None:
    """Raises `Refused("download_insecure")` where anybody on the way could answer."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _HERE:
        raise Refused("download_insecure", scheme=parts.scheme)


def offered(raw: bytes, url: str, board: str) -> Release:
    """Raises `Refused`: "index_invalid", "index_without_board"."""
    try:
        index = _Index.model_validate_json(raw)
        offer = index.channels.get(CHANNEL, {}).get(board)
        if offer is None:
            raise Refused("index_without_board", board=board, channel=CHANNEL)
        address = urljoin(url, offer.url)
        if urlsplit(address).scheme not in {"http", "https"}:
            raise Refused("index_invalid", cause="no address of a bundle")
        return Release(version=offer.version, url=address, sha256=offer.sha256, size=offer.size)
    except (ValidationError, ValueError):
        raise Refused("index_invalid") from None
