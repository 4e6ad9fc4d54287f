"""A package index on this machine, over real HTTP."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateway.models.pipconfig import IndexSettings


@dataclass
class Page:
    """What is served at a path: `announce` lies about the length where it is given."""

    body: bytes
    status: int = 200
    content_type: str = "text/html"
    announce: int | None = None
    location: str | None = None


@dataclass
class Index:
    """`pages` by path; `asked` are the (path, Authorization) pairs that came in."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def settings(self) -> IndexSettings:
        return IndexSettings(urls=(self.url + "simple/",))

    def offer(self, project: str, name: str, archive: bytes) -> None:
        """One archive, linked relatively and with its hash in a fragment, as mirrors do."""
        link = f'<a href="../../files/{name}#sha256=0">{name}</a>'.encode()
        self.pages[f"/simple/{project}/"] = Page(b"<!DOCTYPE html><html><body>" + link + b"</body></html>")
        self.pages[f"/files/{name}"] = Page(archive, content_type="application/octet-stream")


@pytest.fixture
def index() -> Iterator[Index]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, self.headers.get("Authorization")))
            page = served.pages.get(self.path, Page(b"<html>not here</html>", status=404))
            self.send_response(page.status)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body) if page.announce is None else page.announce))
            if page.location is not None:
                self.send_header("Location", page.location)
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Index(url=f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="index", daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
