"""The demo: the product as it is, on real clips, with a simulated room as a process of its own."""

import asyncio
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from importlib import resources
from pathlib import Path
from string import Template

from gateway.app.build import Corridor
from gateway.app.demo_guest import enrol_guest
from gateway.app.places import data_home, models_folder, registry
from gateway.app.run import Companion, run
from gateway.app.terminal import Progress
from gateway.config.load import load_settings
from gateway.models import report
from gateway.models.clips import CLIPS, fetch_clip
from gateway.models.fetch import Fetcher

PAGE_PORT = 8080
HOUSE_SPEED = 30.0
"""Simulated seconds a second: a room warms and cools while somebody watches."""

Say = Callable[[str], None]


async def demo(*, for_s: float | None, say: Say) -> dict[str, object]:
    """Runs until SIGINT or SIGTERM, or for `for_s` seconds, and returns the report.

    With `for_s` everything is thrown away at the end; without, the demo's home is kept, so that the page needs to
    be claimed only once. Raises `GatewayError` for what cannot be fetched or written.
    """
    with ExitStack() as stack:
        if for_s is None:
            folder = data_home() / "demo"
            folder.mkdir(parents=True, exist_ok=True)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hearthgate-demo-")))
        await asyncio.to_thread(_fetch, folder)
        config = _write_config(folder, headless=for_s is not None)
        stop = asyncio.Event()
        companions: list[Companion] = [partial(enrol_guest, folder / "clips" / "face.mp4", say)]
        if for_s is not None:
            companions.append(partial(_stop_after, for_s, stop))
        settings = load_settings(config)
        async with _house(settings.mqtt.port, folder / "secrets" / "house") as house:
            corridor = await run(settings, stop=stop, say=say, companions=[*companions, house])
        return corridor.report()


def _fetch(folder: Path) -> None:
    """Models and clips, each checked by SHA-256, only what is missing; clips are kept between runs."""
    progress = Progress()
    report.pull(registry(), progress=progress)
    kept = data_home() / "clips"
    clips = folder / "clips"
    clips.mkdir(exist_ok=True)
    for name in CLIPS:
        clip = fetch_clip(name, kept, Fetcher(), progress)
        (clips / clip.name).unlink(missing_ok=True)
        (clips / clip.name).symlink_to(clip)


def _write_config(folder: Path, *, headless: bool) -> Path:
    secret = folder / "secrets" / "house"
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(f"house:{secrets.token_urlsafe(18)}\n", encoding="utf-8")
    template = Template((resources.files("gateway.app") / "data" / "demo.yaml").read_text(encoding="utf-8"))
    text = template.substitute(
        folder=folder,
        models=models_folder(),
        mqtt_port=_free_port(),
        web_port=_free_port() if headless or not _is_free(PAGE_PORT) else PAGE_PORT,
    )
    config = folder / "demo.yaml"
    config.write_text(text, encoding="utf-8")
    return config


@asynccontextmanager
async def _house(port: int, credentials: Path) -> AsyncGenerator[Companion, None]:
    """The simulated room as a process of its own. It knocks until the broker is up; its companion sends it away
    once the last commands have been answered and before the broker goes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.simhouse", "--port", str(port), "--credentials-file", str(credentials)),
        *("--speed", str(HOUSE_SPEED), "--report", "1", "--visits", "600"),
    )

    async def leave() -> None:
        if process.returncode is None:
            process.terminate()
        await process.wait()

    async def companion(_corridor: Corridor) -> None:
        try:
            await process.wait()
        finally:
            await leave()

    try:
        yield companion
    finally:
        await leave()


async def _stop_after(for_s: float, stop: asyncio.Event, _corridor: Corridor) -> None:
    await asyncio.sleep(for_s)
    stop.set()


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
