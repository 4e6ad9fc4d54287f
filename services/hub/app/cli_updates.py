"""`hearthgate-hub campaign|twin`, and what `cli_bundles` adds."""

import argparse
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from gateway.errors import Invalid, Refused
from services.hub.app import cli_bundles
from services.hub.app.enrolling import CONSOLE
from services.hub.app.updates import Updates
from services.hub.campaigns.plan import plan_of, wish_for
from services.hub.campaigns.rows import Campaign
from services.hub.registry.kinds import Kind, line_of
from services.hub.registry.registry import Channel
from services.hub.twins.patches import differences

Told = argparse.Namespace
Work = Callable[[Updates, Told], Awaitable[str]]
"""What it returns is printed."""


def add_commands(commands: Any, handler: Callable[[Told, Work], int]) -> None:
    """`handler` is called with the arguments and what to do."""

    def command(parent: Any, name: str, work: Work, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = parent.add_parser(name, help=text)
        parser.add_argument("--config", type=Path, default=Path("/etc/hearthgate-hub/hub.yaml"))
        parser.set_defaults(handler=lambda told: handler(told, work))
        return parser

    models = _group(commands, "models", "signed bundles of models")
    images = _group(commands, "images", "images of the operating system, for their boards")
    cli_bundles.add_commands(models, images, command)

    campaign = _group(commands, "campaign", "bring something to many homes, a few at first")
    begin = command(campaign, "begin", _begin, "begin what a plan in JSON says")
    begin.add_argument("plan", type=Path)
    for kind, text in ((Kind.MODEL, "the model"), (Kind.IMAGE, "the image for this board")):
        begin.add_argument(f"--{kind.value}", help=f"wish for {text} that --channel holds")
    begin.add_argument("--channel", choices=[channel.value for channel in Channel], default=Channel.STABLE.value)
    command(campaign, "list", _campaigns, "all of them, newest first")
    for name, work, text in (
        ("show", _show, "how far it is"),
        ("pause", _pause, "no more offers for now"),
        ("resume", _resume, "go on with offers"),
    ):
        command(campaign, name, work, text).add_argument("number", type=int)
    stop = command(campaign, "stop", _stop, "end it for good")
    stop.add_argument("number", type=int)
    stop.add_argument("--recall", action="store_true", help="and take it back wherever it arrived")

    twin = _group(commands, "twin", "what is wished of a home's settings")
    command(twin, "show", _twin, "the wishes, and what is not as wished").add_argument("home")
    wish = command(twin, "wish", _wish, "lay a merge patch (RFC 7396) over the wishes")
    wish.add_argument("home")
    wish.add_argument("patch", type=Path)


def _group(commands: Any, name: str, text: str) -> Any:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    return parser.add_subparsers(required=True, metavar="COMMAND")


async def _begin(updates: Updates, told: Told) -> str:
    document = _document(told.plan)
    for kind, name in ((Kind.MODEL, told.model), (Kind.IMAGE, told.image)):
        if name is not None:
            document["wish"] = wish_for(await updates.registry.in_channel(line_of(kind, name), Channel(told.channel)))
    number = await updates.campaigns.begin(plan_of(document), by=CONSOLE)
    return f"campaign {number}"


async def _campaigns(updates: Updates, _told: Told) -> str:
    return "\n".join(map(_line, await updates.campaigns.all())) or "no campaigns"


async def _show(updates: Updates, told: Told) -> str:
    campaign, counts = await updates.campaigns.campaign(told.number)
    return "\n".join([_line(campaign), *(f"  {standing.value:12} {count}" for standing, count in counts.items())])


async def _pause(updates: Updates, told: Told) -> str:
    await updates.campaigns.pause(told.number, by=CONSOLE)
    return f"campaign {told.number}: paused"


async def _resume(updates: Updates, told: Told) -> str:
    await updates.campaigns.resume(told.number, by=CONSOLE)
    return f"campaign {told.number}: running"


async def _stop(updates: Updates, told: Told) -> str:
    await updates.campaigns.stop(told.number, recall=told.recall, by=CONSOLE)
    return f"campaign {told.number}: stopped"


async def _twin(updates: Updates, told: Told) -> str:
    twin = await updates.twins.twin(told.home)
    found = differences(twin.version, twin.patch, twin.reported)
    lines = [f"version {twin.version}: {json.dumps(twin.patch)}"]
    lines += [f"  {one.path}: {one.key}, reported {json.dumps(one.reported)}" for one in found]
    return "\n".join(lines)


async def _wish(updates: Updates, told: Told) -> str:
    return f"version {await updates.twins.wish(told.home, _document(told.patch), by=CONSOLE)}"


def _line(campaign: Campaign) -> str:
    why = f" ({campaign.why})" if campaign.why else ""
    return f"{campaign.number:>6} {campaign.plan.lane:24} {campaign.state.value}{why}"


def _document(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused("file_unreadable", file=file.name, cause=error.strerror) from None
    except (ValueError, RecursionError):
        raise Invalid("file_not_json", file=file.name) from None
    if not isinstance(found, Mapping):
        raise Invalid("file_not_json", file=file.name)
    return dict(found)
