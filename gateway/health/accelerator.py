"""Is there an Edge TPU, and what keeps it from being used?"""

import os
import re
from pathlib import Path

from gateway.health.child import Ended, try_module
from gateway.health.finding import Finding, fail, ok, warn
from gateway.health.tpus import WAITING, Stick, cards, holder, sticks

WORRY = "accelerator"

# Never in this process: the vendor library can abort it. Named, not imported: parts of one layer do not see each other.
_EXAMINE = "gateway.models.tpu.examine"

_OLD_HINT = "use a libedgetpu built against TensorFlow 2.17 or later; models run on the CPU meanwhile"
_DRIVER_PAGE = 4096
_USB3_MBITS = 5000

Steps = dict[str, str]
"""What the examination said, by its first words, in order."""


async def check_accelerator(
    root: Path = Path("/"),
    library: str = "libedgetpu.so.1",
    *,
    wanted: bool = True,
    page_bytes: int | None = None,
) -> list[Finding]:
    """`root` is where `sys` and `dev` are; `page_bytes` the kernel's page size, asked for where it is left out.

    The device is opened for a moment, unless somebody holds it already."""
    if not wanted:
        return [ok(WORRY, "switched off by 'models: accelerator: off'", "accelerator_off")]
    present = sticks(root)
    holders = [pid for stick in present if (pid := holder(stick)) is not None]
    ended = await try_module(_EXAMINE, library, "list" if holders else "open")
    pages = os.sysconf("SC_PAGE_SIZE") if page_bytes is None else page_bytes
    driver = _driver(*cards(root), pages)
    found = _judge(ended, present, holders, library)
    if found.key == "accelerator_none" and driver:
        return driver
    used = found.key in ("ok", "accelerator_in_use")
    return [found, *(_slow(sticks(root)) if used else ()), *driver]


def _judge(ended: Ended, present: list[Stick], holders: list[int], library: str) -> Finding:
    steps = _steps(ended.output)
    if ended.signal is not None:
        return _died(ended.signal, steps, library)
    if "wrong" in steps:
        return fail(WORRY, "accelerator_library_wrong", f"{library} is not the Edge TPU library: {steps['wrong']}")
    if "missing" in steps:
        return _without_library(present, library)
    if "version" not in steps:
        return fail(WORRY, "accelerator_unexamined", f"{library} could not be looked at")
    if _too_old(steps["version"]) or "unsound" in steps:
        message = f"{library} was built for an old runtime and corrupts the memory of this one: {steps['version']}"
        return fail(WORRY, "accelerator_library_old", message, _OLD_HINT)
    return _with_library(present, holders, steps)


def _died(signal: str, steps: Steps, library: str) -> Finding:
    if signal == "timeout":
        hint = "pull the Edge TPU out and plug it in again"
        return fail(WORRY, "accelerator_hangs", f"{library} does not answer", hint)
    if "opened" in steps:
        message = f"{library} was ended by {signal} when it was given a model: it was built for an old runtime"
        return fail(WORRY, "accelerator_library_old", message, _OLD_HINT)
    return fail(WORRY, "accelerator_crashed", f"{library} was ended by {signal}", _OLD_HINT)


def _without_library(present: list[Stick], library: str) -> Finding:
    if not present:
        return ok(WORRY, "none; models run on the CPU", "accelerator_none")
    return warn(
        WORRY,
        "accelerator_library_missing",
        f"an Edge TPU is plugged in, but {library} is not installed",
        "install libedgetpu1-std built against TensorFlow 2.17 or later",
    )


def _with_library(present: list[Stick], holders: list[int], steps: Steps) -> Finding:
    listed = int(steps.get("devices", "0"))
    denied = [stick for stick in present if stick.node.exists() and not os.access(stick.node, os.R_OK | os.W_OK)]
    if denied:
        hint = "add the user to the group plugdev, and give it both 1a6e:089a and 18d1:9302 in a udev rule"
        return fail(WORRY, "accelerator_permission", f"no permission to open {denied[0].node}", hint)
    if holders:
        return ok(WORRY, f"in use by process {holders[0]}, {steps['version']}", "accelerator_in_use")
    if not present and not listed:
        return ok(WORRY, "the library is installed, no Edge TPU is plugged in", "accelerator_none")
    if "opened" in steps:
        return ok(WORRY, f"{listed} Edge TPU, {steps['version']}")
    return _unusable(present, listed)


def _unusable(present: list[Stick], listed: int) -> Finding:
    if any(stick.state == WAITING for stick in present):
        hint = "pull it out and plug it in again; allow both 1a6e:089a and 18d1:9302 (a virtual machine, a container)"
        return fail(WORRY, "accelerator_no_firmware", "the Edge TPU still waits for its firmware (1a6e:089a)", hint)
    if not listed:
        hint = "pull it out and plug it in again; use a USB 3 port that gives 900 mA"
        return fail(WORRY, "accelerator_unusable", "an Edge TPU is plugged in (ready) but silent", hint)
    hint = "another program may use it; end that, or pull the Edge TPU out and plug it in again"
    return fail(WORRY, "accelerator_unopened", "an Edge TPU is there, but it cannot be opened", hint)


def _slow(present: list[Stick]) -> list[Finding]:
    """Before it has its firmware it is slow on every port."""
    if not any(0 < stick.speed < _USB3_MBITS and stick.state != WAITING for stick in present):
        return []
    hint = "use a blue port: USB 2 makes inference several times slower"
    return [warn(WORRY, "accelerator_usb2", "the Edge TPU runs at USB 2 speed", hint)]


def _driver(found: int, driven: int, page_bytes: int) -> list[Finding]:
    if not found:
        return []
    if page_bytes != _DRIVER_PAGE:
        message = f"the kernel's pages are {page_bytes >> 10} KiB, the driver of an Edge TPU on PCIe needs 4 KiB"
        return [fail(WORRY, "accelerator_page_size", message, "Raspberry Pi 5: kernel=kernel8.img in config.txt")]
    if driven < found:
        message = "an Edge TPU on PCIe has no driver: there is no /dev/apex_0"
        return [fail(WORRY, "accelerator_no_driver", message, "install gasket-dkms, or use the USB stick")]
    return []


def _too_old(version: str) -> bool:
    """Google's own 16.0 says "BuildLabel(COMPILER=6.3.0 20170516,..."; no GCC before 8 can build TensorFlow 2.17."""
    compiler = re.search(r"COMPILER=(\d+)\.", version)
    return compiler is not None and int(compiler[1]) < 8


def _steps(output: str) -> Steps:
    return {word: text for word, _, text in (line.partition(" ") for line in output.splitlines())}
