"""`python -m services.updater run`."""

import asyncio
import contextlib
import logging
import os
import pwd
import signal
from dataclasses import dataclass
from pathlib import Path

from gateway.wire.systemd import feed_watchdog, notify
from gateway.wire.update import INBOX, SOCKET
from services.updater import paths
from services.updater.answers import Desk
from services.updater.clock import SystemClock
from services.updater.engine import Engine
from services.updater.gate import DEADLINE_S, STABLE_S, Gate
from services.updater.handed_over import handed_over
from services.updater.host import PAGE, SystemdHost
from services.updater.keeping import Keeper
from services.updater.parts import Parts
from services.updater.place import here
from services.updater.rauc import Rauc
from services.updater.server import Server, bound
from services.updater.sources.intake import BundleIntake
from services.updater.sources.sticks import Sticks
from services.updater.watch import Watch

DAEMON = "hearthgate"
FETCHER = "hearthgate-fetch"
_log = logging.getLogger("hearthgate.updater")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`page` is what has to answer before a boot is good, `stable_s` for how long all must be well, `deadline_s` how
    long after its start a trial is given up; `root` is where the machine's files are, for tests."""

    page: str = PAGE
    stable_s: float = STABLE_S
    deadline_s: float = DEADLINE_S
    root: Path = Path("/")


async def run(options: Options) -> None:
    """Until SIGTERM or SIGINT: nothing needs to be ended well, everything can be cut off."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with (
        contextlib.closing(_intake(options.root)) as intake,
        contextlib.closing(Keeper(_at(options.root, paths.STATE))) as keeper,
    ):
        await serve(_parts(options, intake, keeper), options.root, stop)


async def serve(parts: Parts, root: Path, stop: asyncio.Event) -> None:
    """Until `stop`."""
    engine = Engine(parts)
    await engine.start()
    desk = Desk(parts, engine, wish=_at(root, paths.FACTORY_RESET), imported=_at(root, paths.IMPORTED))
    listening = handed_over() or bound(_at(root, Path(SOCKET)))
    async with asyncio.TaskGroup() as tasks, Server(desk, _allowed()).listening(listening):
        running = [tasks.create_task(engine.run(), name="engine"), tasks.create_task(feed_watchdog(), name="watchdog")]
        if parts.place.slot is not None:
            running.append(tasks.create_task(Watch(parts, engine).run(), name="watch"))
        notify("READY=1")
        _log.info("%s %s, slot %s", parts.place.board, parts.place.version, parts.place.slot)
        await stop.wait()
        notify("STOPPING=1")
        for task in running:
            task.cancel()


def _parts(options: Options, intake: BundleIntake, keeper: Keeper) -> Parts:
    root = options.root
    return Parts(
        place=here(_at(root, paths.IMAGE), _at(root, paths.COMMAND_LINE), _at(root, paths.BOOT_ID)),
        keeper=keeper,
        installer=Rauc(),
        host=SystemdHost(options.page),
        intake=intake,
        clock=SystemClock(),
        gate=Gate(stable_needed_s=options.stable_s, deadline_s=options.deadline_s),
        warn=lambda line: _log.warning("%s", line),
    )


def _intake(root: Path) -> BundleIntake:
    sticks = Sticks(_at(root, paths.FAT), _at(root, paths.STICKS))
    fetcher = _user(FETCHER) if os.geteuid() == 0 else None
    rights = None if fetcher is None else (fetcher.pw_uid, fetcher.pw_gid)
    return BundleIntake(_at(root, paths.BUNDLES), _at(root, Path(INBOX)), sticks, rights)


def _at(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def _allowed() -> set[int]:
    """Root, the daemon, and whoever runs this."""
    daemon = _user(DAEMON)
    return {0, os.geteuid()} if daemon is None else {0, os.geteuid(), daemon.pw_uid}


def _user(name: str) -> pwd.struct_passwd | None:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name)
    return None
