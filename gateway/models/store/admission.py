"""Whether a release may come in at all: decided from its signed manifest and what is here, before a byte of its files
is read."""

import platform
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway import __version__
from gateway.errors import Refused
from gateway.models.store.slots import Slots
from gateway.wire.model_card import ModelCard, TensorSpec
from gateway.wire.model_manifest import ModelManifest

_READ_ONCE = {"face_detector", "face_embedder"}
_VERSION = re.compile(r"\d+(\.\d+){0,3}")


def board() -> str:
    """What the device tree calls this board ("Raspberry Pi 5 Model B Rev 1.0"); empty where there is none."""
    try:
        return Path("/proc/device-tree/model").read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """This gateway, as a manifest speaks of it."""

    machine: str = field(default_factory=platform.machine)
    board: str = field(default_factory=board)
    gateway: str = __version__


def check_here(manifest: ModelManifest, here: Here, now: datetime | None) -> None:
    """Raises `Refused`: "model_other_board", "model_gateway_old", "model_expired", "manifest_invalid". Without a `now`
    that can be believed nothing expires."""
    model = manifest.card.id
    if manifest.boards and not any(_names(entry, here) for entry in manifest.boards):
        boards = ", ".join(manifest.boards)
        raise Refused("model_other_board", model=model, wanted=boards, found=here.board or here.machine)
    if manifest.min_gateway is not None and _version(manifest.min_gateway) > _version(here.gateway):
        raise Refused("model_gateway_old", model=model, wanted=manifest.min_gateway, found=here.gateway)
    if manifest.expires is not None and now is not None and manifest.expires < now:
        raise Refused("model_expired", model=model, expired=manifest.expires.isoformat())


def check_serial(manifest: ModelManifest, slots: Slots, least: int) -> None:
    """Only upwards, from `least` too. A signed rollback may go down, but only one that was signed after all that ever
    served, so that an old one cannot be played back. Raises `Refused("model_serial_low")`."""
    serial, floor = manifest.card.serial, max(slots.floor, least)
    if manifest.rollback:
        if slots.newest is not None and manifest.created <= slots.newest:
            raise Refused("model_serial_low", model=manifest.card.id, serial=serial, cause="a rollback from the past")
    elif serial <= floor:
        raise Refused("model_serial_low", model=manifest.card.id, serial=serial, floor=floor)


def check_successor(card: ModelCard, incumbent: ModelCard) -> None:
    """Whoever asks the model must not notice another one.

    Raises `Refused`: "model_role", "model_incompatible" (other questions or answers, a threshold missing, or for faces
    another one), "model_not_comparable" (an embedding whose vectors mean something else: people would have to be
    enrolled again)."""
    if card.role != incumbent.role:
        raise Refused("model_role", model=card.id, wanted=incumbent.role, found=card.role)
    for what, new, old in (
        ("decoder", card.decoder, incumbent.decoder),
        ("preprocessing", card.preprocessing, incumbent.preprocessing),
        ("inputs", _shapes(card.inputs), _shapes(incumbent.inputs)),
        ("outputs", _forms(card.outputs), _forms(incumbent.outputs)),
        ("thresholds", _fixed_thresholds(card), _fixed_thresholds(incumbent)),
    ):
        if new != old:
            raise Refused("model_incompatible", model=card.id, what=what, wanted=str(old), found=str(new))
    missing = incumbent.thresholds.keys() - card.thresholds.keys()
    if missing:
        raise Refused("model_incompatible", model=card.id, what="thresholds", wanted=", ".join(sorted(missing)))
    if card.role == "face_embedder" and incumbent.sha256 not in (card.sha256, *card.comparable):
        raise Refused("model_not_comparable", model=card.id, incumbent=incumbent.sha256)


def _shapes(specs: tuple[TensorSpec, ...]) -> list[tuple[object, ...]]:
    """All that a caller gives: not the names."""
    return [(spec.shape, spec.dtype, spec.scale, spec.zero_point) for spec in specs]


def _forms(specs: tuple[TensorSpec, ...]) -> list[tuple[object, ...]]:
    """All that a caller relies on in an answer, which it reads by the card of the version that gave it."""
    return [(spec.shape, spec.dtype) for spec in specs]


def _fixed_thresholds(card: ModelCard) -> dict[str, float]:
    """Those that are read once, at the start."""
    return dict(card.thresholds) if card.role in _READ_ONCE else {}


def _names(entry: str, here: Here) -> bool:
    """ "Raspberry Pi 5" names all its models, but not a "Raspberry Pi 500"."""
    return entry == here.machine or f"{here.board} ".startswith(f"{entry} ")


def _version(text: str) -> tuple[int, ...]:
    match = _VERSION.match(text)
    if match is None:
        raise Refused("manifest_invalid", place="min_gateway", found=text[:40])
    parts = [int(part) for part in match[0].split(".")]
    return tuple(parts + [0] * (4 - len(parts)))
