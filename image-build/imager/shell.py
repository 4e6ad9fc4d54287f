"""Runs the tools of others, and tells what goes on."""

import os
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

_MOST_TOLD = 40
"""Last lines of a tool that failed."""


class BuildError(Exception):
    """The build cannot go on; its text is for people."""


def say(text: str) -> None:
    print(f"==> {text}", file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def step(text: str) -> Generator[None]:
    """One line at its beginning, and how long it took at its end."""
    say(text)
    began = time.monotonic()
    yield
    say(f"{text}: {time.monotonic() - began:.1f} s")


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Its standard output. Raises BuildError with the last lines that it wrote when it fails."""
    done = subprocess.run(  # noqa: S603 - the commands are written here
        [str(word) for word in command],
        env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        told = (done.stdout + done.stderr).splitlines()[-_MOST_TOLD:]
        raise BuildError(f"{command[0]} failed ({done.returncode}):\n" + "\n".join(told))
    return done.stdout
