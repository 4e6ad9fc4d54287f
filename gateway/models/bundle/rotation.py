"""Statements by which a publisher changes keys: signed by a key that counts, they say which keys count from then on.

Each one says all (as the root metadata of The Update Framework does, section 6.1), so that none has to have come before
it but those that lead to its key. A home that was offline for years is given them in order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.errors import GatewayError, Refused
from gateway.models import files
from gateway.models.bundle import signatures
from gateway.models.bundle.signatures import PublicKey, Signature, Signatures

DOMAIN = b"hearthgate key statement 1\n"
MOST_KEYS = 2
MOST_STATEMENT_BYTES = 64 << 10
MOST_NUMBER = 999_999

_NAME = re.compile(r"\d{6}\.json")


class Statement(BaseModel):
    """From now on the bundles of `keys` are taken in. What a key signed that is no longer among them stays in use,
    unless it is `revoked`, because it leaked: then nothing that only it signed is used any more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    number: int = Field(ge=1, le=MOST_NUMBER)
    keys: Annotated[tuple[PublicKey, ...], Field(min_length=1, max_length=MOST_KEYS)]
    revoked: tuple[PublicKey, ...] = ()

    @model_validator(mode="after")
    def _no_revoked_key(self) -> Self:
        if set(self.keys) & set(self.revoked):
            raise ValueError("a revoked key cannot count")
        return self


class _Envelope(BaseModel):
    """The file: what is signed is `DOMAIN` and the UTF-8 bytes of `statement`, which is JSON itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    statement: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The `keys` whose bundles are taken in; `known` are all that ever counted, `number` the last statement's."""

    keys: tuple[str, ...]
    known: frozenset[str]
    revoked: frozenset[str] = frozenset()
    number: int = 0

    @classmethod
    def of(cls, keys: Sequence[str]) -> Self:
        """Where it starts. Raises `Refused("trust_invalid")` for more than two keys."""
        if len(keys) > MOST_KEYS:
            raise Refused("trust_invalid", cause=f"more than {MOST_KEYS} keys")
        return cls(keys=tuple(keys), known=frozenset(keys))

    def after(self, data: bytes) -> "Ring":
        """As the statement in the file `data` says. A key once revoked stays so.

        Raises `Refused`: "trust_invalid", "trust_old" (a number that was had before), and what `signatures.check`
        does."""
        statement = _read(data, self.keys)
        if statement.number <= self.number:
            raise Refused("trust_old", number=statement.number, have=self.number)
        revoked = self.revoked | set(statement.revoked)
        keys = tuple(key for key in statement.keys if key not in revoked)
        if not keys:
            raise Refused("trust_invalid", cause="no key would be left")
        return replace(self, keys=keys, known=self.known | set(keys), revoked=revoked, number=statement.number)


def write(statement: Statement, signed: Signatures) -> bytes:
    """The file of a statement whose `text` was signed."""
    envelope = _Envelope(statement=text(statement), signatures=signed.signatures)
    return envelope.model_dump_json(indent=1).encode() + b"\n"


def text(statement: Statement) -> str:
    """What is signed, after `DOMAIN`."""
    return statement.model_dump_json()


def _read(data: bytes, keys: Sequence[str]) -> Statement:
    """The signature is checked before the statement is read."""
    if len(data) > MOST_STATEMENT_BYTES:
        raise Refused("trust_invalid", cause=f"more than {MOST_STATEMENT_BYTES} bytes")
    try:
        envelope = _Envelope.model_validate_json(data)
    except ValidationError:
        raise Refused("trust_invalid", cause="no key statement") from None
    signed = envelope.statement.encode()
    signatures.check(DOMAIN, signed, Signatures.model_construct(signatures=envelope.signatures), keys)
    try:
        return Statement.model_validate_json(signed)
    except ValidationError as error:
        raise Refused("trust_invalid", cause=str(error.errors()[0]["msg"])) from None


class Statements:
    """`<folder>/000001.json` and so on: each as it came, checked again whenever it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def apply(self, ring: Ring) -> Ring:
        """`ring` after all that are here, in the order of their numbers. One that is damaged, or of a key that does not
        count then, says nothing: what leads to a key must be whole, or the key is unknown. Raises
        `Refused("manifest_key_unknown")` where the folder cannot be read."""
        for file in self._files():
            try:
                with files.opening(file) as stream:
                    ring = ring.after(stream.read(MOST_STATEMENT_BYTES + 1))
            except GatewayError:
                continue
        return ring

    def add(self, ring: Ring, data: bytes) -> Ring:
        """Keep it, once and for all. Raises what `Ring.after` does, `Refused`: "model_disk_full", "model_unwritable";
        nothing is kept then."""
        after = ring.after(data)
        files.write(self.folder / f"{after.number:06}.json", data)
        return after

    def _files(self) -> list[Path]:
        try:
            return sorted(file for file in self.folder.iterdir() if _NAME.fullmatch(file.name))
        except FileNotFoundError:
            return []
        except OSError as error:  # then nobody counts: one of them may revoke a key
            raise Refused("manifest_key_unknown", cause=f"statements cannot be read: {error.strerror}") from None
