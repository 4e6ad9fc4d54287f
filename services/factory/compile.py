"""For the Edge TPU: calls the vendor's compiler where it is installed, and says so where it is not.

`edgetpu_compiler` is closed, for x86-64 Debian only and may not be passed on: whoever has it compiles.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Refused
from gateway.models.tflite import compiled_for_tpu
from gateway.wire.model_card import CardFile, TpuVariant
from services.factory.lint import lint, table

COMPILER = "edgetpu_compiler"
NOT_INSTALLED = 3
"""Exit status of its own: nothing is wrong with the model."""
TIMEOUT_S = 600

_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}
_ON_CHIP = re.compile(r"On-chip memory used for caching model parameters: ([0-9.]+)(B|KiB|MiB)")
_ON_TPU = re.compile(r"Number of operations that will run on Edge TPU: (\d+)")
_ON_CPU = re.compile(r"Number of operations that will run on CPU: (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """`sram_bytes` of parameters lie on the chip, as far as the compiler told. `on_cpu` operators stay on the
    processor; both counts are 0 where the compiler did not tell because all are on the accelerator."""

    file: Path
    sram_bytes: int
    on_tpu: int
    on_cpu: int

    def variant(self) -> TpuVariant:
        """For the model's card."""
        data = self.file.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        entry = CardFile(name=self.file.name, sha256=digest, bytes=len(data))
        return TpuVariant(file=entry, sram_bytes=self.sram_bytes)


def compile_for_tpu(file: Path, folder: Path) -> Compiled:
    """Compile the int8 model `file` into `folder`.

    Raises `Refused`: "compiler_missing", "compiler_failed" (its last words are in the facts), "compiler_lied" (what it
    wrote is no compiled model)."""
    program = shutil.which(COMPILER)
    if program is None:
        raise Refused("compiler_missing", hint="edgetpu_compiler is not on PATH: the model was NOT compiled")
    folder.mkdir(parents=True, exist_ok=True)
    told = _call([program, "--show_operations", "--out_dir", str(folder), str(file)])
    made = folder / f"{file.stem}_edgetpu.tflite"
    if not made.exists() or not compiled_for_tpu(made.read_bytes()):
        raise Refused("compiler_lied", file=made.name, cause=told[-400:])
    return Compiled(file=made, sram_bytes=_size(told), on_tpu=_count(_ON_TPU, told), on_cpu=_count(_ON_CPU, told))


def _call(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 (found on PATH)
    except subprocess.TimeoutExpired:
        raise Refused("compiler_failed", cause=f"silent for {TIMEOUT_S} s") from None
    except OSError as error:
        raise Refused("compiler_failed", cause=str(error)) from None
    if done.returncode != 0:
        raise Refused("compiler_failed", status_code=done.returncode, cause=(done.stderr or done.stdout)[-400:])
    return done.stdout


def _size(told: str) -> int:
    found = _ON_CHIP.search(told)
    return round(float(found[1]) * _UNITS[found[2]]) if found else 0


def _count(pattern: re.Pattern[str], told: str) -> int:
    found = pattern.search(told)
    return int(found[1]) if found else 0


def main(arguments: Sequence[str]) -> int:
    """0 compiled, 1 the compiler will not have it, 3 the compiler is not installed."""
    parser = argparse.ArgumentParser(prog="services.factory compile", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, default=Path())
    given = parser.parse_args(arguments)
    checked = lint(given.file.read_bytes())
    sys.stdout.write(table(checked))
    if not checked.compiles:
        raise Refused("not_for_tpu", file=given.file.name)
    try:
        made = compile_for_tpu(given.file, given.out)
    except Refused as error:
        if error.key != "compiler_missing":
            raise
        sys.stderr.write(f"{error.facts['hint']}\n")
        return NOT_INSTALLED
    sys.stdout.write(f"{made.file}: {made.on_cpu} operators stay on the processor. For the card:\n")
    sys.stdout.write(f'"tpu": {made.variant().model_dump_json(indent=2, exclude_defaults=True)}\n')
    return 0
