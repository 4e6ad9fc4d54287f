"""Writes wheels/requirements.<machine>.lock: every wheel of the image with its version and hash, as pip resolves
pyproject.toml for the device: `python -m imager.locks`, which `make image-locks` calls.

Has to run under the device's minor version of Python: pip resolves markers for the interpreter that it runs under.
"""

import json
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from imager.bytecode import PYTHON
from imager.recipe import CHECKOUT, HERE
from imager.shell import BuildError, run, say
from imager.wheels import MACHINES, target_options

_HEAD = """\
# What the image installs, for {machine} and Python {python}. Written by `make image-locks` from pyproject.toml.
"""


def write_locks() -> None:
    """Raises BuildError where a distribution has no wheel for a device."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" != PYTHON:
        raise BuildError(f"locks are made under Python {PYTHON}: make image-locks PYTHON_OF_THE_IMAGE=python{PYTHON}")
    wanted = requirements()
    for machine in MACHINES:
        say(f"resolving for {machine}")
        lines = [_line(entry) for entry in _resolved(wanted, machine)]
        lock = HERE / "wheels" / f"requirements.{machine}.lock"
        lock.write_text(_HEAD.format(machine=machine, python=PYTHON) + "".join(sorted(lines)), encoding="utf-8")
        say(f"{lock.relative_to(CHECKOUT)}: {len(lines)} wheels")


def requirements() -> list[str]:
    """What the gateway and the updater stand on."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"].get("updater", [])]


def _resolved(wanted: list[str], machine: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements"
        file.write_text("\n".join(wanted), encoding="utf-8")
        report = run(
            *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"),
            *target_options(machine),
            *("--target", folder, "--requirement", file),
        )
    found: list[dict[str, Any]] = json.loads(report)["install"]
    return found


def _line(entry: dict[str, Any]) -> str:
    metadata, archive = entry["metadata"], entry["download_info"]["archive_info"]
    return f"{metadata['name'].lower()}=={metadata['version']} --hash=sha256:{archive['hashes']['sha256']}\n"


if __name__ == "__main__":
    try:
        write_locks()
    except BuildError as error:
        sys.exit(f"the locks were not written: {error}")
