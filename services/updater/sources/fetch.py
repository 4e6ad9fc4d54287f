"""Fetches over HTTP(S), in a process of its own without any rights: `python -m services.updater.sources.fetch`.

Whatever a server sends is parsed here and not by root. On standard input comes one JSON object (`url`, `offset`,
`most`); on standard output leaves a line of JSON (`offset`, `total`) and then the bytes from that offset on. What goes
wrong is the last line on standard error: JSON (`key`, `cause`, `again`: whether another attempt may help).
"""

import http.client
import json
import os
import re
import sys
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import urlsplit

STALL_S = 60.0
"""The longest silence."""
_CHUNK = 1 << 18
_MOST_REDIRECTS = 3
_GONE = {400, 401, 403, 404, 410, 451}
_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})")


class Trouble(Exception):
    """As it leaves on standard error."""

    def __init__(self, key: str, cause: str, *, again: bool) -> None:
        self.told = {"key": key, "cause": cause[:200], "again": again}
        super().__init__(key)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Only a few, and never from TLS to none."""

    max_redirections = _MOST_REDIRECTS

    def redirect_request(  # noqa: PLR0917 - the form is the library's
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        check_address(newurl, plain=urlsplit(req.full_url).scheme == "http")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def main() -> int:
    try:
        _fetch(json.load(sys.stdin), sys.stdout.buffer)
    except Trouble as trouble:
        sys.stderr.write(json.dumps(trouble.told) + "\n")
        return 1
    except BrokenPipeError:  # nobody wants it any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def check_address(url: str, *, plain: bool) -> None:
    """Raises `Trouble("download_insecure")` unless it is https:, or http: where that is allowed."""
    scheme = urlsplit(url).scheme
    if scheme != "https" and not (plain and scheme == "http"):
        raise Trouble("download_insecure", f"{scheme}:", again=False)


def _fetch(wanted: dict[str, Any], out: IO[bytes]) -> None:
    url, offset, most = str(wanted["url"]), int(wanted["offset"]), int(wanted["most"])
    check_address(url, plain=True)
    request = urllib.request.Request(url, headers={"User-Agent": "hearthgate", "Accept-Encoding": "identity"})  # noqa: S310
    if offset:
        request.add_header("Range", f"bytes={offset}-")
    with _answered(request) as answer:
        begins, total = _extent(answer, offset)
        if total is not None and total > most:
            raise Trouble("bundle_too_large", f"{total} bytes", again=False)
        out.write(json.dumps({"offset": begins, "total": total}).encode() + b"\n")
        _copy(answer, out)


def _answered(request: urllib.request.Request) -> http.client.HTTPResponse:
    try:
        answer: http.client.HTTPResponse = urllib.request.build_opener(_Redirects()).open(request, timeout=STALL_S)
    except urllib.error.HTTPError as error:
        error.close()
        raise Trouble("download_failed", f"the server answered {error.code}", again=error.code not in _GONE) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _weather(error) from None
    return answer


def _extent(answer: http.client.HTTPResponse, offset: int) -> tuple[int, int | None]:
    """Where the body begins, and how long the whole is."""
    if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0, answer.length
    match = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != offset:
        raise Trouble("download_failed", "another part than was asked for", again=True)
    return offset, int(match[2])


def _copy(answer: http.client.HTTPResponse, out: IO[bytes]) -> None:
    while True:
        try:
            chunk = answer.read1(_CHUNK)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _weather(error) from None
        if not chunk:
            break
        out.write(chunk)
        out.flush()
    if answer.length:
        raise Trouble("download_failed", f"{answer.length} bytes are missing", again=True)


def _weather(error: Exception) -> Trouble:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return Trouble("download_failed", str(reason), again=True)


if __name__ == "__main__":
    sys.exit(main())
