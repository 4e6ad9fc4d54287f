"""The demo: the product as it is, on real clips, with a simulated room as a process of its own."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import resources
from pathlib import Path
from string import Template

from gateway.app.demo_guest import enrol_guest
from gateway.app.demo_hub import HubPlace, enrol, hub
from gateway.app.places import data_home, models_folder, registry
from gateway.app.playground import free_port, house, is_free, stop_after, write_credential
from gateway.app.run import Companion, run
from gateway.app.terminal import Progress
from gateway.config.load import load_settings
from gateway.models import report
from gateway.models.clips import CLIPS, fetch_clip
from gateway.models.fetch import Fetcher

PAGE_PORT = 8080
HUB_PAGE_PORT = 8090
HOUSE_SPEED = 3.0
"""Simulated seconds a second: a room warms and cools while somebody watches, and not faster than a room can."""

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
        headless = for_s is not None
        place = HubPlace(
            folder=folder / "hub", port=free_port(), page_port=_page_port(HUB_PAGE_PORT, headless=headless)
        )
        await asyncio.to_thread(enrol, place, "demo", folder / "secrets" / "hub")
        config = _write_config(folder, place.port, headless=headless)
        stop = asyncio.Event()
        companions: list[Companion] = [partial(enrol_guest, folder / "clips" / "face.mp4", say)]
        if for_s is not None:
            companions.append(stop_after(for_s, stop))
        settings = load_settings(config)
        async with (
            hub(place, say),
            house(settings.mqtt.port, folder / "secrets" / "house", HOUSE_SPEED) as room,
        ):
            corridor = await run(settings, stop=stop, say=say, companions=[*companions, room])
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


def _page_port(usual: int, *, headless: bool) -> int:
    return usual if is_free(usual) and not headless else free_port()


def _write_config(folder: Path, hub_port: int, *, headless: bool) -> Path:
    write_credential(folder / "secrets" / "house", "house")
    template = Template((resources.files("gateway.app") / "data" / "demo.yaml").read_text(encoding="utf-8"))
    text = template.substitute(
        folder=folder,
        models=models_folder(),
        mqtt_port=free_port(),
        web_port=_page_port(PAGE_PORT, headless=headless),
        hub_port=hub_port,
    )
    config = folder / "demo.yaml"
    config.write_text(text, encoding="utf-8")
    return config
