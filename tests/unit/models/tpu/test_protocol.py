"""Neither side takes what makes no sense: the child ends, the daemon ends the child."""

import random
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from gateway.models.tpu import protocol, shared
from gateway.models.tpu.errors import TpuFailed, TpuLost
from gateway.models.tpu.process import TpuChild
from gateway.models.tpu.protocol import Garbled, Kind, Message, StartOrder, pack, read, unpack
from gateway.models.tpu.worker import Worker
from gateway.wire.model_card import TensorSpec
from tests.native import FakeEdgeTpu
from tests.native.children import PATIENCE_S, Start, Twin, gone, load

START = StartOrder(library="", options={}).model_dump_json().encode()


def test_a_message_survives_the_way() -> None:
    message = Message(Kind.LOAD, 7, 2**32 - 1, b"body")
    assert unpack(pack(message)) == message


def test_random_bytes_are_no_message_or_a_harmless_one() -> None:
    source = random.Random(3)
    good = pack(Message(Kind.START, 0, 1, START))
    for _ in range(5000):
        data = bytearray(good)
        for _ in range(source.randint(1, 4)):
            data[source.randrange(len(data))] = source.randrange(256)
        cut = bytes(data[: source.randint(0, len(data))])
        try:
            read(StartOrder, unpack(cut).body)
        except Garbled:
            continue
        assert cut.startswith(b"HGT1")


def wrong_orders() -> dict[str, list[bytes]]:
    """Each a conversation whose last packet ends the child."""
    start = pack(Message(Kind.START, 0, 1, START))
    return {
        "noise": [b"\0" * 40],
        "too short": [b"HGT1"],
        "too long": [pack(Message(Kind.START, 0, 1, b"x" * protocol.MOST_BYTES))],
        "unknown kind": [b"HGT1\xff\0\0\0\0\0\0\0"],
        "an answer": [pack(Message(Kind.DONE, 0, 1))],
        "no json": [pack(Message(Kind.START, 0, 1, b"{"))],
        "unknown field": [pack(Message(Kind.START, 0, 1, START[:-1] + b',"more":1}'))],
        "inference of nothing": [start, pack(Message(Kind.INFER, 1, 2))],
        "model before the library": [pack(Message(Kind.LOAD, 1, 1, b"{}"))],
        "model without a file": [start, pack(Message(Kind.LOAD, 1, 2, b"{}"))],
        "freeing nothing": [start, pack(Message(Kind.UNLOAD, 1, 2))],
        "started twice": [start, start],
    }


@pytest.mark.parametrize("name", wrong_orders())
def test_an_order_that_makes_no_sense_ends_the_child(name: str) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(PATIENCE_S)
    with ours, theirs:
        *before, last = wrong_orders()[name]
        for packet in before:
            ours.send(packet)
        ours.send(last)
        with pytest.raises(Garbled):
            Worker(theirs).serve()
        assert [unpack(ours.recv(1000)).kind for _ in before] == [Kind.DONE] * len(before)


def test_the_process_says_so_with_its_status() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.send(b"nonsense")
        code = (
            "import os, runpy, sys; "
            f"sys.argv = ['worker', '{theirs.fileno()}', str(os.getppid())]; "
            "runpy.run_module('gateway.models.tpu.worker', run_name='__main__')"
        )
        process = subprocess.run([sys.executable, "-c", code], pass_fds=(theirs.fileno(),), check=False)
    assert process.returncode == 65


def test_a_child_of_nobody_ends_at_once() -> None:
    """Its daemon died before it could ask the kernel to die with it."""
    command = [sys.executable, "-m", "gateway.models.tpu.worker", "0", "0"]
    process = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    assert process.returncode == 0


MAD = """#!{python}
import os, socket, sys
channel = socket.socket(fileno=int(sys.argv[4]))
done = lambda order, body=b"": order[:4] + b"\\x10\\0" + order[6:12] + body
order = channel.recv(100000)
channel.send(done(order, b'{{"version": "mad", "devices": ["a"]}}'))
order, fds, _, _ = socket.recv_fds(channel, 100000, 4)
try:
    os.ftruncate(fds[1], 0)
except PermissionError:
    pass
else:
    raise SystemExit(99)
channel.send(done(order))
order = channel.recv(100000)
{answer}
channel.recv(100000)
"""


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ("channel.send(b'noise' * 10)", "tpu_garbled"),
        ("channel.send(b'x' * 90000)", "tpu_garbled"),
        ("channel.send(order)", "tpu_garbled"),
        ("channel.send(done(order[:8] + b'\\0\\0\\0\\0'))", "tpu_garbled"),
        ("channel.send(done(order[:6] + b'\\x09\\0' + order[8:12]))", "tpu_garbled"),
        ("channel.send(order[:4] + b'\\x11\\0' + order[6:12] + b'no json')", "tpu_garbled"),
        (
            'channel.send(order[:4] + b\'\\x11\\0\' + order[6:12] + b\'{"key": "surprise", "cause": ""}\')',
            "tpu_garbled",
        ),
        ("raise SystemExit(3)", "tpu_exited"),
        ("channel.close(); import time; time.sleep(1000)", "tpu_hung"),
        ("", "tpu_hung"),
    ],
)
def test_an_answer_that_makes_no_sense_ends_the_child(
    answer: str, key: str, twin: Twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "mad"
    script.write_text(MAD.format(python=sys.executable, answer=answer))
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    card, file = twin
    child = TpuChild("")
    assert child.start().version == "mad"
    load(child, card, file)
    with pytest.raises(TpuLost) as caught:
        child.infer("tiny", [np.zeros((1, 8, 8, 3), np.float32)], 0.5 if key == "tpu_hung" else PATIENCE_S)
    assert caught.value.key == key
    assert gone(child.pid)


def test_an_answer_too_late_is_never_taken_for_the_next_one(fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    card, file = twin
    child = start(fake.library)
    load(child, card, file)
    fake.set(delay_us=300_000)
    image = np.zeros((1, 8, 8, 3), np.float32)
    for _ in range(2):
        with pytest.raises(TpuLost):
            child.infer("tiny", [image], 0.05)


def test_memory_of_another_size_is_not_taken() -> None:
    spec = TensorSpec(shape=(1, 4), dtype="float32")
    memory = shared.create([spec], [spec])
    with open(memory, "rb"), pytest.raises(TpuFailed):  # noqa: PTH123  # a descriptor, not a path
        shared.attach(memory, [spec], [spec, spec])


def test_no_thread_is_left_behind_by_a_child(fake: FakeEdgeTpu) -> None:
    before = threading.active_count()
    child = TpuChild(fake.library)
    child.start()
    child.close()
    assert threading.active_count() == before
