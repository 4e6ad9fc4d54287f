"""`hearthgate accounts`: the same as on the page, for who is on the machine as root or as its user."""

import argparse
import asyncio

from gateway.app.places import known_settings
from gateway.app.terminal import say
from gateway.flow.clock import SystemClock
from gateway.updates.accounts import BrokerAccounts
from gateway.wire.accounts import FOLDER


def list_accounts(arguments: argparse.Namespace) -> int:
    for name in asyncio.run(_accounts(arguments).names()):
        print(name)
    return 0


def add_account(arguments: argparse.Namespace) -> int:
    """The password alone goes to standard output. Raises as `BrokerAccounts.add`."""
    made = asyncio.run(_accounts(arguments).add(arguments.name))
    say(f"{made.name} may speak to the broker with this password, which is not shown again:")
    print(made.password)
    return 0


def remove_account(arguments: argparse.Namespace) -> int:
    """Raises as `BrokerAccounts.remove`."""
    asyncio.run(_accounts(arguments).remove(arguments.name))
    say(f"{arguments.name} has no account any more")
    return 0


def _accounts(arguments: argparse.Namespace) -> BrokerAccounts:
    settings, _ = known_settings(arguments.config)
    return BrokerAccounts(settings.gateway.data_dir / FOLDER, SystemClock())
