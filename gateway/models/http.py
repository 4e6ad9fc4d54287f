"""Fetching bytes over HTTP(S) or from a `file:` index: bounded in size and silence, quiet about credentials."""

import base64
import contextlib
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from gateway.errors import Refused, Transient

TIMEOUT_S = 60.0
"""Longest silence on the line."""
_CHUNK = 1 << 18
_GONE = {401, 403, 404, 410, 451}

Progress = Callable[[str, int, int | None], None]
"""Called with what is being fetched, how many bytes have come, and how many will (None: unknown)."""


def no_progress(_what: str, _done: int, _total: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`url` is where it came from in the end, without credentials."""

    url: str
    content_type: str
    length: int | None
    chunks: Iterator[bytes]


@contextlib.contextmanager
def get(url: str, *, what: str, most: int, accept: str = "*/*", cert: str | None = None) -> Generator[Answer]:
    """Raises `Transient("model_download_failed")` for weather, `Refused("model_missing")` where the server says no,
    `Refused("model_too_large")` past `most` bytes. A body shorter than announced is weather. Reading `chunks` raises
    the same."""
    request = request_for(url, accept)
    with weather(what):
        context = ssl.create_default_context(cafile=cert) if request.type == "https" else None
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S, context=context)  # noqa: S310 - see request_for
    with response:
        yield _answer(response, what, most)


@contextlib.contextmanager
def weather(what: str) -> Generator[None]:
    """What the network does, in our words."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        raise refusal(what, error.code) from None
    except (OSError, HTTPException, ValueError) as error:
        raise Transient("model_download_failed", what=what, cause=_cause(error)) from None


def request_for(url: str, accept: str) -> urllib.request.Request:
    """Credentials in the URL go into a header that no redirect carries on."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"http", "https", "file"}:
        raise Refused("model_missing", cause=f"cannot fetch from {parts.scheme or 'nowhere'}:")
    if parts.scheme == "file" and parts.path.endswith("/"):
        parts = parts._replace(path=parts.path + "index.html")
    user, at, host = parts.netloc.rpartition("@")
    plain = urllib.parse.urlunsplit(parts._replace(netloc=host, fragment=""))
    headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "hearthgate"}
    request = urllib.request.Request(plain, headers=headers)  # noqa: S310 - checked above
    if at:
        token = base64.b64encode(urllib.parse.unquote(user).encode()).decode("ascii")
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


def _answer(response: Any, what: str, most: int) -> Answer:
    announced = response.headers.get("Content-Length")
    length = int(announced) if announced is not None else None
    if length is not None and length > most:
        raise Refused("model_too_large", what=what, most_bytes=most, announced_bytes=length)
    content_type = response.headers.get_content_type()
    return Answer(
        url=response.url, content_type=content_type, length=length, chunks=_chunks(response, what, most, length)
    )


def _chunks(response: Any, what: str, most: int, length: int | None) -> Iterator[bytes]:
    done = 0
    while chunk := _read(response, what):
        done += len(chunk)
        if done > most:
            raise Refused("model_too_large", what=what, most_bytes=most)
        yield chunk
    if length is not None and done < length:
        raise Transient("model_download_failed", what=what, cause=f"cut off after {done} of {length} bytes")


def _read(response: Any, what: str) -> bytes:
    with weather(what):
        return bytes(response.read(_CHUNK))


def refusal(what: str, status: int) -> Refused | Transient:
    if status in _GONE:
        return Refused("model_missing", what=what, cause=f"the server answered {status}", status=404)
    return Transient("model_download_failed", what=what, cause=f"the server answered {status}")


def _cause(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return str(reason)[:200]
