"""A file to `HubSettings`, or to every problem in it at once."""

from pathlib import Path

from pydantic import ValidationError

from gateway.config.document import Document, read
from gateway.config.explain import explain
from gateway.errors import ConfigError
from services.hub.config.settings import HubSettings

_LARGEST_BYTES = 512 * 1024


def load_settings(path: Path) -> HubSettings:
    """Raises `ConfigError` with all problems, each with its line. An empty file means the defaults."""
    document = _open(path)
    settings = None
    if not document.problems:
        try:
            settings = HubSettings.model_validate(document.data or {}, context={"base": path.parent.absolute()})
        except ValidationError as error:
            explain(error, HubSettings, document)
    if settings is None:
        raise ConfigError(sorted(document.problems, key=lambda problem: problem.line))
    return settings


def _open(path: Path) -> Document:
    broken = Document(file=str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
        return read(raw.decode("utf-8-sig"), str(path))
    except OSError as error:
        broken.add((), f"cannot be read: {error.strerror or 'unknown reason'}")
    except UnicodeDecodeError:
        broken.add((), "is not UTF-8 text")
    return broken
