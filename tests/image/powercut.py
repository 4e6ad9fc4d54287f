"""Cuts the power of a process tree right before one of its system calls that change a file system."""

import ctypes
import errno
import os
import platform
import signal
import subprocess
from collections.abc import Mapping, Sequence

import pytest

_SEIZE, _INTERRUPT, _SYSCALL, _SYSCALL_INFO = 0x4206, 0x4207, 24, 0x420E
_SYSGOOD, _FORKS, _EXIT_KILL = 1, 2 | 4 | 8, 1 << 20
_AT_SYSCALL = signal.SIGTRAP | 0x80
_ALL_CHILDREN = 0x40000000
_ENTRY = 1

# On x86-64: write, fsync, fdatasync, ftruncate, rename, mkdir, unlink, sync, mkdirat, unlinkat, renameat, syncfs,
# renameat2.
_CHANGES = {1, 74, 75, 77, 82, 83, 87, 162, 258, 263, 264, 306, 316}
_OPENAT = 257
_CREATES = os.O_CREAT | os.O_TRUNC

needed = pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls are known by their x86-64 numbers")


class _Info(ctypes.Structure):
    """struct ptrace_syscall_info at the entry of a call, see ptrace(2)."""

    _fields_ = [
        ("op", ctypes.c_uint8),
        ("arch", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
    ]


_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request: int, pid: int, address: int = 0, data: int = 0) -> None:
    if _libc.ptrace(request, pid, address, data) == -1:
        number = ctypes.get_errno()
        if number != errno.ESRCH:  # it died meanwhile, and is waited for
            raise OSError(number, os.strerror(number))


def _changes_files(pid: int) -> bool:
    info = _Info()
    _ptrace(_SYSCALL_INFO, pid, ctypes.sizeof(info), ctypes.addressof(info))
    if info.op != _ENTRY:
        return False
    return info.number in _CHANGES or (info.number == _OPENAT and bool(info.arguments[2] & _CREATES))


def run(command: Sequence[str], env: Mapping[str, str], *, cut_before: int) -> bool:
    """Run until the `cut_before`-th change of the whole tree, counted from 1, which no longer takes place.

    Returns whether the power was cut. A command that ended earlier must have succeeded.
    """
    child = subprocess.Popen(
        ["sh", "-c", 'kill -STOP $$; exec "$@"', "sh", *command], env=dict(env), start_new_session=True
    )
    os.waitpid(child.pid, os.WUNTRACED)
    _ptrace(_SEIZE, child.pid, 0, _SYSGOOD | _FORKS | _EXIT_KILL)
    os.kill(child.pid, signal.SIGCONT)
    _ptrace(_INTERRUPT, child.pid)
    return _follow(child, cut_before)


def _follow(child: "subprocess.Popen[bytes]", cut_before: int) -> bool:
    changes = 0
    while True:
        try:
            pid, status = os.waitpid(-child.pid, _ALL_CHILDREN)
        except ChildProcessError:
            break
        if not os.WIFSTOPPED(status):
            if pid == child.pid:
                child.returncode = os.waitstatus_to_exitcode(status)
            continue
        if os.WSTOPSIG(status) == _AT_SYSCALL and _changes_files(pid):
            changes += 1
            if changes == cut_before:
                os.killpg(child.pid, signal.SIGKILL)
        _resume(pid, status)
    cut = changes >= cut_before
    assert cut or child.returncode == 0, f"ended with {child.returncode}"
    return cut


def _resume(pid: int, status: int) -> None:
    stopped_by = os.WSTOPSIG(status)
    own = stopped_by == _AT_SYSCALL or status >> 16  # a stop of the tracer's making is no signal
    _ptrace(_SYSCALL, pid, 0, 0 if own else stopped_by)
