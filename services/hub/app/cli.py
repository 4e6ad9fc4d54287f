"""The command line: `hearthgate-hub COMMAND`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from gateway.errors import EX_CONFIG, ConfigError, GatewayError, Refused
from services.hub.app import cli_updates, enrolling
from services.hub.app.enrolling import CONSOLE
from services.hub.app.run import run, store_of
from services.hub.app.updates import updates_of
from services.hub.app.ways import utc_now
from services.hub.config.load import load_settings
from services.hub.config.settings import HubSettings
from services.hub.fleet.enrolment import invite
from services.hub.fleet.homes import is_id
from services.hub.fleet.labels import check_labels
from services.hub.store.hub import HubStore

Told = argparse.Namespace

_T = TypeVar("_T")


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 failed, 2 wrong usage, 78 (EX_CONFIG) a configuration that is not valid."""
    told = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it logs every client's failed TLS handshake
    try:
        return int(told.handler(told))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    except GatewayError as error:
        print(f"hearthgate-hub: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hearthgate-hub", description="The other end of many homes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "run", _run, "take in what gateways send, until SIGTERM")
    _command(commands, "check-config", _check, "tell what is wrong in the configuration file")
    enrol = _command(commands, "enrol", _enrol, "let a gateway in; prints its token, once")
    enrol.add_argument("gateway", type=_gateway, help="its id, as in its own settings")
    enrol.add_argument("--passwords", type=Path, help="also into this password_file of Mosquitto")
    invite = _command(commands, "invite", _invite, "expect a gateway; prints its one-time enrolment token")
    invite.add_argument("gateway", type=_gateway, help="the id that it will have")
    invite.add_argument("--label", action="append", default=[], metavar="KEY=VALUE", help="as often as wanted")
    _command(commands, "revoke", _revoke, "show a gateway out").add_argument("gateway", type=_gateway)
    acl = _command(commands, "acl", _acl, "write Mosquitto's acl_file for all gateways that are enrolled")
    acl.add_argument("--out", type=Path, required=True)
    acl.add_argument("--hub-user", type=_gateway, default="hub", help="the workers' user name at the broker")
    cli_updates.add_commands(commands, _update)
    bench = commands.add_parser("bench", help="measure on this machine")
    bench.add_argument("name", choices=["ingest"])
    bench.add_argument("--json", action="store_true")
    bench.set_defaults(handler=_bench)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    handler: Callable[[Told], int],
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text)
    parser.add_argument("--config", type=Path, default=Path("/etc/hearthgate-hub/hub.yaml"))
    parser.set_defaults(handler=handler)
    return parser


def _gateway(text: str) -> str:
    if not is_id(text):
        raise argparse.ArgumentTypeError("lower case letters, digits, '_' and '-', at most 48 of them")
    return text


def _run(told: Told) -> int:
    asyncio.run(run(load_settings(told.config), logging.getLogger("hearthgate.hub").info))
    return 0


def _check(told: Told) -> int:
    load_settings(told.config)
    print(f"{told.config}: all well")
    return 0


def _enrol(told: Told) -> int:
    token = _with_store(told, lambda store: enrolling.enrol(store, told.gateway, utc_now()))
    if told.passwords is not None:
        enrolling.set_password(told.passwords, told.gateway, token)
    print(f"{told.gateway}:{token}")
    return 0


def _invite(told: Told) -> int:
    labels = check_labels(dict(pair.partition("=")[::2] for pair in told.label))
    print(_with_store(told, lambda store: invite(store.database, told.gateway, labels, by=CONSOLE, at=utc_now())))
    return 0


def _revoke(told: Told) -> int:
    _with_store(told, lambda store: enrolling.revoke(store, told.gateway, utc_now()))
    return 0


def _acl(told: Told) -> int:
    async def write(store: HubStore) -> int:
        if await store.home(told.hub_user) is not None:
            raise Refused("hub_user_is_a_gateway", user=told.hub_user)
        return await enrolling.write_access_list(store, told.out, hub=told.hub_user)

    print(f"{told.out}: {_with_store(told, write)} gateways; reload with: systemctl reload mosquitto")
    return 0


def _update(told: Told, work: cli_updates.Work) -> int:
    settings = load_settings(told.config)
    print(_with_store(told, lambda store: work(updates_of(settings, store), told)))
    return 0


def _bench(told: Told) -> int:
    from services.hub.app.bench.command import bench  # needs more than a running hub does

    return bench(as_json=told.json)


def _with_store(told: Told, work: Callable[[HubStore], Awaitable[_T]]) -> _T:
    settings: HubSettings = load_settings(told.config)

    async def within() -> _T:
        async with store_of(settings) as store:
            return await work(store)

    return asyncio.run(within())


if __name__ == "__main__":
    sys.exit(main())
