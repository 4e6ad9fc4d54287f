"""Can models run at all?"""

from importlib.metadata import PackageNotFoundError, version

from gateway.health.child import try_out
from gateway.health.finding import Finding, fail, ok, warn

_IMPORT = "from {module}.interpreter import Interpreter"
_RUNTIMES = (("ai-edge-litert", "ai_edge_litert"), ("tflite-runtime", "tflite_runtime"))


async def check_runtime() -> list[Finding]:
    found = [(name, module, held) for name, module in _RUNTIMES if (held := _version(name)) is not None]
    findings = [await _usable(*found[0])] if found else [_missing()]
    if _version("pycoral") is not None:
        hint = "pip uninstall pycoral: on PyPI this name belongs to somebody else's package, not to Google's"
        findings.append(warn("runtime", "pycoral_unrelated", "an unrelated package named pycoral is installed", hint))
    return findings


async def _usable(name: str, module: str, held: str) -> Finding:
    numpy = _version("numpy") or "none"
    if name == "tflite-runtime" and not numpy.startswith("1."):
        message = f"tflite-runtime {held} needs NumPy 1, installed is {numpy}"
        return fail("runtime", "numpy_incompatible", message, "pip install ai-edge-litert")
    ended = await try_out(_IMPORT.format(module=module))
    if ended.code == 0:
        return ok("runtime", f"{name} {held} with NumPy {numpy}")
    how = f"ended by {ended.signal}" if ended.signal else "does not load"
    return fail("runtime", "runtime_broken", f"{name} {held} {how}", f"reinstall {name} for this processor and Python")


def _missing() -> Finding:
    return fail("runtime", "runtime_missing", "no TFLite runtime is installed", "pip install ai-edge-litert")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
