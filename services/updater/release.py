"""Whether a bundle is one for this machine."""

import re

from pydantic import TypeAdapter, ValidationError

from gateway.errors import Refused
from gateway.wire.release import Version
from gateway.wire.versions import order
from services.updater.installer import Bundle
from services.updater.place import Place

_VERSION: TypeAdapter[Version] = TypeAdapter(Version)


def check_bundle(bundle: Bundle, place: Place) -> Version:
    """Its version. The bundle's own hook refuses an older one again, on whatever way it comes.

    Raises `Refused`: "wrong_board", "bundle_version" (no version of ours), "already_installed", "downgrade"."""
    if bundle.compatible != place.compatible:
        raise Refused("wrong_board", bundle=_printable(bundle.compatible), board=place.compatible)
    try:
        version = _VERSION.validate_python(bundle.version)
    except ValidationError:
        raise Refused("bundle_version", version=_printable(bundle.version)) from None
    if order(version) == order(place.version):
        raise Refused("already_installed", version=version)
    if order(version) < order(place.version):
        raise Refused("downgrade", version=version, running=place.version)
    return version


def _printable(text: str) -> str:
    return re.sub(r"[^ -~]", "?", text)[:64]
