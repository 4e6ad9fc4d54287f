"""YAML text to plain data that remembers its lines.

YAML 1.2 core scalars (https://yaml.org/spec/1.2.2/#103-core-schema): `on`, `no` and `18:30` stay text, as editors
show them. Tags, merge keys and several documents in a file are refused; aliases are followed within bounds.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from gateway.errors import Problem

Where = tuple[str | int, ...]

LARGEST_CHARS = 512 * 1024
MOST_NODES = 20_000
DEEPEST = 24

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "seq", "map"))


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's way to begin without YAML 1.1


for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"^(?:{_pattern})$"), [*_first.replace("\0", ""), ""])


@dataclass(slots=True, kw_only=True)
class Document:
    """`data` is the plain value (None where the text is no YAML); `lines` maps each place to its line from 1."""

    file: str
    data: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, where: Where) -> int:
        """Of the place itself or of the nearest thing around it; 1 where nothing is known."""
        while where not in self.lines and where:
            where = where[:-1]
        return self.lines.get(where, 1)

    def add(self, where: Where, message: str, hint: str = "", line: int | None = None) -> None:
        path = dotted(where)
        at = self.line(where) if line is None else line
        self.problems.append(Problem(file=self.file, line=at, path=path, message=message, hint=hint))


def dotted(where: Where) -> str:
    """cameras[0].url"""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".") or "(file)"


def read(text: str, file: str) -> Document:
    """Never raises for what the text says: everything wrong stands in `problems`."""
    document = Document(file=file)
    if len(text) > LARGEST_CHARS:
        document.add((), f"is larger than {LARGEST_CHARS // 1024} KiB")
        return document
    try:
        root = yaml.compose(text, _Loader)
        document.data = None if root is None else _Reader(document).value(root, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = error.problem or error.context or "is not YAML"
        hint = "indent with spaces, not with tabs" if "\\t" in message else ""
        document.add((), message, hint, None if mark is None else mark.line + 1)
    except yaml.reader.ReaderError as error:
        document.add((), "holds a character that text must not hold", line=text.count("\n", 0, error.position) + 1)
    except _TooMuch as error:
        document.add((), str(error), "aliases (*name) may have multiplied")
    except RecursionError:
        document.add((), f"is nested deeper than {DEEPEST} levels")
    return document


class _TooMuch(Exception):
    """The bounds on nodes or depth are reached."""


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._scalars = yaml.constructor.SafeConstructor()
        self._nodes = 0

    def value(self, node: yaml.Node, where: Where) -> Any:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _TooMuch(f"holds more than {MOST_NODES} values")
        if len(where) > DEEPEST:
            raise _TooMuch(f"is nested deeper than {DEEPEST} levels")
        line = node.start_mark.line + 1
        self._document.lines.setdefault(where, line)
        if node.tag not in _PLAIN_TAGS:
            self._document.add(where, "tags are not supported", "remove the word that begins with '!'", line)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*where, place)) for place, item in enumerate(node.value)]
        return self._scalar(node, where)

    def _scalar(self, node: yaml.Node, where: Where) -> Any:
        try:
            if node.tag == _TAG + "int":
                return int(node.value)
            return self._scalars.construct_object(node)
        except (ValueError, LookupError, yaml.constructor.ConstructorError):
            self._document.add(where, "cannot be read as what its tag says")
            return None

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if not isinstance(key, str):
                self._document.add(where, "a key must be a word", line=line)
                continue
            place = (*where, key)
            if key in found:
                hint = f"first given in line {self._document.lines[place]}"
                self._document.add(place, "is given twice", hint, line)
                continue
            self._document.lines[place] = line
            found[key] = self.value(value_node, place)
        return found
