"""What a model's bundle says of itself. Nobody's signature is believed here: each home checks whom it trusts.

The layout is that of docs/bundles.md: a ZIP archive of stored members, manifest.json and signatures.json first, then
objects/<sha256> in order.
"""

import hashlib
import zipfile
import zlib
from io import SEEK_END, BufferedIOBase
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from gateway.errors import Refused
from gateway.wire.model_manifest import MOST_MANIFEST_BYTES, ModelManifest
from services.hub.registry.kinds import Kind, Release

_FIRST = ["manifest.json", "signatures.json"]
_OBJECTS = "objects/"
_MOST_MEMBERS = 16
_END_BYTES = 22


def model_in(file: Path) -> Release:
    """Once all objects have been found to be what the manifest says. Raises `Refused("bundle_invalid")`."""
    try:
        with zipfile.ZipFile(file) as archive:
            card = _read(archive).card
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        # what zipfile raises for files that are none, or made to look like one
        raise _invalid("no archive of stored members") from None
    return Release(kind=Kind.MODEL, name=card.id, version=card.version, serial=card.serial)


def _read(archive: zipfile.ZipFile) -> ModelManifest:
    members = archive.infolist()
    if not members or members[0].header_offset != 0 or not _ends(archive):
        raise _invalid("something before or after its members")
    names = [member.filename for member in members]
    if len(members) > _MOST_MEMBERS or names[:2] != _FIRST or names[2:] != sorted(set(names[2:])):
        raise _invalid("members that do not belong in a bundle")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise _invalid("compressed members")
    if members[0].file_size > MOST_MANIFEST_BYTES:
        raise _invalid("a manifest that is too large")
    try:
        manifest = ModelManifest.model_validate_json(archive.read(members[0]))
    except ValidationError:
        raise _invalid("its manifest is not valid, or of a later version") from None
    _check_objects(archive, members[2:], manifest)
    return manifest


def _ends(archive: zipfile.ZipFile) -> bool:
    """Whether the end of the directory is the end of the file (APPNOTE.TXT, section 4.3.16), without a comment."""
    assert archive.fp is not None
    archive.fp.seek(-_END_BYTES, SEEK_END)
    end = archive.fp.read()
    return end.startswith(b"PK\5\6") and end.endswith(b"\0\0")


def _check_objects(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], manifest: ModelManifest) -> None:
    named = {f"{_OBJECTS}{file.sha256}": file.bytes for file in manifest.card.files()}
    for member in members:
        with archive.open(member) as stream:
            digest = hashlib.file_digest(cast("BufferedIOBase", stream), "sha256").hexdigest()
        if named.get(member.filename) != member.file_size or member.filename != f"{_OBJECTS}{digest}":
            raise _invalid("an object that the manifest does not name so")


def _invalid(cause: str) -> Refused:
    return Refused("bundle_invalid", status=422, cause=cause)
