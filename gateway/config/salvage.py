"""What can be kept of a broken file: enough to find the page and the data again."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from gateway.config.base import Strict
from gateway.config.document import read
from gateway.config.settings import Gateway, Settings, Web

Section = TypeVar("Section", bound=Strict)


def salvage(path: Path) -> Settings:
    """Settings without cameras, sensors, devices and rules, with the sections `gateway` and `web` of the file where
    these are valid by themselves. Never raises for what is in the file."""
    try:
        data = read(path.read_text(encoding="utf-8-sig", errors="replace"), str(path)).data
    except OSError:
        data = None
    found = data if isinstance(data, dict) else {}
    base = path.parent.absolute()
    return Settings(gateway=_section(Gateway, found.get("gateway"), base), web=_section(Web, found.get("web"), base))


def _section(model: type[Section], data: object, base: Path) -> Section:
    try:
        return model.model_validate(data or {}, context={"base": base})
    except ValidationError:
        return model()
