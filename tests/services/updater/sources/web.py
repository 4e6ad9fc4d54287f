"""A server of files that keeps to RFC 9110, or does not."""

import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """`hangs_up_after` so many bytes of each answer, or stands still there until `goes_on`; `ranges` whether it can
    send parts; `status` when it will not."""

    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    hangs_up_after: int | None = None
    goes_on: threading.Event | None = None
    ranges: bool = True
    status: int = 200
    address: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@contextmanager
def serving(web: Web) -> Generator[Web]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(web))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="web", daemon=True)
    thread.start()
    web.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append((self.path, self.headers.get("Range")))
            if self.path in web.redirects:
                self.send_response(302)
                self.send_header("Location", web.redirects[self.path])
                self.end_headers()
                return
            data = web.files.get(self.path)
            if data is None or web.status != 200:
                self.send_error(404 if data is None else web.status)
                return
            self._send(data)

        def _send(self, data: bytes) -> None:
            match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            begins = int(match[1]) if match and web.ranges else 0
            if begins > len(data):
                self.send_error(416)
                return
            self.send_response(206 if match and web.ranges else 200)
            self.send_header("Content-Length", str(len(data) - begins))
            self.send_header("Content-Range", f"bytes {begins}-{len(data) - 1}/{len(data)}")
            self.end_headers()
            self.wfile.write(data[begins:][: web.hangs_up_after])
            if web.goes_on is not None:
                web.goes_on.wait(20)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the form is the library's
            """Nothing."""

    return Handler
