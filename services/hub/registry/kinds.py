"""What is kept, and what each says of itself. A line is what one release follows another in: "model/porch",
"image/rpi"."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.wire.model_card import MOST_BYTES

MOST_IMAGE_BYTES = 2 << 30


class Kind(StrEnum):
    MODEL = "model"
    IMAGE = "image"

    @property
    def suffix(self) -> str:
        return _SUFFIXES[self]

    @property
    def most_bytes(self) -> int:
        """A model's as gateways take them (docs/bundles.md)."""
        return MOST_BYTES + (1 << 20) if self is Kind.MODEL else MOST_IMAGE_BYTES


_SUFFIXES = {Kind.MODEL: "hgmodel", Kind.IMAGE: "raucb"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`name` is the model's id or the board. `serial` counts the releases of a model; 0 for an image, whose `version`
    each home compares for itself."""

    kind: Kind
    name: str
    version: str
    serial: int = 0

    @property
    def line(self) -> str:
        return line_of(self.kind, self.name)


def line_of(kind: Kind, name: str) -> str:
    return f"{kind.value}/{name}"
