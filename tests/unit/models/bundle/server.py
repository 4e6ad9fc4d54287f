"""A web server on this machine that behaves as badly as it is told to."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Served:
    """One body. `breaks` are the numbers of bytes after which the connection is dropped, one for each request;
    `announced` lies about the length; without an `etag` or with `ranges` off nothing can be gone on with."""

    body: bytes
    etag: str | None = '"one"'
    ranges: bool = True
    breaks: list[int] = field(default_factory=list)
    announced: int | None = None
    status: int = 200
    location: str | None = None
    content_range: str | None = None
    endless: bool = False


@dataclass
class Server:
    """`asked` are the path, Range, If-Range and Authorization of every request."""

    url: str
    pages: dict[str, Served] = field(default_factory=dict)
    asked: list[tuple[str, str | None, str | None, str | None]] = field(default_factory=list)

    @property
    def ranges(self) -> list[str | None]:
        return [one[1] for one in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: "_Machine"

    def do_GET(self) -> None:
        asked = self.headers
        self.server.served.asked.append(
            (self.path, asked.get("Range"), asked.get("If-Range"), asked.get("Authorization"))
        )
        page = self.server.served.pages.get(self.path, Served(b"", status=404))
        begin = self._begin(page)
        self._head(page, begin)
        self._body(page, page.body[begin:])

    def _begin(self, page: Served) -> int:
        goes_on = page.ranges and page.status == 200 and self.headers.get("If-Range") == page.etag
        wanted = self.headers.get("Range")
        return int(wanted.removeprefix("bytes=").removesuffix("-")) if goes_on and wanted else 0

    def _head(self, page: Served, begin: int) -> None:
        total = len(page.body) if page.announced is None else page.announced
        if begin >= total > 0:
            self.send_response(416)
        else:
            self.send_response(206 if begin else page.status)
        if begin:
            self.send_header("Content-Range", page.content_range or f"bytes {begin}-{total - 1}/{total}")
        if page.location is not None:
            self.send_header("Location", page.location)
        if page.etag is not None:
            self.send_header("ETag", page.etag)
        if not page.endless:
            self.send_header("Content-Length", str(max(0, total - begin)))
        self.end_headers()

    def _body(self, page: Served, body: bytes) -> None:
        most = page.breaks.pop(0) if page.breaks else len(body)
        try:
            self.wfile.write(body[:most])
            while page.endless and not self.server.stop.wait(0.01):
                self.wfile.write(b"x")
        except OSError:  # the other side has had enough
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        return


class _Machine(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.served = Server(url="")
        self.stop = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)


@contextmanager
def serving(tls: SSLContext | None = None) -> Generator[Server]:
    server = _Machine()
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.served.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="server", daemon=True)
    thread.start()
    try:
        yield server.served
    finally:
        server.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving_tls(folder: Path) -> Generator[tuple[Server, Path]]:
    """With the certificate that vouches for it, kept in `folder`."""
    file = _certificate(folder)
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with serving(context) as server:
        yield server, file


def _certificate(folder: Path) -> Path:
    """Key and certificate of a server called 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
