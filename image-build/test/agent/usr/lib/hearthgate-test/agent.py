"""TEST IMAGES ONLY: runs whatever the host of the virtual machine asks for, as root, a line of JSON each way."""

# ruff: noqa: INP001 - a program of its own
import json
import subprocess
from pathlib import Path
from typing import BinaryIO

PORT = Path("/dev/virtio-ports/hearthgate.test")


def answer(line: bytes) -> dict[str, object]:
    asked = json.loads(line)
    try:
        done = subprocess.run(  # noqa: S603 - that is its purpose
            ["/bin/sh", "-c", asked["run"]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=asked["timeout"],
            check=False,
        )
        return {"id": asked["id"], "code": done.returncode, "out": done.stdout.decode(errors="replace")}
    except subprocess.TimeoutExpired as late:
        return {"id": asked["id"], "code": -1, "out": (late.stdout or b"").decode(errors="replace") + "\ntimed out"}


def tell(port: BinaryIO, text: bytes) -> None:
    """The port takes as much as it has room for."""
    while text:
        text = text[port.write(text) :]


def serve(port: BinaryIO) -> None:
    rest = b""
    while chunk := port.read(65536):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                tell(port, json.dumps(answer(line)).encode() + b"\n")


if __name__ == "__main__":
    with PORT.open("r+b", buffering=0) as opened:
        serve(opened)
