"""Trying out what may take the process down, in a process of its own."""

import asyncio
import signal
import sys
from dataclasses import dataclass

PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """`signal` names the signal that ended the child ("SIGABRT", "timeout"), None for a normal end with `code`."""

    code: int
    output: str
    signal: str | None = None


async def try_out(script: str, *arguments: str) -> Ended:
    """Run Python source text with the same interpreter; at most 20 s."""
    return await _run("-c", script, *arguments)


async def try_module(name: str, *arguments: str) -> Ended:
    """Run a module as a program, as `try_out` does."""
    return await _run("-m", name, *arguments)


async def _run(*arguments: str) -> Ended:
    child = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            output, _ = await child.communicate()
    except TimeoutError:
        return Ended(code=-1, output="", signal="timeout")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    code = child.returncode or 0
    name = signal.Signals(-code).name if code < 0 else None
    return Ended(code=code, output=output.decode(errors="replace").strip(), signal=name)
