"""Is there an Edge TPU, and what keeps it from being used?

USB ids: 1a6e:089a before its firmware is loaded, 18d1:9302 after (https://coral.ai/docs/accelerator).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from gateway.health.child import try_out
from gateway.health.finding import Finding, fail, ok, warn

WORRY = "accelerator"

_IDS = {("1a6e", "089a"): "waiting for its firmware", ("18d1", "9302"): "ready"}

# Never in this process: the vendor library can abort it.
_PROBE = """
import ctypes, sys
try:
    library = ctypes.CDLL(sys.argv[1])
except OSError as error:
    print("missing", error); sys.exit(0)
try:
    name = library.edgetpu_version
    library.tflite_plugin_create_delegate
    devices, free = library.edgetpu_list_devices, library.edgetpu_free_devices
except AttributeError:
    print("foreign"); sys.exit(0)
name.restype = ctypes.c_char_p
devices.restype = ctypes.c_void_p
free.argtypes = [ctypes.c_void_p]
count = ctypes.c_size_t(0)
held = devices(ctypes.byref(count))
print("usable", count.value, name().decode())
if held: free(held)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stick:
    """A TPU on the bus: `node` is what has to be opened, `speed` in Mbit/s (0 for PCIe)."""

    node: Path
    state: str
    speed: int


def sticks(root: Path = Path("/")) -> list[Stick]:
    """TPUs on USB and PCIe; `root` is the root of the file system to look in."""
    found = []
    for device in sorted((root / "sys/bus/usb/devices").glob("*")):
        state = _IDS.get((_text(device / "idVendor"), _text(device / "idProduct")))
        if state is not None:
            bus, number = int(_text(device / "busnum") or 0), int(_text(device / "devnum") or 0)
            speed = int(float(_text(device / "speed") or 0))
            found.append(Stick(node=root / f"dev/bus/usb/{bus:03}/{number:03}", state=state, speed=speed))
    apexes = sorted((root / "dev").glob("apex_*"))
    return found + [Stick(node=apex, state="ready", speed=0) for apex in apexes]


async def check_accelerator(root: Path = Path("/"), library: str = "libedgetpu.so.1") -> list[Finding]:
    present = sticks(root)
    ended = await try_out(_PROBE, library)
    if ended.signal is not None:
        hint = "use a libedgetpu built against TensorFlow 2.17 or later; models run on the CPU meanwhile"
        return [fail(WORRY, "accelerator_crashed", f"{library} was ended by {ended.signal}", hint)]
    word, _, rest = ended.output.partition(" ")
    if word == "foreign":
        return [fail(WORRY, "accelerator_library_wrong", f"{library} is not the Edge TPU library")]
    if word != "usable":
        return [_without_library(present, library)]
    count, _, version = rest.partition(" ")
    return _with_library(present, int(count), version)


def _without_library(present: list[Stick], library: str) -> Finding:
    if not present:
        return ok(WORRY, "none; models run on the CPU", "accelerator_none")
    return warn(
        WORRY,
        "accelerator_library_missing",
        f"an Edge TPU is plugged in, but {library} is not installed",
        "install libedgetpu1-std built against TensorFlow 2.17 or later",
    )


def _with_library(present: list[Stick], usable: int, version: str) -> list[Finding]:
    denied = [stick for stick in present if stick.node.exists() and not os.access(stick.node, os.R_OK | os.W_OK)]
    if denied:
        message = f"no permission to open {denied[0].node}"
        return [fail(WORRY, "accelerator_permission", message, "add the user to the group plugdev")]
    if not present and not usable:
        return [ok(WORRY, "the library is installed, no Edge TPU is plugged in", "accelerator_none")]
    if not usable:
        hint = "pull it out and plug it in again; use a USB 3 port that gives 900 mA"
        return [fail(WORRY, "accelerator_unusable", f"an Edge TPU is plugged in ({present[0].state}) but silent", hint)]
    findings = [ok(WORRY, f"{usable} Edge TPU, {version}")]
    if any(0 < stick.speed < 5000 for stick in present):
        hint = "use a blue port: USB 2 makes inference several times slower"
        findings.append(warn(WORRY, "accelerator_usb2", "the Edge TPU runs at USB 2 speed", hint))
    return findings


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
