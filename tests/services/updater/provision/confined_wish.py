"""Grants a wish with no more than the unit leaves: `python -m ... FOLDER`."""

import sys
from pathlib import Path

from services.updater.provision import wishes
from services.updater.provision.places import Owners, Places
from tests.services.updater.confined_intake import NOBODY
from tests.services.updater.provision.home import FakeMachine

NOBODYS = Owners(gateway=NOBODY, gateway_group=NOBODY, broker_group=NOBODY)

if __name__ == "__main__":
    sys.exit(not wishes.grant(Places(root=Path(sys.argv[1])), NOBODYS, FakeMachine()))
