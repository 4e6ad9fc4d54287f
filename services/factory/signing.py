"""`keygen`, `bundle` and `rotate`: what the holder of a signing key does, on a machine that is no gateway.

Nothing asks questions, and nothing is overwritten.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gateway.errors import Refused
from gateway.models import files
from gateway.models.bundle import rotation
from gateway.models.bundle.rotation import Statement
from gateway.wire.model_card import ModelCard
from gateway.wire.model_manifest import DOMAIN, MOST_MANIFEST_BYTES, ModelManifest, RolloutPlan
from services.factory import keyfile
from services.factory.bundling import contents, pack, public_hex, sign

_MOST_JSON_BYTES = 1 << 20
_Model = TypeVar("_Model", bound=BaseModel)
_HEX = re.compile(r"[0-9a-f]{64}")


def keygen(arguments: Sequence[str]) -> int:
    """A new pair: the private key into a file, the public one on standard output."""
    parser = argparse.ArgumentParser(prog="keygen", description=keygen.__doc__)
    parser.add_argument("file", type=Path, metavar="KEY.pem")
    file: Path = parser.parse_args(arguments).file
    sys.stdout.write(f"{public_hex(keyfile.generate(file))}\n")
    return 0


def bundle(arguments: Sequence[str]) -> int:
    """A card and its files, signed. The same arguments with the same --created give the same bytes."""
    given = _bundle_parser().parse_args(arguments)
    card = _read(ModelCard, given.card)
    manifest = ModelManifest(
        card=card,
        created=given.created,
        expires=given.expires,
        rollback=given.rollback,
        boards=tuple(given.board),
        min_gateway=given.min_gateway,
        rollout=RolloutPlan() if given.plan is None else _read(RolloutPlan, given.plan),
    )
    data = manifest.model_dump_json().encode()
    if len(data) > MOST_MANIFEST_BYTES:
        raise Refused("manifest_too_large", bytes=len(data), most_bytes=MOST_MANIFEST_BYTES)
    packed = pack(data, sign(DOMAIN, data, map(keyfile.read, given.key)), contents(card, given.files))
    keyfile.create(given.out, packed, 0o644)
    sys.stdout.write(f"{given.out}: {card.id} {card.version}, serial {card.serial}, {len(packed)} bytes\n")
    return 0


def rotate(arguments: Sequence[str]) -> int:
    """A statement that from now on only these keys count; signed by one that counts so far."""
    parser = argparse.ArgumentParser(prog="rotate", description=rotate.__doc__)
    _add_common(parser)
    parser.add_argument("--number", type=int, required=True, help="higher than that of any statement before")
    parser.add_argument("--trust", type=_public, action="append", required=True, metavar="HEX", help="once or twice")
    parser.add_argument("--revoke", type=_public, action="append", default=[], metavar="HEX", help="it leaked")
    given = parser.parse_args(arguments)
    try:
        statement = Statement(number=given.number, keys=tuple(given.trust), revoked=tuple(given.revoke))
    except ValidationError as error:
        raise _invalid("statement", error) from None
    signed = sign(rotation.DOMAIN, rotation.text(statement).encode(), map(keyfile.read, given.key))
    keyfile.create(given.out, rotation.write(statement, signed), 0o644)
    sys.stdout.write(f"{given.out}: statement {statement.number}\n")
    return 0


def _bundle_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bundle", description=bundle.__doc__)
    _add_common(parser)
    parser.add_argument("--card", type=Path, required=True, metavar="CARD.json")
    parser.add_argument("--files", type=Path, required=True, metavar="DIR", help="where the card's files lie")
    parser.add_argument("--plan", type=Path, metavar="PLAN.json", help="how it is rolled out")
    parser.add_argument("--created", type=_moment, default=datetime.now(UTC), metavar="TIME", help="now if left out")
    parser.add_argument("--expires", type=_moment, metavar="TIME", help="taken in until then")
    parser.add_argument("--rollback", action="store_true", help="may replace a higher serial")
    parser.add_argument("--board", action="append", default=[], metavar="NAME", help="only for these; any if left out")
    parser.add_argument("--min-gateway", metavar="VERSION")
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key", type=Path, action="append", required=True, metavar="KEY.pem", help="once or more")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")


def _moment(text: str) -> datetime:
    """With its offset from UTC. For argparse, as the next."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"no offset from UTC, as in 2026-01-31T12:00:00Z: {text}")
    return moment.astimezone(UTC)


def _public(text: str) -> str:
    if not _HEX.fullmatch(text):
        raise argparse.ArgumentTypeError("a public key has 64 hex digits")
    return text


def _read(kind: type[_Model], file: Path) -> _Model:
    with files.opening(file) as stream:
        data = stream.read(_MOST_JSON_BYTES)
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise _invalid(file.name, error) from None


def _invalid(what: str, error: ValidationError) -> Refused:
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return Refused("manifest_invalid", file=what, place=place, cause=first["msg"])
