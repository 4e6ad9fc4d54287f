"""The fake libedgetpu, built from C with what the machine has."""

import functools
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

SOURCE = Path(__file__).with_name("fake_edgetpu.c")

Array = npt.NDArray[np.generic]


def build_library(source: Path, library: Path, *flags: str) -> None:
    """Compile it, or skip the test where there is nothing to compile with."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler (apt-get install gcc libc6-dev)")
    command = [compiler, "-shared", "-fPIC", "-O1", *flags, "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)


@functools.cache
def _built(*flags: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "libedgetpu.so.1"
        build_library(SOURCE, library, *flags)
        return library.read_bytes()


class FakeEdgeTpu:
    """The library in a folder of its own, with the file that tells it what to do; see `fake_edgetpu.c` for the keys.

    `old_abi` builds it with the registration that current runtimes read past the end of."""

    def __init__(self, folder: Path, *, old_abi: bool = False) -> None:
        self._file = folder / ("libedgetpu-old.so.1" if old_abi else "libedgetpu.so.1")
        self._file.write_bytes(_built("-DOLD_ABI") if old_abi else _built())
        self._answers = folder / "answers"
        self._keys: dict[str, object] = {}

    @property
    def library(self) -> str:
        return str(self._file)

    @property
    def hangs(self) -> bool:
        """Whether a call into it has come to where it hangs."""
        return Path(f"{self.library}.hangs").exists()

    def set(self, **keys: object) -> None:
        """Only these keys count from the next call into the library on; none means it is well. Replaced at once."""
        self._keys = keys
        told = {**keys, **({"answers": self._answers} if self._answers.exists() else {})}
        new = self._file.with_name("control.new")
        new.write_text("".join(f"{key}={value}\n" for key, value in told.items()))
        new.replace(f"{self.library}.control")

    def answer(self, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """To these inputs of the operator it answers with these outputs from now on."""
        data = b"".join(output.tobytes() for output in outputs)
        with self._answers.open("ab") as table:
            table.write(struct.pack("<QI", hash_of(inputs), len(data)) + data)
        self.set(**self._keys)


def hash_of(inputs: Sequence[Array]) -> int:
    """What the fake takes the hash of its inputs to be."""
    data = np.frombuffer(b"".join(value.tobytes() for value in inputs), np.uint8).astype(np.uint64)
    weights = (2 * np.arange(data.size, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return int(np.sum(data * weights))
