"""`python -m services.updater.provision COMMAND`, as root, on the machine itself."""

import argparse
import grp
import logging
import pwd
import subprocess
import sys
from getpass import getpass
from pathlib import Path

from gateway.errors import GatewayError
from services.updater.provision import accounts, boot, claim, identity, reset
from services.updater.provision.machine import RealMachine
from services.updater.provision.places import Owners, Places

log = logging.getLogger("hearthgate-firstboot")


def main(argv: list[str] | None = None) -> int:
    arguments = _arguments(argv)
    logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stderr)
    places = Places()
    if arguments.command == "reset":
        return _reset(places)
    owners = _owners()
    machine = RealMachine(owners)
    match arguments.command:
        case "boot":
            boot.start(places, owners, machine)
        case "note":
            boot.tell(places)
        case "renew":
            _renew(places, owners, machine)
        case "wish":
            _wish(places, owners, machine)
        case "account":
            return _account(places, owners, machine, arguments.name)
        case _:
            sys.stdout.write(claim.screen(places, identity.name(places), machine.addresses()))
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m services.updater.provision", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("boot", help="keys, accounts, certificate, and what lies on the FAT partition")
    commands.add_parser("reset", help="forget everything, if somebody asked for it")
    commands.add_parser("renew", help="a new certificate where names, addresses or the time ask for one")
    commands.add_parser("note", help="the claim code on the FAT partition, until there is an owner")
    commands.add_parser("console", help="name, addresses and claim code, for the screen")
    commands.add_parser("wish", help="the account at the broker that was wished for on the page")
    account = commands.add_parser("account", help="let a device speak to the broker; the password is asked for")
    account.add_argument("name")
    return parser.parse_args(argv)


def _reset(places: Places) -> int:
    """A wish that cannot be fulfilled now is fulfilled at the next start; the machine comes up all the same."""
    try:
        if reset.is_wanted(places):
            gone = reset.wipe(places)
            log.info("factory reset: %d files are gone", gone)
    except OSError as error:
        log.error("factory reset failed, again at the next start: %s", error)
    return 0


def _renew(places: Places, owners: Owners, machine: RealMachine) -> None:
    """The broker has a copy of its own, and is told; the gateway sees it for itself."""
    if boot.renew(places, owners, machine):
        accounts.settle(places, owners, machine)
        _reload_broker()


def _wish(places: Places, owners: Owners, machine: RealMachine) -> None:
    from services.updater.provision import wishes  # every start would wait for what it loads

    if wishes.grant(places, owners, machine):
        _reload_broker()


def _account(places: Places, owners: Owners, machine: RealMachine, name: str) -> int:
    try:
        accounts.admit(places, machine, {name: getpass(f"Password of {name}: ")})
        accounts.settle(places, owners, machine)
    except GatewayError as error:
        log.error("%s", error)
        return 1
    _reload_broker()
    return 0


def _reload_broker() -> None:
    subprocess.run(["/usr/bin/systemctl", "--no-block", "reload", "mosquitto.service"], check=False)


def _owners() -> Owners:
    """A broker that is not installed has no group; root's then."""
    gateway = pwd.getpwnam("hearthgate")
    try:
        broker = grp.getgrnam("mosquitto").gr_gid
    except KeyError:
        broker = Path("/").stat().st_gid
    return Owners(gateway=gateway.pw_uid, gateway_group=gateway.pw_gid, broker_group=broker)


if __name__ == "__main__":
    sys.exit(main())
