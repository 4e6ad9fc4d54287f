"""Work under a unit's system call filter, without systemd: the same names, put in force by libseccomp."""

import ctypes
import re
import subprocess
from collections.abc import Callable, Iterable
from ctypes.util import find_library
from errno import EPERM
from multiprocessing import get_context
from pathlib import Path

import pytest

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | EPERM
"""SCMP_ACT_ALLOW and SCMP_ACT_ERRNO of seccomp.h; systemd.exec(5), SystemCallErrorNumber=."""

_PATIENCE_S = 90.0

Work = Callable[[Path], None]


def allowed(filters: Iterable[str]) -> frozenset[str]:
    """The names that these values of SystemCallFilter= let through, in their order (systemd.exec(5)); the first of
    them must be a list of what is allowed."""
    names = _expanded("@default")
    for line in filters:
        found = frozenset[str]().union(*(_expanded(word) for word in line.removeprefix("~").split()))
        names = names - found if line.startswith("~") else names | found
    return names


def _expanded(word: str) -> frozenset[str]:
    if not word.startswith("@"):
        return frozenset({word})
    command = ["systemd-analyze", "syscall-filter", "--no-pager", word]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    members = [line.strip() for line in listed.splitlines()[1:] if not re.match(r"\s*(#|$)", line)]
    return frozenset[str]().union(*(_expanded(member) for member in members))


def run_confined(work: Work, names: Iterable[str], folder: Path) -> int | None:
    """`work(folder)` in a new process in which only these system calls work; its exit status, None where it hangs."""
    if find_library("seccomp") is None:
        pytest.skip("needs libseccomp (apt-get install libseccomp2)")
    process = get_context("spawn").Process(target=_confined, args=(work, tuple(names), folder))
    process.start()
    process.join(_PATIENCE_S)
    status = process.exitcode
    process.kill()
    process.join()
    process.close()
    return status


def _confined(work: Work, names: Iterable[str], folder: Path) -> None:
    seccomp = ctypes.CDLL(find_library("seccomp"))
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(_REFUSE)))
    for name in names:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # below it is a call of another architecture
            seccomp.seccomp_rule_add(context, ctypes.c_uint32(_ALLOW), number, 0)
    assert seccomp.seccomp_load(context) == 0
    work(folder)
