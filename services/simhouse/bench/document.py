"""YAML that strangers wrote: every wrong thing is told with its file, line and a hint, all at once."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from gateway.errors import ConfigError, Problem

_LARGEST_BYTES = 1024 * 1024


@dataclass(slots=True)
class Document:
    file: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, node: yaml.Node | None, path: str, message: str, hint: str = "") -> None:
        line = 1 if node is None else node.start_mark.line + 1
        self.problems.append(Problem(file=self.file, line=line, path=path or "(file)", message=message, hint=hint))

    def finish(self) -> None:
        """Raises `ConfigError` where anything was wrong."""
        if self.problems:
            raise ConfigError(sorted(self.problems, key=lambda problem: problem.line))


def open_document(path: Path) -> tuple[Document, "Section"]:
    """Raises `ConfigError` for what cannot be read or is no mapping."""
    document = Document(path.name)
    node: yaml.Node | None = None
    try:
        with path.open("rb") as file:
            node = yaml.compose(file.read(_LARGEST_BYTES).decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        document.wrong(None, "", f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        document.wrong(None, "", "is not UTF-8 text")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        document.problems.append(Problem(file=path.name, line=line, path="(file)", message="is not YAML"))
    if not document.problems and not isinstance(node, yaml.MappingNode):
        document.wrong(node, "", "must be a mapping such as 'name: B'")
    document.finish()
    assert isinstance(node, yaml.MappingNode)
    return document, Section(document, node, "")


class Section:
    """One mapping. What is asked for is taken out; what is left when `close` is called is told as unknown. Capitals
    and the "per" of a unit do not matter: `Air_kWh_per_K` is `air_kwh_k`."""

    def __init__(self, document: Document, node: yaml.MappingNode | None, path: str) -> None:
        self._document = document
        self._node = node
        self._path = path
        self._known: list[str] = []
        pairs = [] if node is None else node.value
        self._left = {_plain(str(key.value)): (key, value) for key, value in pairs}

    def node(self, name: str, aliases: Sequence[str] = ()) -> yaml.Node | None:
        self._known.append(name)
        for key in map(_plain, (name, *aliases)):
            if key in self._left:
                found: yaml.Node = self._left.pop(key)[1]
                return found
        return None

    def number(
        self, name: str, default: float | None, *, low: float, high: float, aliases: Sequence[str] = ()
    ) -> float:
        """A number in [low, high]; required where `default` is None."""
        node = self.node(name, aliases)
        if node is None:
            if default is None:
                self.wrong(self._node, name, "is missing", f"a number of {low:g} to {high:g}")
            return low if default is None else default
        value = scalar(node)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.wrong(node, name, f"must be a number of {low:g} to {high:g}")
            return low
        return float(value)

    def has(self, *names: str) -> bool:
        return any(_plain(name) in self._left for name in names)

    def maybe(self, name: str, *, low: float, high: float) -> float | None:
        """A number, or None where it is left out or null."""
        if not self.has(name) or scalar(self._left[_plain(name)][1]) is None:
            self.node(name)
            return None
        return self.number(name, None, low=low, high=high)

    def text(self, name: str, default: str, *, one_of: Sequence[str] = (), aliases: Sequence[str] = ()) -> str:
        node = self.node(name, aliases)
        if node is None:
            return default
        value = scalar(node)
        if value is None or (one_of and str(value) not in one_of):
            self.wrong(node, name, "must be one of " + ", ".join(one_of) if one_of else "must be a word")
            return default
        return str(value)

    def flag(self, name: str, *, default: bool) -> bool:
        node = self.node(name)
        value = default if node is None else scalar(node)
        if not isinstance(value, bool):
            self.wrong(node, name, "must be true or false")
            return default
        return value

    def section(self, name: str, aliases: Sequence[str] = ()) -> "Section":
        """An empty one where it is left out."""
        node = self.node(name, aliases)
        if node is not None and not isinstance(node, yaml.MappingNode):
            self.wrong(node, name, "must be a mapping")
            node = None
        return Section(self._document, node, self._place(name))

    def inside(self, node: yaml.MappingNode, name: str) -> "Section":
        """Of a mapping that was taken out with `node`."""
        return Section(self._document, node, self._place(name))

    def items(self, name: str, aliases: Sequence[str] = ()) -> list["Section"]:
        """The mappings of a list."""
        node = self.node(name, aliases)
        found = node.value if isinstance(node, yaml.SequenceNode) else []
        if (node is not None and not isinstance(node, yaml.SequenceNode)) or any(
            not isinstance(item, yaml.MappingNode) for item in found
        ):
            self.wrong(node, name, "must be a list of mappings", "begin each with '- '")
            return []
        return [Section(self._document, item, f"{self._place(name)}.{number}") for number, item in enumerate(found)]

    def wrong(self, node: yaml.Node | None, name: str, message: str, hint: str = "") -> None:
        self._document.wrong(node or self._node, self._place(name), message, hint)

    def close(self) -> None:
        for key, _ in self._left.values():
            name = str(key.value)
            near = difflib.get_close_matches(name, self._known, 1)
            hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(self._known)
            self.wrong(key, name, "is not known", hint)

    def _place(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


def _plain(name: str) -> str:
    return name.lower().replace("_per_", "_")


def scalar(node: yaml.Node) -> object:
    """The value of a node as `yaml.safe_load` has it."""
    return _Plain.of(node)


class _Plain(yaml.SafeLoader):
    @classmethod
    def of(cls, node: yaml.Node) -> object:
        loader = cls("")
        try:
            return loader.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError):
            return None
        finally:
            loader.dispose()
