"""Byte code beside what is installed: a read-only root keeps none that is made later, so that without it every start
would compile everything anew. Its hash is not checked at a start, since nobody can change the source beside it."""

import os
import shutil
import sys
from pathlib import Path

from imager.shell import BuildError, run

PYTHON = "3.13"
"""The minor version of the suite; asserted against the root."""
_COMPILE = ("-m", "compileall", "-q", "--invalidation-mode=unchecked-hash")
_SAME = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def same_python() -> str | None:
    """One of this machine that makes the device's byte code, whatever its processor: far sooner than emulation."""
    for known in (sys.executable, os.environ.get("PYTHON_OF_THE_IMAGE"), f"python{PYTHON}"):
        if known and shutil.which(known) and _version(known) == PYTHON:
            return known
    return None


def compile_here(python: str, folder: Path, place: str, *below: Path) -> None:
    """What lies in `folder`, or only `below`, that will lie at `place`."""
    run(python, *_COMPILE, "-s", folder, "-p", place, *(below or (folder,)), env=_SAME)


def compile_there(root: Path, place: str) -> None:
    """With the root's own Python, emulated where need be; a hundred times as long."""
    run("chroot", root, "/usr/bin/python3", *_COMPILE, place, env=_SAME)


def _version(python: str) -> str | None:
    try:
        return run(python, "-c", "import sys; print(*sys.version_info[:2], sep='.')").strip()
    except BuildError:
        return None
