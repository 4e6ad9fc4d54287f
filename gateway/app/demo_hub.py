"""The demo's hub: a process of its own, in which the demo's summaries can be seen to arrive."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Refused

_PROGRAM = (sys.executable, "-m", "services.hub")
_PAGE = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPlace:
    """Where the demo's hub lives: it keeps its data in `folder`, listens on `port` for the gateway and shows its pages
    on `page_port`, both on this machine only."""

    folder: Path
    port: int
    page_port: int

    @property
    def config(self) -> Path:
        return self.folder / "hub.yaml"


def enrol(place: HubPlace, gateway: str, credential: Path) -> None:
    """Let the demo's gateway in, once; its token goes into `credential`. Blocks, and raises
    `Refused("demo_hub_failed")`."""
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.config.write_text(
        f"data_dir: data\ndoor: {{port: {place.port}}}\nweb: {{port: {place.page_port}}}\n", encoding="utf-8"
    )
    if credential.exists():
        return
    command = [*_PROGRAM, "enrol", gateway, "--config", str(place.config)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own module
    login = ran.stdout.strip().splitlines()[-1:] if ran.returncode == 0 else []
    if not login or not login[0].startswith(f"{gateway}:"):
        raise Refused("demo_hub_failed", said=ran.stderr.strip()[-200:])
    credential.parent.mkdir(mode=0o700, exist_ok=True)
    credential.touch(mode=0o600)
    credential.write_text(login[0] + "\n", encoding="utf-8")


@asynccontextmanager
async def hub(place: HubPlace, say: Callable[[str], None]) -> AsyncGenerator[None, None]:
    """Runs while the block does; `say` is told where its pages are."""
    process = await asyncio.create_subprocess_exec(
        *(*_PROGRAM, "run", "--config", str(place.config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    listening = asyncio.create_task(_relay(process, say), name="demo-hub")
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await listening


async def _relay(process: asyncio.subprocess.Process, say: Callable[[str], None]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        found = _PAGE.search(line.decode("utf-8", "replace"))
        if found is not None:
            say(f"hub: {found[0]}")
