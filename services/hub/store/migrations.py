"""The schema's steps: `schema/<dialect>/NNNN_name.sql`, with the same numbers in both dialects; never changed later.

In PostgreSQL a new table has no grants: each step gives `hearthgate_worker` what it needs, and enables row-level
security with a policy for every role on whatever has rows of homes. `python -m tests.services.hub.store.dump` keeps
what the new version looks like for the tests of those after it.
"""

import re
from importlib.resources import files

from gateway.errors import Refused
from services.hub.store.database import Dialect

_NUMBERED = re.compile(r"(\d{4})_\w+\.sql")


def scripts(dialect: Dialect) -> dict[int, str]:
    """By number, ascending."""
    found = {}
    for entry in files("services.hub.store").joinpath("schema", dialect).iterdir():
        if match := _NUMBERED.fullmatch(entry.name):
            found[int(match.group(1))] = entry.read_text(encoding="utf-8")
    return dict(sorted(found.items()))


def missing(dialect: Dialect, version: int) -> dict[int, str]:
    """The steps from `version` to the newest. Raises `Refused` ("store_schema_newer") for a later one."""
    steps = scripts(dialect)
    if version > max(steps):
        raise Refused("store_schema_newer", found=version, known=max(steps))
    return {number: script for number, script in steps.items() if number > version}
