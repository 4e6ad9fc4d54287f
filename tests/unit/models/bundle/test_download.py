"""Over a real network connection, through everything that can become of one."""

import os
import random
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import GatewayError, Refused, Transient
from gateway.models.bundle.address import Limits
from gateway.models.bundle.download import fetched_bundle
from tests.unit.models.bundle.server import Served, Server, serving, serving_tls

BODY = random.Random(1).randbytes(1_000_000)
LIMITS = Limits(plain_here=True, most_bytes=2_000_000, stall_s=5)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as served:
        served.pages["/a.hgmodel"] = Served(BODY)
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "downloads"


def fetch(url: str, folder: Path, limits: Limits = LIMITS) -> bytes:
    with fetched_bundle(url, folder, limits=limits) as file:
        return file.read_bytes()


def failure(url: str, folder: Path, limits: Limits = LIMITS) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        fetch(url, folder, limits)
    return caught.value


def left(folder: Path) -> list[str]:
    return sorted(file.suffix for file in folder.iterdir() if file.name != ".lock") if folder.is_dir() else []


def test_it_comes_whole_and_is_gone_afterwards(server: Server, folder: Path) -> None:
    assert fetch(server.url + "/a.hgmodel", folder) == BODY
    assert left(folder) == []


def test_progress_is_told_up_to_the_end(server: Server, folder: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    with fetched_bundle(server.url + "/a.hgmodel", folder, progress=lambda *step: told.append(step), limits=LIMITS):
        assert told[-1] == ("a.hgmodel", len(BODY), len(BODY))


def test_it_goes_on_where_the_line_broke(server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"].breaks = [300_000, 1, 400_000]
    assert fetch(server.url + "/a.hgmodel", folder) == BODY
    assert server.ranges == [None, "bytes=300000-", "bytes=300001-", "bytes=700001-"]
    assert server.asked[1][2] == '"one"'


def test_it_goes_on_after_a_restart(server: Server, folder: Path) -> None:
    page = server.pages["/a.hgmodel"]
    page.breaks = [300_000, 0]
    error = failure(server.url + "/a.hgmodel", folder)
    assert (type(error), error.key) == (Transient, "model_download_failed")
    assert left(folder) == [".part", ".tag"]
    server.asked.clear()
    assert fetch(server.url + "/a.hgmodel", folder) == BODY
    assert server.ranges == ["bytes=300000-"]


def test_what_has_changed_meanwhile_begins_anew(server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"].breaks = [300_000, 0]
    failure(server.url + "/a.hgmodel", folder)
    server.pages["/a.hgmodel"] = Served(BODY[::-1], etag='"two"')
    assert fetch(server.url + "/a.hgmodel", folder) == BODY[::-1]


@pytest.mark.parametrize("etag", [None, 'W/"one"', "one", '"' + "x" * 300 + '"'])
def test_without_a_strong_tag_it_begins_anew(etag: str | None, server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"] = Served(BODY, etag=etag, breaks=[300_000])
    assert fetch(server.url + "/a.hgmodel", folder) == BODY
    assert server.ranges == [None, None]


def test_a_server_that_sends_no_parts_sends_all(server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"] = Served(BODY, ranges=False, breaks=[300_000])
    assert fetch(server.url + "/a.hgmodel", folder) == BODY
    assert server.ranges == [None, "bytes=300000-"]


@pytest.mark.parametrize("told", ["bytes 5-999999/1000000", "bytes */1000000", "rubbish"])
def test_another_part_than_was_asked_for_is_not_taken(told: str, server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"] = Served(BODY, content_range=told, breaks=[300_000])
    assert fetch(server.url + "/a.hgmodel", folder) == BODY
    assert server.ranges == [None, "bytes=300000-", None]


def test_what_has_become_shorter_begins_anew(server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"].breaks = [300_000, 0]
    failure(server.url + "/a.hgmodel", folder)
    server.pages["/a.hgmodel"].body = BODY[:1000]
    assert fetch(server.url + "/a.hgmodel", folder) == BODY[:1000]


def test_one_unfinished_download_is_kept_at_most(server: Server, folder: Path) -> None:
    server.pages["/b.hgmodel"] = Served(BODY, breaks=[300_000, 0])
    failure(server.url + "/b.hgmodel", folder)
    assert fetch(server.url + "/a.hgmodel", folder) == BODY
    assert left(folder) == []


def test_a_length_that_is_too_long_is_weather(server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"].announced = len(BODY) + 1
    assert failure(server.url + "/a.hgmodel", folder).key == "model_download_failed"


@pytest.mark.parametrize("announced", [500 << 20, 2_000_001])
def test_half_a_gigabyte_is_refused_before_it_comes(announced: int, server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"].announced = announced
    error = failure(server.url + "/a.hgmodel", folder)
    assert (type(error), error.key) == (Refused, "bundle_too_large")
    assert left(folder) == []


def test_more_than_the_limit_is_refused_also_unannounced(server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"] = Served(BODY, endless=True)
    assert failure(server.url + "/a.hgmodel", folder, Limits(plain_here=True, most_bytes=500_000)).key == (
        "bundle_too_large"
    )
    assert left(folder) == []


def test_a_server_that_never_ends_is_given_up(server: Server, folder: Path) -> None:
    server.pages["/a.hgmodel"] = Served(b"x", endless=True)
    error = failure(server.url + "/a.hgmodel", folder, Limits(plain_here=True, total_s=0.1))
    assert (type(error), error.key) == (Transient, "model_download_failed")


def test_redirects_are_followed_with_no_credentials(server: Server, folder: Path) -> None:
    server.pages["/x"] = Served(b"", status=302, location="/y")
    server.pages["/y"] = Served(b"", status=307, location=server.url + "/a.hgmodel")
    assert fetch(server.url.replace("//", "//ann:secret@") + "/x", folder) == BODY
    assert [(one[0], one[3] is None) for one in server.asked] == [("/x", False), ("/y", True), ("/a.hgmodel", True)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:,x", "http://example.org/", "//example.org/", "http://["],
)
def test_no_redirect_leads_elsewhere(status: int, location: str, server: Server, folder: Path) -> None:
    server.pages["/x"] = Served(b"", status=status, location=location)
    error = failure(server.url + "/x", folder)
    assert (type(error), error.key) == (Refused, "download_insecure")
    assert left(folder) == []


def test_redirects_end(server: Server, folder: Path) -> None:
    for number in range(5):
        server.pages[f"/{number}"] = Served(b"", status=302, location=f"/{number + 1}")
    assert failure(server.url + "/1", folder).key == "download_redirects"
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://example.org/a", "download_insecure"),
        ("file:///etc/passwd", "download_insecure"),
        ("ftp://example.org/a", "download_insecure"),
        ("https://", "download_insecure"),
        ("http://[", "download_insecure"),
        ("a.hgmodel", "download_insecure"),
    ],
)
def test_only_tls_is_spoken(url: str, key: str, folder: Path) -> None:
    assert failure(url, folder).key == key


def test_http_is_not_even_spoken_here_unless_asked_for(server: Server, folder: Path) -> None:
    assert failure(server.url + "/a.hgmodel", folder, Limits()).key == "download_insecure"
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "kind", "key"),
    [(404, Refused, "model_missing"), (403, Refused, "model_missing"), (503, Transient, "model_download_failed")],
)
def test_the_servers_own_refusals(
    status: int, kind: type[GatewayError], key: str, server: Server, folder: Path
) -> None:
    server.pages["/a.hgmodel"] = Served(b"no", status=status)
    error = failure(server.url + "/a.hgmodel", folder)
    assert (type(error), error.key) == (kind, key)


def test_a_disk_without_room_is_told_before_anything_comes(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.models.bundle.download.free_bytes", lambda _folder: len(BODY))
    assert failure(server.url + "/a.hgmodel", folder).key == "model_disk_full"
    assert ".part" not in left(folder)


def test_a_disk_that_fills_up_keeps_nothing(server: Server, folder: Path) -> None:
    with serving() as other:
        other.pages["/a"] = Served(BODY)
        folder.mkdir()
        with (
            pytest.raises(Refused, match="model_disk_full"),
            fetched_bundle(other.url + "/a", folder, progress=_full, limits=LIMITS),
        ):
            pass
    assert left(folder) == []


def _full(_what: str, _done: int, _total: int | None) -> None:
    raise OSError(28, os.strerror(28))


def test_no_server_is_weather_and_tells_no_password(folder: Path) -> None:
    error = failure("http://ann:secret@127.0.0.1:9/a?token=geheim", folder)
    assert (type(error), error.key) == (Transient, "model_download_failed")
    assert "secret" not in str(error)
    assert "geheim" not in str(error)


def test_over_tls_it_goes_on_too(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving_tls(tmp_path) as (server, file):
        server.pages["/a"] = Served(BODY, breaks=[300_000])
        server.pages["/x"] = Served(b"", status=302, location=server.url.replace("https", "http") + "/a")
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert fetch(server.url + "/a", folder, Limits()) == BODY
        assert failure(server.url + "/x", folder, Limits()).key == "download_insecure"


def test_who_counts_may_be_said(tmp_path: Path, folder: Path) -> None:
    with serving_tls(tmp_path) as (server, file):
        server.pages["/a"] = Served(BODY)
        context = ssl.create_default_context(cafile=str(file))
        with fetched_bundle(server.url + "/a", folder, tls=context) as fetched:
            assert fetched.read_bytes() == BODY


def test_a_certificate_nobody_vouches_for_is_not_trusted(tmp_path: Path, folder: Path) -> None:
    with serving_tls(tmp_path) as (server, _):
        assert failure(server.url + "/a", folder, Limits()).key == "model_download_failed"
        assert server.asked == []
