"""What a check found: one line a person can act on."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`worry` is the subject ("camera/door"), `key` the cause for machines, `message` the cause for people, `hint`
    what to do. Never holds a secret. `dataclasses.asdict` gives what JSON takes."""

    worry: str
    level: Grade
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        told = f"{self.level.value:<4} {self.worry}: {self.message}"
        return f"{told} ({self.hint})" if self.hint else told


def ok(worry: str, message: str, key: str = "ok") -> Finding:
    return Finding(worry=worry, level=Grade.OK, key=key, message=message)


def warn(worry: str, key: str, message: str, hint: str = "") -> Finding:
    return Finding(worry=worry, level=Grade.WARN, key=key, message=message, hint=hint)


def fail(worry: str, key: str, message: str, hint: str = "") -> Finding:
    return Finding(worry=worry, level=Grade.FAIL, key=key, message=message, hint=hint)
