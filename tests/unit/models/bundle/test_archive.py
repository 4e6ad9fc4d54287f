"""A bundle has one reading or none."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import GatewayError, Refused
from gateway.models.bundle.archive import open_bundle
from gateway.models.bundle.layout import MOST_BUNDLE_BYTES
from gateway.wire.model_card import MOST_BYTES
from gateway.wire.model_manifest import ModelManifest
from tests.models.tiny import sha256, tiny_model
from tests.unit.models.bundle.publisher import bundle, manifest, signatures, written

MODEL = tiny_model()
OBJECT = f"objects/{sha256(MODEL)}"
MANIFEST = manifest()
SIGNED = signatures(MANIFEST, 1)


def failure(folder: Path, data: bytes) -> GatewayError:
    with pytest.raises(GatewayError) as caught, open_bundle(written(folder, data)):
        pass
    return caught.value


def zipped(
    *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED, comment: bytes = b""
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
        archive.comment = comment
    return file.getvalue()


def test_what_was_packed_comes_out(tmp_path: Path) -> None:
    with open_bundle(written(tmp_path, bundle())) as opened:
        assert (opened.manifest, opened.signatures) == (MANIFEST, SIGNED)
        (found,) = opened.objects.items()
        assert (found[0], found[1].size) == (sha256(MODEL), len(MODEL))
        assert b"".join(iter(lambda: found[1].read(1000), b"")) == MODEL


def test_any_unpacker_reads_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, bundle())) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", "signatures.json", OBJECT]
        assert archive.read(OBJECT) == MODEL


def linked() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(OBJECT)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


HEAD = (("manifest.json", MANIFEST), ("signatures.json", SIGNED))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x05\x06",
        b"not an archive" * 1000,
        zipped(),
        zipped(*HEAD, (OBJECT, MODEL)),  # another tool's attributes and times
        zipped(*HEAD, (OBJECT, MODEL), method=zipfile.ZIP_DEFLATED),
        zipped(*HEAD, (OBJECT, MODEL), comment=b"PK\x05\x06"),
        zipped(*HEAD, (linked(), b"/etc/passwd")),
        zipped(*HEAD, ("/" + OBJECT, MODEL)),
        zipped(*HEAD, ("../" + OBJECT, MODEL)),
        zipped(*HEAD, (OBJECT + "/../../x", MODEL)),
        zipped(*HEAD, (OBJECT.upper(), MODEL)),
        zipped(*HEAD, ("readme.txt", MODEL)),
        zipped(*HEAD, ("objects/", b"")),
        zipped(*reversed(HEAD), (OBJECT, MODEL)),
        zipped(HEAD[0], (OBJECT, MODEL)),
        b"#!/bin/sh\n" + bundle(),
        bundle() + b"\0",
        bundle() + bundle(),
        bundle()[:-1],
        bundle()[: len(bundle()) // 2],
        bundle().replace(OBJECT.encode(), b"objects/" + b"0" * 64, 1),  # the header and the directory differ
        bundle().replace(b"PK\x01\x02\x14\x00\x14\x00\x00\x00", b"PK\x01\x02\x14\x00\x14\x00\x01\x00", 1),  # encrypted
        bundle().replace(MODEL[:100], b"\0" * 100),
    ],
)
def test_anything_else_is_no_bundle(data: bytes, tmp_path: Path) -> None:
    error = failure(tmp_path, data)
    assert (type(error), error.key) == (Refused, "bundle_invalid")


def test_the_same_object_twice_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(*HEAD, (OBJECT, MODEL), (OBJECT, MODEL))
    assert failure(tmp_path, data).key == "bundle_invalid"


@pytest.mark.parametrize("place", ["compressed", "size"])
def test_a_size_that_lies_is_refused(place: str, tmp_path: Path) -> None:
    data = bytearray(bundle())
    entry = data.rfind(b"PK\x01\x02")
    at = entry + (20 if place == "compressed" else 24)
    data[at : at + 4] = (len(MODEL) + 1).to_bytes(4, "little")
    assert failure(tmp_path, bytes(data)).key == "bundle_invalid"


def test_members_that_overlap_are_refused(tmp_path: Path) -> None:
    data = bytearray(bundle())
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 42 : entry + 46] = (0).to_bytes(4, "little")
    assert failure(tmp_path, bytes(data)).key == "bundle_invalid"


def test_a_member_that_claims_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    data = bytearray(bundle())
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (MOST_BYTES + 1).to_bytes(4, "little")
    assert failure(tmp_path, bytes(data)).key == "bundle_too_large"


@pytest.mark.parametrize("size", [500 << 20, MOST_BUNDLE_BYTES + 1])
def test_half_a_gigabyte_is_refused_unread(size: int, tmp_path: Path) -> None:
    file = written(tmp_path, bundle())
    with file.open("r+b") as stream:
        stream.truncate(size)
    with pytest.raises(Refused, match="bundle_too_large"), open_bundle(file):
        pass


def test_a_manifest_that_is_too_large_is_refused(tmp_path: Path) -> None:
    assert failure(tmp_path, bundle(data=b" " * (257 << 10))).key == "manifest_too_large"


def test_a_file_that_is_not_there_has_its_key(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="model_missing"), open_bundle(tmp_path / "none.hgmodel"):
        pass


@pytest.mark.parametrize("change", [lambda model: model[:-1], lambda model: model + b"\0", lambda _: b"another"])
def test_an_object_must_be_one_of_the_manifests(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    with (
        open_bundle(written(tmp_path, bundle(objects=(change(MODEL),)))) as opened,
        pytest.raises(Refused, match="bundle_invalid"),
    ):
        opened.check_against(ModelManifest.model_validate_json(opened.manifest))
