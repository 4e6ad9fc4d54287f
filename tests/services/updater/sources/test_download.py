"""Downloads, by the real child process from a real server."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.errors import GatewayError, Refused, Transient
from services.updater.sources import download
from services.updater.sources.download import Downloads
from tests.services.updater.sources.web import Web, serving

DATA = os.urandom(700_000)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def web() -> Generator[Web]:
    with serving(Web(files={"/new.raucb": DATA})) as web:
        yield web


@pytest.fixture
def downloads() -> Generator[Downloads]:
    threads = ThreadPoolExecutor(1, thread_name_prefix="updater-files")
    yield Downloads(threads)
    threads.shutdown()


async def fetch(downloads: Downloads, url: str, file: Path, sha256: str = SHA256) -> list[float]:
    shares: list[float] = []
    await downloads.to_file(url, sha256, file, shares.append)
    return shares


async def test_it_comes_whole(web: Web, downloads: Downloads, tmp_path: Path) -> None:
    shares = await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == DATA
    assert shares[-1] == 1.0


async def test_it_goes_on_where_the_server_hung_up(web: Web, downloads: Downloads, tmp_path: Path) -> None:
    web.hangs_up_after = 300_000
    for done in (300_000, 600_000):
        with pytest.raises(Transient, match="download_failed"):
            await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part")
        assert (tmp_path / "part").stat().st_size == done
    await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == DATA
    assert [ranges for _, ranges in web.asked] == [None, "bytes=300000-", "bytes=600000-"]


async def test_a_server_without_ranges_begins_anew(web: Web, downloads: Downloads, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"x" * 800_000)
    web.ranges = False
    await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == DATA


async def test_parts_that_do_not_fit_are_thrown_away_once(web: Web, downloads: Downloads, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"x" * 1000)
    with pytest.raises(Transient, match="do not belong together"):
        await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part")
    await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == DATA


async def test_another_file_than_was_promised_is_refused(web: Web, downloads: Downloads, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="hash_mismatch"):
        await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part", "0" * 64)
    assert not (tmp_path / "part").exists()


@pytest.mark.parametrize(
    ("status", "kind"), [(503, Transient), (429, Transient), (404, Refused), (403, Refused), (410, Refused)]
)
async def test_what_a_server_says_decides_whether_to_ask_again(
    web: Web, downloads: Downloads, tmp_path: Path, status: int, kind: type[GatewayError]
) -> None:
    web.status = status
    with pytest.raises(kind, match=f"download_failed.*{status}"):
        await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part")


async def test_nobody_at_home_is_weather(downloads: Downloads, tmp_path: Path) -> None:
    with pytest.raises(Transient, match="refused"):
        await fetch(downloads, "http://127.0.0.1:9/new.raucb", tmp_path / "part")


@pytest.mark.parametrize("to", ["file:///etc/shadow", "ftp://127.0.0.1/x"])
async def test_no_redirect_leads_out_of_the_web(web: Web, downloads: Downloads, tmp_path: Path, to: str) -> None:
    web.redirects["/there"] = to
    with pytest.raises(GatewayError):
        await fetch(downloads, f"{web.address}/there", tmp_path / "part")
    with pytest.raises(Refused, match="download_insecure"):
        await fetch(downloads, to, tmp_path / "part")


async def test_a_redirect_within_it_is_followed(web: Web, downloads: Downloads, tmp_path: Path) -> None:
    web.redirects["/there"] = "/new.raucb"
    await fetch(downloads, f"{web.address}/there", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == DATA


async def test_more_than_a_bundle_can_have_is_refused(
    web: Web, downloads: Downloads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MOST_BUNDLE_BYTES", 1000)
    with pytest.raises(Refused, match="bundle_too_large"):
        await fetch(downloads, f"{web.address}/new.raucb", tmp_path / "part")
    with pytest.raises(Refused, match="too_large"):
        await downloads.to_memory(f"{web.address}/new.raucb", 1000)


@pytest.fixture
def open_to_all() -> Generator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give rights away")
async def test_the_child_has_nobodys_rights(open_to_all: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its place stands one that tells who it is."""
    child = open_to_all / "python"
    child.write_text('#!/bin/sh\nread -r _\necho "{\\"offset\\": 0, \\"total\\": null}"\nid -u; id -g; id -G\n')
    child.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(child))
    with ThreadPoolExecutor(1) as threads:
        told = await Downloads(threads, (65534, 65534)).to_memory("http://127.0.0.1/x", 1000)
    assert told.split() == [b"65534", b"65534", b"65534"]
