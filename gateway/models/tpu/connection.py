"""A running child process and the channel to it: one order, one answer, in time, or the process is ended."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence

from gateway.errors import GatewayError, Refused
from gateway.models.tpu.errors import TpuFailed, TpuLost
from gateway.models.tpu.murmur import Murmur
from gateway.models.tpu.protocol import MOST_BYTES, Failure, Garbled, Kind, Message, pack, read, unpack

_WORKER = "gateway.models.tpu.worker"
_REFUSED = {"tpu_library_missing", "tpu_library_wrong", "tpu_no_device", "tpu_option", "runtime_missing"}
_FAILED = {"tpu_invoke_failed", "tpu_prepare_failed", "tpu_model_refused"}
_CLOSE_S = 2.0
_REAP_S = 1.0
_PASSED_ON = ("LD_LIBRARY_PATH",)


class Connection:
    """Starts the process. One thread gives the orders; `kill`, `pid` and `alive` are for any."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own module in our own interpreter
                [sys.executable, "-I", "-m", _WORKER, str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._murmur = Murmur(self._process.stdout)
        self._channel: socket.socket | None = ours
        self._seq = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._channel is not None and self._process.poll() is None

    def ask(self, kind: Kind, timeout_s: float, handle: int = 0, body: bytes = b"", fds: Sequence[int] = ()) -> bytes:
        """The body of the answer. Raises `TpuLost`, and `TpuFailed` or `Refused` where the child says so."""
        if self._channel is None:
            raise TpuLost("tpu_exited", cause="it was lost before")
        self._seq = (self._seq + 1) & 0xFFFFFFFF
        try:
            answer = _exchange(self._channel, Message(kind, handle, self._seq, body), fds, timeout_s)
            failure = _failure(answer.body) if answer.kind is Kind.FAILED else None
        except TimeoutError:
            raise self.lose(TpuLost("tpu_hung", after_s=round(timeout_s, 3))) from None
        except Garbled:
            raise self.lose(TpuLost("tpu_garbled")) from None
        except OSError:
            raise self._died() from None
        if failure is not None:
            raise failure
        return answer.body

    def lose(self, reason: TpuLost) -> TpuLost:
        """End the process; answers with the reason."""
        self.kill()
        self._hang_up()
        self._reap()
        return reason

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """Hang up, which the child takes for the order to end; it is ended by force where it does not."""
        self._hang_up()
        try:
            self._process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reap()

    def _died(self) -> TpuLost:
        """Why the other end of the channel is gone."""
        self._hang_up()
        try:
            code = self._process.wait(_REAP_S)
        except subprocess.TimeoutExpired:
            return self.lose(TpuLost("tpu_hung", cause="it hung up and does not end"))
        self._reap()
        return _ended(code, self._murmur.last)

    def _hang_up(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def _reap(self) -> None:
        """A process that waits for a device in the kernel may outlive SIGKILL for a while; nobody waits for that."""
        try:
            self._process.wait(_REAP_S)
        except subprocess.TimeoutExpired:
            return
        self._murmur.join(_REAP_S)


def _exchange(channel: socket.socket, order: Message, fds: Sequence[int], timeout_s: float) -> Message:
    channel.settimeout(max(timeout_s, 1e-3))
    if fds:
        socket.send_fds(channel, [pack(order)], fds)
    else:
        channel.send(pack(order))
    data = channel.recv(MOST_BYTES + 1)
    if not data:
        raise ConnectionResetError
    answer = unpack(data)
    if (answer.handle, answer.seq) != (order.handle, order.seq) or answer.kind not in (Kind.DONE, Kind.FAILED):
        raise Garbled
    return answer


def _failure(body: bytes) -> GatewayError:
    failure = read(Failure, body)
    if failure.key in _REFUSED:
        return Refused(failure.key, cause=failure.cause)
    if failure.key in _FAILED:
        return TpuFailed(failure.key, cause=failure.cause)
    raise Garbled


def _ended(code: int, said: str) -> TpuLost:
    if code >= 0:
        return TpuLost("tpu_exited", code=code, said=said)
    name = signal.Signals(-code).name if -code in signal.valid_signals() else str(-code)
    return TpuLost("tpu_aborted" if name == "SIGABRT" else "tpu_crashed", signal=name, said=said)
