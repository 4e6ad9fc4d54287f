"""The accelerator's process: `python -m gateway.models.tpu.worker SOCKET PARENT`, started by `process.TpuChild`.

It keeps to one thread and one order at a time. It trusts nothing it is told: an order that makes no sense ends it with
status 65 (EX_DATAERR). It dies with the daemon, also when that is killed.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from gateway.errors import GatewayError
from gateway.models.tpu.delegate import Opened, open_library
from gateway.models.tpu.protocol import (
    MOST_BYTES,
    Failure,
    Garbled,
    Kind,
    LoadOrder,
    Message,
    Started,
    StartOrder,
    pack,
    read,
    unpack,
)
from gateway.models.tpu.runner import Runner, load

_PR_SET_PDEATHSIG = 1


class Worker:
    """Answers orders until the other side hangs up."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._opened: Opened | None = None
        self._models: dict[int, Runner] = {}

    def serve(self) -> None:
        """Raises `Garbled`."""
        while True:
            with ExitStack() as received:
                data, fds, flags, _ = socket.recv_fds(self._channel, MOST_BYTES, 4)
                for fd in fds:
                    received.callback(os.close, fd)
                if not data:
                    return
                if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                    raise Garbled
                answer = self._answer(unpack(data), fds)
            self._channel.send(pack(answer))

    def _answer(self, order: Message, fds: Sequence[int]) -> Message:
        try:
            body = self._do(order, fds)
        except GatewayError as error:
            failure = Failure(key=error.key, cause=str(error.facts.get("cause", error))[:500])
            return Message(Kind.FAILED, order.handle, order.seq, failure.model_dump_json().encode())
        return Message(Kind.DONE, order.handle, order.seq, body)

    def _do(self, order: Message, fds: Sequence[int]) -> bytes:
        match order.kind:
            case Kind.INFER if order.handle in self._models and not fds:
                self._models[order.handle].run()
                return b""
            case Kind.LOAD if self._opened is not None and order.handle not in self._models and len(fds) == 2:
                self._models[order.handle] = load(self._opened.delegate, read(LoadOrder, order.body), *fds)
                return b""
            case Kind.UNLOAD if order.handle in self._models and not fds:
                del self._models[order.handle]
                return b""
            case Kind.START if self._opened is None and not fds:
                return self._start(read(StartOrder, order.body))
        raise Garbled

    def _start(self, order: StartOrder) -> bytes:
        self._opened = open_library(order.library, order.options)
        return Started(version=self._opened.version, devices=self._opened.devices).model_dump_json().encode()


def _die_with(parent: int) -> None:
    """The kernel kills us with the thread that started us, and rather than the daemon where memory runs out; no picture
    of a home is left behind in a core file."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # only root may lower what a unit has set higher
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    if os.getppid() != parent:
        raise SystemExit(0)


def main() -> None:
    _die_with(int(sys.argv[2]))
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        try:
            Worker(channel).serve()
        except Garbled:
            raise SystemExit(os.EX_DATAERR) from None


if __name__ == "__main__":
    main()
