"""A configuration file to Settings, or to every problem in it at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config.check import Place, check
from gateway.config.document import Document, Where, read
from gateway.config.explain import explain
from gateway.config.layers import Layers
from gateway.config.rules import RuleSpec
from gateway.config.settings import Settings
from gateway.errors import ConfigError
from gateway.wire.merge import leaves, merged

_LARGEST_BYTES = 2 * 1024 * 1024


def load_settings(path: Path, layers: Layers | None = None) -> Settings:
    """Reads `path` and the rule files it names, nothing else; `layers` go over it. Raises `ConfigError` with all
    problems."""
    document = _open(path)
    if layers is not None and isinstance(document.data, dict):
        _lay_over(document, layers.patch)
    settings = _settings(document, path.parent)
    files = [_open(file) for file in _rules_files(document, path.parent)]
    extra: list[tuple[RuleSpec, Place]] = []
    for file in files:
        extra += [(rule, (file, where)) for where, rule in read_rules(file)]
    if settings is not None:
        inline: list[Place] = [(document, ("rules", number)) for number in range(len(settings.rules))]
        settings = settings.model_copy(update={"rules": settings.rules + tuple(rule for rule, _ in extra)})
        check(settings, document, inline + [place for _, place in extra])
    raise_problems(document, *files)
    assert settings is not None
    return settings


def _lay_over(document: Document, patch: Mapping[str, Any]) -> None:
    """Problems of what is laid over are told by its own path, at the nearest line of the file."""
    document.data = merged(document.data, patch)
    for path, _value in leaves(patch):
        for end in range(1, len(path) + 1):
            document.lines.setdefault(path[:end], document.line(path[:end]))


def file_values(path: Path) -> dict[str, Any]:
    """What the file itself sets, unchecked; empty where it cannot be read."""
    data = _open(path).data
    return data if isinstance(data, dict) else {}


def read_rules(document: Document) -> list[tuple[Where, RuleSpec]]:
    """The good rules of a rule file, with their places; the bad ones become problems. The file is a list of rules,
    or a mapping whose `rules` is that list; an empty file has none."""
    base: Where = ("rules",) if isinstance(document.data, dict) and set(document.data) == {"rules"} else ()
    items = document.data[base[0]] if base else document.data
    if items is None:
        return []
    if not isinstance(items, list):
        document.add(base, "must be a list of rules", "begin each rule with '- name:'")
        return []
    found = []
    for number, item in enumerate(items):
        where = (*base, number)
        try:
            found.append((where, RuleSpec.model_validate(item)))
        except ValidationError as error:
            explain(error, RuleSpec, document, where)
    return found


def raise_problems(*documents: Document) -> None:
    """Raises `ConfigError` where a document holds a problem."""
    problems = [problem for document in documents for problem in sorted(document.problems, key=lambda p: p.line)]
    if problems:
        raise ConfigError(problems)


def _settings(document: Document, base: Path) -> Settings | None:
    if document.data is None:
        if not document.problems:
            document.add((), "is empty", "see config/gateway.yaml for a commented example")
        return None
    if not isinstance(document.data, dict):
        document.add((), "must be a mapping such as 'cameras:'", "see config/gateway.yaml for a commented example")
        return None
    try:
        return Settings.model_validate(document.data, context={"base": base.absolute()})
    except ValidationError as error:
        explain(error, Settings, document)
        return None


def _open(path: Path) -> Document:
    broken = Document(file=str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES)
    except OSError as error:
        broken.add((), f"cannot be read: {error.strerror or 'unknown reason'}")
        return broken
    try:
        return read(raw.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        broken.add((), "is not UTF-8 text", line=raw.count(b"\n", 0, error.start) + 1)
        return broken


def _rules_files(document: Document, base: Path) -> list[Path]:
    """Also from a file that is otherwise wrong: its rules are to be checked all the same."""
    named = document.data.get("rules_files") if isinstance(document.data, dict) else None
    return [base / Path(one).expanduser() for one in named if isinstance(one, str)] if isinstance(named, list) else []
