"""Files under their hashes, open or sealed."""

import fcntl
import os
from pathlib import Path

import pytest

from gateway.errors import Corrupt, GatewayError
from gateway.models import files
from gateway.models.litert import LiteRtBackend
from gateway.models.store.memory import in_memory
from gateway.models.store.objects import Content, Objects
from gateway.testing.conformance_backend import inputs_for
from tests.models.tiny import card, sha256, tiny_model

FILE = card().main


class Mirror:
    """A sealer that everybody can read: bytes backwards, and the name in front."""

    def seal(self, data: bytes, name: str) -> bytes:
        return name.encode() + data[::-1]

    def unseal(self, data: bytes, name: str) -> bytes:
        if not data.startswith(name.encode()):
            raise Corrupt("seal_broken", file=name)
        return data[len(name) :][::-1]


def key(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(GatewayError) as caught:
        call(*arguments)
    return caught.value.key


def read(objects: Objects) -> bytes:
    with objects.opened(FILE) as stream:
        return stream.read()


def test_what_was_put_is_read_again(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_bytes(tiny_model())
    contents: list[Content] = [tiny_model(), given]
    for place, content in enumerate(contents):
        objects = Objects(tmp_path / str(place))
        assert not objects.holds(FILE)
        objects.put(FILE, content)
        assert objects.holds(FILE)
        assert objects.sound(FILE)
        assert read(objects) == tiny_model()
        assert [file.name for file in objects.folder.iterdir()] == [FILE.sha256]


def test_damage_is_seen_before_a_byte_is_given_away(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    objects.put(FILE, tiny_model())
    objects.path(FILE).write_bytes(bytes(FILE.bytes))
    assert key(read, objects) == "model_hash"
    objects.path(FILE).unlink()
    assert key(read, objects) == "model_missing"


def test_a_sealed_file_is_never_open_on_the_disk(tmp_path: Path) -> None:
    objects = Objects(tmp_path, Mirror())
    objects.put(FILE, tiny_model())
    (file,) = tmp_path.iterdir()
    assert (file.name, file.read_bytes()) == (f"{FILE.sha256}.sealed", Mirror().seal(tiny_model(), FILE.sha256))
    assert read(objects) == tiny_model()
    assert list(tmp_path.iterdir()) == [file]
    assert key(read, Objects(tmp_path)) == "model_sealed"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "seal_broken"),
        (FILE.sha256.encode() + bytes(FILE.bytes), "model_hash"),
        (FILE.sha256.encode() + tiny_model()[:0:-1], "model_hash"),
        (bytes(4 << 20), "model_hash"),
    ],
)
def test_a_damaged_sealed_file_is_refused(content: bytes, found: str, tmp_path: Path) -> None:
    objects = Objects(tmp_path, Mirror())
    objects.put(FILE, tiny_model())
    (tmp_path / f"{FILE.sha256}.sealed").write_bytes(content)
    assert key(read, objects) == found
    objects.put(FILE, tiny_model())
    assert objects.sound(FILE)


def test_a_backend_runs_a_model_that_is_in_memory_only(tmp_path: Path) -> None:
    """Also after the descriptor that it was opened by is closed."""
    objects = Objects(tmp_path, Mirror())
    objects.put(FILE, tiny_model())
    backend = LiteRtBackend()
    with objects.file(FILE) as path:
        assert path.parts[:3] == ("/", "proc", "self")
        backend.load(card(), path)
    assert not path.exists()
    assert len(backend.infer(inputs_for(card()))) == 2
    backend.close()


def test_nobody_can_change_a_file_in_memory() -> None:
    with in_memory(b"data", "name") as path, path.open("rb") as stream:
        assert files.read(path, sha256(b"data"), 4) == b"data"
        seals = fcntl.fcntl(stream.fileno(), fcntl.F_GET_SEALS)
        assert seals & fcntl.F_SEAL_WRITE
        with pytest.raises(PermissionError):
            path.write_bytes(b"other")


def test_a_file_of_another_name_is_taken_over_without_a_copy(tmp_path: Path) -> None:
    flat = tmp_path / FILE.name
    flat.write_bytes(tiny_model())
    objects = Objects(tmp_path / "objects")
    objects.adopt(FILE, flat)
    assert objects.path(FILE).samefile(flat)
    flat.write_bytes(b"rot")
    assert key(Objects(tmp_path / "others").adopt, FILE, flat) == "model_hash"


def test_where_links_cannot_be_made_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    flat = tmp_path / FILE.name
    flat.write_bytes(tiny_model())
    monkeypatch.setattr(os, "link", refuse)
    objects = Objects(tmp_path / "objects")
    objects.adopt(FILE, flat)
    assert read(objects) == tiny_model()
    assert not objects.path(FILE).samefile(flat)


def test_what_nobody_keeps_is_swept(tmp_path: Path) -> None:
    objects = Objects(tmp_path, Mirror())
    objects.put(FILE, tiny_model())
    for name in (".half", "0" * 64, f"{'1' * 64}.sealed"):
        (tmp_path / name).write_bytes(b"")
    assert objects.sweep([FILE.sha256]) == 3
    assert objects.sound(FILE)
    assert objects.sweep([]) == 1
