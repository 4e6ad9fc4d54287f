"""From a package index to one checked member; every way to fail has its key and leaves nothing behind."""

import io
import logging
import random
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GatewayError, Refused, Transient
from gateway.models import clips
from gateway.models.fetch import Fetcher, cache_folder
from gateway.models.pipconfig import IndexSettings
from gateway.wire.model_card import Origin
from tests.models.tiny import origin, sdist, sha256, wheel
from tests.unit.models.conftest import Index, Page

MODEL = random.Random(1).randbytes(2000)
MEMBER = "tiny/tiny.tflite"
WHEEL = wheel({"tiny/setup.py": b"raise SystemExit", MEMBER: MODEL, "other": b"x" * 1000})
NAME = "tiny_models-1.0-py3-none-any.whl"


@pytest.fixture
def fetcher(index: Index, tmp_path: Path) -> Fetcher:
    index.offer("tiny-models", NAME, WHEEL)
    return Fetcher(tmp_path / "cache", index.settings)


def left(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def failure(fetcher: Fetcher, wanted: Origin) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        fetcher.fetch(wanted)
    return caught.value


def test_one_member_comes_out_and_only_the_archive_is_kept(fetcher: Fetcher, tmp_path: Path) -> None:
    assert fetcher.fetch(origin(WHEEL, MODEL)) == MODEL
    assert left(tmp_path) == [f"cache/archives/{sha256(WHEEL)}.wheel"]


def test_an_archive_at_hand_is_not_downloaded_again(fetcher: Fetcher, index: Index) -> None:
    fetcher.fetch(origin(WHEEL, MODEL))
    index.asked.clear()
    assert fetcher.fetch(origin(WHEEL, MODEL)) == MODEL
    assert index.asked == []


def test_a_damaged_archive_at_hand_is_fetched_again(
    fetcher: Fetcher, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fetcher.fetch(origin(WHEEL, MODEL))
    file = tmp_path / "cache/archives" / f"{sha256(WHEEL)}.wheel"
    file.write_bytes(WHEEL[:-1] + b"?")
    with caplog.at_level(logging.WARNING):
        assert fetcher.fetch(origin(WHEEL, MODEL)) == MODEL
    assert "damaged" in caplog.text


def test_progress_is_told_up_to_the_end(fetcher: Fetcher) -> None:
    told: list[tuple[str, int, int | None]] = []
    fetcher.fetch(origin(WHEEL, MODEL), lambda *step: told.append(step))
    assert told[-1] == ("Tiny_Models 1.0", len(WHEEL), len(WHEEL))


def test_a_source_archive_is_read_without_running_its_set_up_code(index: Index, tmp_path: Path) -> None:
    data = sdist({"tiny_models-1.0/setup.py": b"raise SystemExit", "tiny_models-1.0/model.dat": MODEL})
    index.offer("tiny-models", "tiny_models-1.0.tar.gz", data)
    wanted = origin(data, MODEL, archive="sdist", member="tiny_models-1.0/model.dat")
    assert Fetcher(tmp_path, index.settings).fetch(wanted) == MODEL
    assert left(tmp_path) == [f"archives/{sha256(data)}.sdist"]


def test_a_json_index_is_read(fetcher: Fetcher, index: Index) -> None:
    body = f'{{"files": [{{"filename": "{NAME}", "url": "/files/{NAME}", "hashes": {{}}}}]}}'.encode()
    index.pages["/simple/tiny-models/"] = Page(body, content_type="application/vnd.pypi.simple.v1+json")
    assert fetcher.fetch(origin(WHEEL, MODEL)) == MODEL


def test_a_file_index_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "simple/tiny-models"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(f'<a href="../../{NAME}">{NAME}</a>')
    (tmp_path / NAME).write_bytes(WHEEL)
    settings = IndexSettings(urls=((tmp_path / "simple").as_uri() + "/",))
    assert Fetcher(tmp_path / "cache", settings).fetch(origin(WHEEL, MODEL)) == MODEL


def test_the_next_index_is_asked_where_the_first_has_it_not(fetcher: Fetcher, index: Index, tmp_path: Path) -> None:
    settings = IndexSettings(urls=(index.url + "empty/", index.url + "simple/"))
    assert Fetcher(tmp_path / "other", settings).fetch(origin(WHEEL, MODEL)) == MODEL


def test_a_mirror_may_redirect(fetcher: Fetcher, index: Index) -> None:
    index.pages["/elsewhere"] = index.pages[f"/files/{NAME}"]
    index.pages[f"/files/{NAME}"] = Page(b"", status=302, location="/elsewhere")
    assert fetcher.fetch(origin(WHEEL, MODEL)) == MODEL


@pytest.mark.parametrize(
    ("page", "kind", "key"),
    [
        (Page(b"gone", status=404), Refused, "model_missing"),
        (Page(b"who are you", status=401), Refused, "model_missing"),
        (Page(b"later", status=503), Transient, "model_download_failed"),
        (Page(WHEEL[:500], announce=len(WHEEL)), Transient, "model_download_failed"),
        (Page(WHEEL[:500]), Refused, "model_hash"),
        (Page(b"?" + WHEEL[1:]), Refused, "model_hash"),
        (Page(b"<html>please log in</html>"), Refused, "model_hash"),
        (Page(WHEEL + b"0"), Refused, "model_too_large"),
        (Page(b"", status=302, location="/nowhere"), Refused, "model_missing"),
    ],
)
def test_a_bad_download_has_its_key_and_leaves_nothing(
    page: Page, kind: type[GatewayError], key: str, index: Index, tmp_path: Path
) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    index.pages[f"/files/{NAME}"] = page
    error = failure(Fetcher(tmp_path, index.settings), origin(WHEEL, MODEL))
    assert (type(error), error.key) == (kind, key)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("page", "key"),
    [
        (Page(b"<html><body>no links</body></html>"), "model_missing"),
        (Page(f'<a href="{NAME.replace("1.0", "1.0.1")}">x</a>'.encode()), "model_missing"),
        (Page(b"{", content_type="application/vnd.pypi.simple.v1+json"), "index_unreadable"),
        (Page(f'<a href="ftp://x/{NAME}">x</a>'.encode()), "model_missing"),
    ],
)
def test_an_index_without_the_archive(page: Page, key: str, fetcher: Fetcher, index: Index) -> None:
    index.pages["/simple/tiny-models/"] = page
    assert failure(fetcher, origin(WHEEL, MODEL)).key == key


def test_no_server_at_all_is_weather(tmp_path: Path) -> None:
    fetcher = Fetcher(tmp_path, IndexSettings(urls=("http://127.0.0.1:9/simple/",)))
    error = failure(fetcher, origin(WHEEL, MODEL))
    assert isinstance(error, Transient)
    assert error.key == "model_download_failed"


def test_a_full_disk_is_named_and_leaves_nothing(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    error = failure(fetcher, origin(WHEEL, MODEL))
    assert (type(error), error.key) == (Refused, "model_disk_full")
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"member": "tiny/none.tflite"}, "model_missing"),
        ({"member": "../tiny/tiny.tflite"}, "model_missing"),
        ({"member_sha256": "0" * 64}, "model_hash"),
        ({"member_bytes": 10}, "model_hash"),
        ({"member_bytes": 10_000}, "model_hash"),
    ],
)
def test_a_wrong_member(changes: dict[str, Any], key: str, fetcher: Fetcher) -> None:
    error = failure(fetcher, origin(WHEEL, MODEL, **changes))
    assert (type(error), error.key) == (Refused, key)


def zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(MEMBER, b"\0" * (64 << 20))
    return file.getvalue()


def linking_tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as package:
        info = tarfile.TarInfo(MEMBER)
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        package.addfile(info)
    return file.getvalue()


@pytest.mark.parametrize(
    ("archive", "kind", "key"),
    [
        (zip_bomb(), "wheel", "model_hash"),
        (wheel({"../../" + MEMBER: MODEL, "/" + MEMBER: MODEL}), "wheel", "model_missing"),
        (linking_tar(), "sdist", "model_missing"),
        (sdist({"../" + MEMBER: MODEL}), "sdist", "model_missing"),
        (b"no archive at all", "wheel", "model_invalid"),
        (b"no archive at all", "sdist", "model_invalid"),
        (WHEEL[: len(WHEEL) // 2], "wheel", "model_invalid"),
        (sdist({MEMBER: MODEL * 100})[:200], "sdist", "model_invalid"),
    ],
)
def test_a_hostile_or_broken_archive_whose_hash_fits(
    archive: bytes, kind: str, key: str, index: Index, tmp_path: Path
) -> None:
    name = NAME if kind == "wheel" else "tiny_models-1.0.tar.gz"
    index.offer("tiny-models", name, archive)
    error = failure(Fetcher(tmp_path / "cache", index.settings), origin(archive, MODEL, archive=kind))
    assert (type(error), error.key) == (Refused, key)
    assert left(tmp_path) == [f"cache/archives/{sha256(archive)}.{kind}"]


def test_credentials_go_to_their_host_only_and_are_never_told(index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    signed = index.url.replace("://", "://canary:s3cret@")
    settings = IndexSettings(urls=(signed + "simple/",))
    assert Fetcher(tmp_path, settings).fetch(origin(WHEEL, MODEL)) == MODEL
    assert {authorization for _, authorization in index.asked} == {"Basic Y2FuYXJ5OnMzY3JldA=="}

    elsewhere = index.url.replace("127.0.0.1", "localhost")
    link = f'<a href="{elsewhere}files/{NAME}">x</a>'.encode()
    index.pages["/simple/tiny-models/"] = Page(link)
    index.pages[f"/files/{NAME}"] = Page(b"", status=404)
    index.asked.clear()
    error = failure(Fetcher(tmp_path / "other", settings), origin(WHEEL, MODEL))
    assert index.asked[-1] == (f"/files/{NAME}", None)
    assert "s3cret" not in str(error) + repr(error.facts)


def test_the_cache_folder_is_where_it_was_asked_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEARTHGATE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("HEARTHGATE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_folder() == tmp_path / "x/hearthgate"


def test_a_clip_is_fetched_once(
    fetcher: Fetcher, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "CLIPS", {"face": origin(WHEEL, MODEL)})
    file = clips.fetch_clip("face", tmp_path / "clips", fetcher)
    assert file.read_bytes() == MODEL
    index.pages.clear()
    assert clips.fetch_clip("face", tmp_path / "clips", Fetcher(tmp_path / "new", index.settings)) == file
