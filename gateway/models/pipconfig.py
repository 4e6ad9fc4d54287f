"""Which package index this machine uses: whatever pip was configured with, and pip's own default otherwise."""

import ast
import os
import re
import subprocess
import sys
from dataclasses import dataclass

from gateway.errors import Refused

_DEFAULT = re.compile(r"\(default\s+(\S+?)\)")
_ENTRY = re.compile(r"^(?P<where>:env:|[\w-]+)\.(?P<name>[\w-]+)=(?P<value>.*)$", re.MULTILINE)
_RANK = ("global", "download", ":env:")
"""Sections that count for a download, the strongest last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """`urls` are roots of simple repositories in order; they may hold credentials and are never shown. `cert` is a
    file of trusted authorities in place of the system's."""

    urls: tuple[str, ...]
    cert: str | None = None


def index_settings() -> IndexSettings:
    """From `pip config` (files and PIP_ variables). Raises `Refused("index_unknown")` where there is no pip and no
    PIP_INDEX_URL either, or where pip is told to use no index."""
    entries = configured(_pip("config", "list"))
    entries = {**entries, **_environment()}
    urls = [*entries.get("extra-index-url", "").split()]
    if entries.get("no-index", "").lower() not in {"1", "true", "yes", "on"}:
        urls.insert(0, entries.get("index-url") or _default_index())
    urls = [url.rstrip("/") + "/" for url in urls if url]
    if not urls:
        raise Refused("index_unknown", hint="no package index: set PIP_INDEX_URL, or give a folder of models")
    return IndexSettings(urls=tuple(urls), cert=entries.get("cert"))


def configured(listing: str) -> dict[str, str]:
    """What `pip config list` says that counts for a download."""
    found: dict[str, tuple[int, str]] = {}
    for match in _ENTRY.finditer(listing):
        where, name = match["where"], match["name"].lower()
        rank = _RANK.index(where) if where in _RANK else -1
        if rank >= found.get(name, (0, ""))[0]:
            found[name] = (rank, _literal(match["value"]))
    return {name: value for name, (_, value) in found.items()}


def default_index(help_text: str) -> str:
    """The index that pip names as its default in its help; "" where it names none."""
    told = help_text.partition("--index-url")[2]
    match = _DEFAULT.search(told)
    return match[1] if match else ""


def _default_index() -> str:
    return default_index(_pip("download", "--help"))


def _environment() -> dict[str, str]:
    """The same variables read directly, for a machine without pip."""
    names = {"index-url": "PIP_INDEX_URL", "extra-index-url": "PIP_EXTRA_INDEX_URL", "cert": "PIP_CERT"}
    return {name: os.environ[variable] for name, variable in names.items() if os.environ.get(variable)}


def _literal(text: str) -> str:
    try:
        return str(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError):
        return text.strip()


def _pip(*arguments: str) -> str:
    """What pip prints; "" where there is no pip or it fails."""
    command = [sys.executable, "-m", "pip", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - fixed words
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
