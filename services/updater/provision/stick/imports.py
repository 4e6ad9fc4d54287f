"""All that may lie there, in turn; one bad file keeps none of the others out."""

import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.errors import GatewayError
from services.updater.provision import disk
from services.updater.provision.machine import Machine
from services.updater.provision.places import Owners, Places
from services.updater.provision.stick import keys, network, settings

if TYPE_CHECKING:
    from gateway.wire.update import Imported

log = logging.getLogger(__name__)

_MOST = 64


def take_in(places: Places, owners: Owners, machine: Machine) -> list["Imported"]:
    """What became of each file found; those taken in are erased."""
    return [_tried(places, file, take) for file, take in _found(places, owners, machine)][:_MOST]


def record(places: Places, found: list["Imported"]) -> None:
    """Leave word of it for the updater. Where nothing was found this time, what was taken in before stays on record.

    Raises `OSError`."""
    told = [done.model_dump(mode="json", exclude_none=True) for done in found]
    kept = told or [done for done in _recorded(places) if "key" not in done]
    disk.folder(places.imported.parent, mode=places.imported.parent.stat().st_mode & 0o777)
    disk.put(places.imported, json.dumps(kept).encode())


def _found(places: Places, owners: Owners, machine: Machine) -> Iterator[tuple[Path, Callable[[], None]]]:
    stick = places.stick
    for file in sorted((stick / network.FOLDER).glob(f"[!.]*{network.ENDING}")):
        yield file, partial(network.take_in, places, file)
    if (stick / keys.FILE).exists():
        yield stick / keys.FILE, partial(keys.take_in, places)
    if (stick / settings.FILE).exists():
        yield stick / settings.FILE, partial(settings.take_in, places, owners, machine)


def _tried(places: Places, file: Path, take: Callable[[], None]) -> "Imported":
    from gateway.wire.update import Imported  # not where there is nothing to take in, which is nearly always

    name = str(file.relative_to(places.stick))[:200]
    try:
        take()
        disk.erase(file)
    except GatewayError as error:
        told = ", ".join(str(fact) if key == "problems" else f"{key}: {fact}" for key, fact in error.facts.items())
        log.warning("%s was left alone: %s (%s)", name, error.key, told)
        return Imported(file=name, key=error.key, detail=told[:400] or None)
    except OSError as error:
        log.warning("%s was left alone: %s", name, error)
        return Imported(file=name, key="file_failed", detail=error.strerror)
    log.info("%s was taken in", name)
    return Imported(file=name)


def _recorded(places: Places) -> list[dict[str, object]]:
    try:
        known = json.loads(places.imported.read_bytes())
    except (OSError, ValueError):
        return []
    return [done for done in known if isinstance(done, dict)] if isinstance(known, list) else []
