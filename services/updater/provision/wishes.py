"""An account at the broker that a person wished for on the page: the daemon lays the wish, and nothing of what else it
might lay there is believed."""

import logging

from pydantic import ValidationError

from gateway.errors import GatewayError, Invalid
from gateway.wire.accounts import FOLDER, MOST_BYTES, WISH, Wish
from services.updater.provision import accounts, disk
from services.updater.provision.machine import Machine
from services.updater.provision.places import Owners, Places

log = logging.getLogger(__name__)


def grant(places: Places, owners: Owners, machine: Machine) -> bool:
    """Whether something has changed for the broker. The answer is laid down before the wish is taken away, so that a
    power cut in between grants it again, which changes nothing. Raises `OSError`."""
    file = places.data_of_gateway / FOLDER / WISH
    try:
        wish = _read(places)
    except FileNotFoundError:
        return False
    except (GatewayError, ValidationError) as error:
        log.warning("a wish that is none was taken away: %s", type(error).__name__)
        disk.drop(file)
        return False
    key = _granted(places, owners, machine, wish)
    accounts.tell(places, owners, last=wish.id, key=key)
    disk.drop(file)
    log.info("%s: %s", wish.name, key or ("has an account" if wish.digest else "has none any more"))
    return key is None


def _read(places: Places) -> Wish:
    return Wish.model_validate_json(disk.read(places.data_of_gateway / FOLDER / WISH, MOST_BYTES))


def _granted(places: Places, owners: Owners, machine: Machine, wish: Wish) -> str | None:
    """The key of why not."""
    try:
        if wish.name == accounts.OWN:
            raise Invalid("account_name")
        accounts.change(places, wish.name, wish.digest)
        accounts.settle(places, owners, machine)
    except GatewayError as error:
        return error.key
    except OSError as error:
        log.error("%s: %s", wish.name, error)
        return "memory_unwritable"
    return None
