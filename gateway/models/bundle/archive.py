"""Reading a bundle. It comes from anywhere, so nothing in it is believed, and nothing is unpacked."""

import os
import re
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Refused
from gateway.models import files
from gateway.models.bundle.layout import CENTRAL, END, MANIFEST, MOST_BUNDLE_BYTES, OBJECTS, SIGNATURES, Member, tail
from gateway.models.bundle.signatures import MOST_SIGNATURE_BYTES
from gateway.wire.model_card import MOST_BYTES
from gateway.wire.model_manifest import MOST_MANIFEST_BYTES, ModelManifest

_OBJECT = re.compile(re.escape(OBJECTS) + "[0-9a-f]{64}")
_MOST_MEMBERS = 16
_LONGEST_TAIL = END.size + _MOST_MEMBERS * (CENTRAL.size + len(OBJECTS) + 64)
_CHUNK = 1 << 20


class Section:
    """A part of an open file; each `read` goes on where the last one ended."""

    def __init__(self, handle: int, offset: int, size: int) -> None:
        self.size = size
        self._handle = handle
        self._next, self._end = offset, offset + size

    def read(self, size: int, /) -> bytes:
        """Empty at the end, also where the file has become shorter."""
        data = os.pread(self._handle, min(size, self._end - self._next), self._next)
        self._next += len(data)
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`objects` are the files by their SHA-256, as the bundle claims: not yet hashed, and to be read once."""

    manifest: bytes
    signatures: bytes
    objects: Mapping[str, Section]

    def check_against(self, manifest: ModelManifest) -> None:
        """Raises `Refused("bundle_invalid")` for an object that the manifest does not name, or has at another size."""
        named = {file.sha256: file.bytes for file in manifest.card.files()}
        for sha256, section in self.objects.items():
            if named.get(sha256) != section.size:
                raise Refused("bundle_invalid", cause=f"the manifest names no {sha256} of {section.size} bytes")


@contextmanager
def open_bundle(file: Path) -> Generator[Bundle]:
    """To read until the block ends. Nothing is known yet but that it has the form of a bundle.

    Raises `Refused`: "bundle_invalid", "bundle_too_large", "model_missing", "model_unreadable"."""
    with files.opening(file) as stream:
        handle = stream.fileno()
        size = os.fstat(handle).st_size
        if size > MOST_BUNDLE_BYTES:
            raise Refused("bundle_too_large", file=file.name, bytes=size, most_bytes=MOST_BUNDLE_BYTES)
        members = _members(handle, size)
        sections = _sections(handle, size, members)
        yield Bundle(
            manifest=sections.pop(MANIFEST).read(MOST_MANIFEST_BYTES),
            signatures=sections.pop(SIGNATURES).read(MOST_SIGNATURE_BYTES),
            objects={name.removeprefix(OBJECTS): section for name, section in sections.items()},
        )


def _members(handle: int, size: int) -> list[Member]:
    """What the directory at the end says, in its order; the names and sizes are allowed, but may not be true."""
    end = os.pread(handle, _LONGEST_TAIL, max(0, size - _LONGEST_TAIL))
    if len(end) < END.size:
        raise Refused("bundle_invalid", cause="no archive")
    _, _, _, _, count, length, _, _ = END.unpack(end[-END.size :])
    if not 2 <= count <= _MOST_MEMBERS or length + END.size > len(end):
        raise Refused("bundle_invalid", cause="no directory of a bundle")
    directory, members = end[-END.size - length : -END.size], []
    for _ in range(count):
        member, directory = _entry(directory)
        members.append(member)
    _check_names([member.name for member in members])
    _check_sizes(members)
    return members


def _entry(directory: bytes) -> tuple[Member, bytes]:
    """The first member of it, and the rest."""
    if len(directory) < CENTRAL.size:
        raise Refused("bundle_invalid", cause="a directory that breaks off")
    fields = CENTRAL.unpack_from(directory)
    end = CENTRAL.size + fields[10]
    name = directory[CENTRAL.size : end].decode("ascii", "replace")
    return Member(name=name, size=fields[9], crc=fields[7]), directory[end:]


def _check_names(names: list[str]) -> None:
    objects = names[2:]
    if names[:2] != [MANIFEST, SIGNATURES] or not all(_OBJECT.fullmatch(name) for name in objects):
        raise Refused("bundle_invalid", cause="members that do not belong in a bundle")
    if objects != sorted(set(objects)):
        raise Refused("bundle_invalid", cause="objects twice or out of order")


def _check_sizes(members: list[Member]) -> None:
    for member, most in zip(members, (MOST_MANIFEST_BYTES, MOST_SIGNATURE_BYTES), strict=False):
        if member.size > most:
            raise Refused("manifest_too_large", part=member.name, most_bytes=most)
    if any(member.size > MOST_BYTES for member in members):
        raise Refused("bundle_too_large", most_bytes=MOST_BYTES)


def _sections(handle: int, size: int, members: list[Member]) -> dict[str, Section]:
    """Where the contents lie, once every byte around them has been found to be as it must."""
    sections, offset = {}, 0
    for member in members:
        begin = offset + len(member.header)
        offset += member.span
        header = os.pread(handle, len(member.header), begin - len(member.header))
        if header != member.header or _crc(Section(handle, begin, member.size)) != member.crc:
            raise Refused("bundle_invalid", cause=f"{member.name} is damaged or not stored as it must be")
        sections[member.name] = Section(handle, begin, member.size)
    expected = tail(members)
    if offset + len(expected) != size or os.pread(handle, len(expected), offset) != expected:
        raise Refused("bundle_invalid", cause="something else than its members")
    return sections


def _crc(section: Section) -> int:
    crc = 0
    while chunk := section.read(_CHUNK):
        crc = zlib.crc32(chunk, crc)
    return crc
