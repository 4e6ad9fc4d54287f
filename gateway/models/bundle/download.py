"""Fetching a bundle: over TLS, bounded in size and time, and going on where it broke off, also after a restart.

The signature says whose a bundle is; TLS only keeps others from seeing who asks for which.
"""

import http.client
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from gateway.errors import Refused, Transient
from gateway.models.bundle.address import MOST_REDIRECTS, Limits, Redirects, check_address
from gateway.models.bundle.partial import Partial
from gateway.models.http import Progress, no_progress, request_for, weather
from gateway.models.store.intake import SPARE_BYTES, free_bytes
from gateway.models.store.lock import changing

_RANGE = re.compile(r"bytes (\d{1,12})-\d{1,12}/(\d{1,12})")
_MOST_ATTEMPTS = 20
_CHUNK = 1 << 18


@contextmanager
def fetched_bundle(
    url: str,
    folder: Path,
    *,
    progress: Progress = no_progress,
    limits: Limits | None = None,
    tls: ssl.SSLContext | None = None,
) -> Generator[Path]:
    """The bundle's file, until the block ends. What broke off is kept in `folder`, for the next call to go on with
    where the server can (RFC 9110, sections 13.1.5 and 14); of other URLs nothing is kept. `tls` says whose
    certificates count: the system's where it is None.

    Raises `Transient("model_download_failed")`, where calling again may help, and `Refused`: "download_insecure" (no
    https:, also behind a redirect), "download_redirects", "bundle_too_large", "model_missing", "model_disk_full",
    "model_unwritable"."""
    limits = limits or Limits()
    check_address(url, limits)
    with changing(folder):
        partial = Partial(folder, url)
        partial.keep_alone()
        _Download(url, partial, progress, limits, tls).finish()
        try:
            yield partial.file
        finally:
            partial.drop()


class _Download:
    def __init__(
        self, url: str, partial: Partial, progress: Progress, limits: Limits, tls: ssl.SSLContext | None
    ) -> None:
        self._url, self._partial, self._progress, self._limits = url, partial, progress, limits
        self._what = urlsplit(url).path.rpartition("/")[2][:80] or "bundle"
        self._opener = urllib.request.build_opener(Redirects(limits), urllib.request.HTTPSHandler(context=tls))
        self._deadline = time.monotonic() + limits.total_s

    def finish(self) -> None:
        """As many attempts as bring it forward."""
        for attempt in range(_MOST_ATTEMPTS):
            before = self._partial.size
            try:
                return self._go_on()
            except Transient:
                if self._partial.size == before or attempt == _MOST_ATTEMPTS - 1:
                    raise
        return None

    def _go_on(self) -> None:
        with self._answer() as answer:
            total = self._begun(answer)
            if total is not None:
                self._check_room(total)
            with self._partial.appending() as stream:
                self._copy(answer, stream, total)
        if total is not None and self._partial.size != total:
            raise self._broken(f"cut off after {self._partial.size} of {total} bytes")

    def _answer(self) -> http.client.HTTPResponse:
        request = request_for(self._url, "*/*")
        if self._partial.etag is not None:
            request.add_header("Range", f"bytes={self._partial.size}-")
            request.add_header("If-Range", self._partial.etag)
        with weather(self._what):
            try:
                answer: http.client.HTTPResponse = self._opener.open(request, timeout=self._limits.stall_s)
            except urllib.error.HTTPError as error:
                self._refused(error)
                raise
        return answer

    def _refused(self, error: urllib.error.HTTPError) -> None:
        """Of the server's refusals those that mean something else here than elsewhere."""
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._partial.drop()
        if error.code // 100 == 3:
            error.close()
            raise Refused("download_redirects", what=self._what, most=MOST_REDIRECTS)

    def _begun(self, answer: http.client.HTTPResponse) -> int | None:
        """The size of the whole bundle, where it is told; what is here fits what comes then."""
        if answer.status == http.HTTPStatus.PARTIAL_CONTENT:
            match = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            same = answer.headers.get("ETag", self._partial.etag) == self._partial.etag
            if match is None or int(match[1]) != self._partial.size or not same:
                self._partial.drop()
                raise self._broken("another part than was asked for")
            return int(match[2])
        self._partial.begin(answer.headers.get("ETag"))
        return answer.length

    def _check_room(self, total: int) -> None:
        if total > self._limits.most_bytes:
            self._partial.drop()
            raise Refused("bundle_too_large", what=self._what, bytes=total, most_bytes=self._limits.most_bytes)
        needed, free = total - self._partial.size + SPARE_BYTES, free_bytes(self._partial.file.parent)
        if needed > free:
            raise Refused("model_disk_full", what=self._what, needed_bytes=needed, free_bytes=free)

    def _copy(self, answer: http.client.HTTPResponse, stream: IO[bytes], total: int | None) -> None:
        done = self._partial.size
        while chunk := self._read(answer):
            done += len(chunk)
            if done > self._limits.most_bytes:
                self._partial.drop()
                raise Refused("bundle_too_large", what=self._what, most_bytes=self._limits.most_bytes)
            stream.write(chunk)
            self._progress(self._what, done, total)

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        if time.monotonic() > self._deadline:
            raise self._broken(f"not done within {self._limits.total_s:g} s")
        with weather(self._what):
            return answer.read1(_CHUNK)

    def _broken(self, cause: str) -> Transient:
        return Transient("model_download_failed", what=self._what, cause=cause)
