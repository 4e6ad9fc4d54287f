"""Opening the vendor's library. Only ever in the accelerator's own process: it can abort, hang or corrupt memory.

Entry points: edgetpu_c.h and the external delegate interface of TensorFlow Lite; which exception means what was
measured with ai-edge-litert 2.3.0.
"""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gateway.errors import Refused
from gateway.models.runtime import interpreter_class


class _Device(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int), ("path", ctypes.c_char_p))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """`delegate` is what interpreters are made with; it must outlive them. None runs models on the processor."""

    version: str
    devices: tuple[str, ...]
    delegate: Any


def open_library(path: str, options: Mapping[str, str]) -> Opened:
    """Raises `Refused`: "tpu_library_missing", "tpu_library_wrong", "tpu_no_device", "tpu_option" and
    "runtime_missing"."""
    if not path:
        return Opened(version="", devices=(), delegate=None)
    version, devices = ask_library(path)
    if not devices:
        raise Refused("tpu_no_device", cause="the library finds none")
    return Opened(version=version, devices=devices, delegate=make_delegate(path, options))


def ask_library(path: str) -> tuple[str, tuple[str, ...]]:
    """Its version and the devices it sees; none is opened. Raises `Refused`: "tpu_library_missing",
    "tpu_library_wrong"."""
    try:
        library = ctypes.CDLL(path)
    except OSError as error:  # the text may also speak of a library that this one needs
        missing = str(error).startswith(f"{path}: ") and "No such file" in str(error)
        raise Refused("tpu_library_missing" if missing else "tpu_library_wrong", cause=str(error)[:300]) from None
    try:
        named, listed, free = library.edgetpu_version, library.edgetpu_list_devices, library.edgetpu_free_devices
        library.tflite_plugin_create_delegate  # noqa: B018  # looked up, not called
    except AttributeError as error:
        raise Refused("tpu_library_wrong", cause=str(error)[:300]) from None
    named.restype = ctypes.c_char_p
    listed.restype = ctypes.POINTER(_Device)
    free.argtypes = (ctypes.POINTER(_Device),)
    count = ctypes.c_size_t(0)
    found = listed(ctypes.byref(count))
    devices = tuple((found[index].path or b"").decode(errors="replace") for index in range(count.value if found else 0))
    if found:
        free(found)
    return (named() or b"").decode(errors="replace"), devices


def make_delegate(path: str, options: Mapping[str, str]) -> Any:
    """Opens the device. Raises `Refused`: "tpu_no_device", "tpu_option", "tpu_library_wrong", "runtime_missing"."""
    runtime = import_module(interpreter_class().__module__)
    try:
        return runtime.load_delegate(path, dict(options))
    except ValueError as error:
        said = str(error).partition("\n")[2].strip()
        if said:
            raise Refused("tpu_option", cause=said[:300]) from None
        raise Refused("tpu_no_device", cause="found, but it cannot be opened") from None
    except (OSError, AttributeError, RuntimeError) as error:
        raise Refused("tpu_library_wrong", cause=str(error)[:300]) from None
