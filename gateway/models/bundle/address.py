"""Where a bundle may be fetched from, and within which limits."""

import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from gateway.errors import Refused
from gateway.models.bundle.layout import MOST_BUNDLE_BYTES

MOST_REDIRECTS = 3
_HERE = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`stall_s` is the longest silence, `total_s` the longest all of it may take; `plain_here` allows http: to this
    very machine."""

    most_bytes: int = MOST_BUNDLE_BYTES
    stall_s: float = 30.0
    total_s: float = 3600.0
    plain_here: bool = False


class Redirects(urllib.request.HTTPRedirectHandler):
    """Only a few, and only to where one may fetch from at all."""

    max_redirections = MOST_REDIRECTS

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def http_error_302(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message) -> Any:
        with fp:
            check_address(headers.get("Location", ""), self._limits, base=req.full_url)
        return super().http_error_302(req, fp, code, msg, headers)  # type: ignore[arg-type]

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def check_address(url: str, limits: Limits, base: str = "") -> None:
    """Raises `Refused("download_insecure")` unless it is https: (or http:, where `limits` allow it), seen from
    `base`."""
    try:
        parts = urlsplit(urljoin(base, url))
        plain = parts.scheme == "http" and limits.plain_here and parts.hostname in _HERE
    except ValueError:
        raise Refused("download_insecure", cause="no URL") from None
    if not parts.hostname or not (plain or parts.scheme == "https"):
        raise Refused("download_insecure", scheme=parts.scheme[:20])
