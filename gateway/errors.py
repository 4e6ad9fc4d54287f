"""Errors, named by what the receiver does next.

GatewayError
 ├─ Transient      retry with back-off (weather: a camera rebooted, the broker restarted)
 │   └─ SourceLost     a source stopped delivering
 ├─ Refused        stop and tell a person (wrong password, 404, missing model)
 ├─ Invalid        drop this item, count it, go on
 ├─ Corrupt        quarantine, recreate, go on
 └─ ConfigError    every problem at once; the process exits with 78 (EX_CONFIG)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

EX_CONFIG = 78

_USERINFO = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s]*@")


def without_secrets(text: str) -> str:
    """`text` with the user info of every URL removed."""
    return _USERINFO.sub(r"\g<scheme>", text)


class GatewayError(Exception):
    """`key` names the cause for the page, the API and the metrics; `facts` hold numbers and names, never
    secrets; `status` is the HTTP status an API answers with."""

    status = 500

    def __init__(self, key: str, *, status: int | None = None, **facts: object) -> None:
        self.key = key
        self.facts = {name: without_secrets(v) if isinstance(v, str) else v for name, v in facts.items()}
        self.status = self.status if status is None else status
        super().__init__(key)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.key} ({told})" if told else self.key


class Transient(GatewayError):
    """Try again later."""

    status = 503


class SourceLost(Transient):
    """A source stopped delivering; the supervisor opens it again."""


class Refused(GatewayError):
    """Trying again changes nothing until a person acts."""

    status = 403


class Invalid(GatewayError):
    """This one item is no good."""

    status = 400


class Corrupt(GatewayError):
    """A file is damaged and has been, or must be, set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in a file: `path` is the dotted place in the document, `hint` what to do."""

    file: str
    line: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        told = f"{self.file}:{self.line}: {self.path}: {self.message}"
        return f"{told} ({self.hint})" if self.hint else told


class ConfigError(GatewayError):
    """All problems of a configuration at once."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("config_invalid", count=len(self.problems))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
