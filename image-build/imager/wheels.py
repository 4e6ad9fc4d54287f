"""Python's part of the image: the wheels of the lock and our own, installed natively for the device's processor."""

import hashlib
import shutil
import sys
import tempfile
from importlib.metadata import Distribution
from pathlib import Path

from imager.recipe import CHECKOUT, HERE, Recipe
from imager.shell import BuildError, run, step

PYTHON = "3.13"
"""The minor version of the suite; asserted against the root."""
MACHINES = ("aarch64", "x86_64")
VENV = "opt/hearthgate/.venv"
SITE_PACKAGES = f"{VENV}/lib/python{PYTHON}/site-packages"
_TAGS = ("manylinux_2_34", "manylinux_2_31", "manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")
"""Of PEP 600, up to what Debian 13's glibc 2.41 meets; pip takes none for granted when the platform is not its own."""

_SCRIPT = """\
#!/{venv}/bin/python3
import sys

from {module} import {function}

if __name__ == "__main__":
    sys.exit({function}())
"""


def target_options(machine: str) -> tuple[str, ...]:
    """For pip: the device's wheels, whatever machine and Python this is."""
    platforms = [f"--platform={tag}_{machine}" for tag in _TAGS]
    abis = [f"--abi={abi}" for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")]
    return ("--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}", *platforms, *abis)


def lock_of(recipe: Recipe) -> Path:
    return HERE / "wheels" / f"requirements.{recipe.machine}.lock"


def install(recipe: Recipe, root: Path) -> Path:
    """Compose /opt/hearthgate/.venv in the root, so that the units of a checkout fit the image too; return its
    site-packages."""
    if not (root / f"usr/bin/python{PYTHON}").exists():
        raise BuildError(f"the root has no Python {PYTHON}")
    packages = root / SITE_PACKAGES
    packages.mkdir(parents=True)
    with step("wheels"), tempfile.TemporaryDirectory() as folder:
        wheels = [*_locked(recipe), _own(Path(folder))]
        run(
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"),
            *("--ignore-requires-python", *target_options(recipe.machine), "--target", str(packages)),
            *wheels,
        )
    shutil.rmtree(packages / "bin", ignore_errors=True)  # start a Python of this machine
    for record in packages.glob("*.dist-info/direct_url.json"):
        record.unlink()  # names a folder of this build
    _compose(root, packages)
    return packages


def _locked(recipe: Recipe) -> list[Path]:
    """The wheels of the lock, each checked by its hash when it was downloaded; kept for the next build."""
    lock = lock_of(recipe)
    kept = recipe.cache / f"wheels-{recipe.machine}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if not kept.exists():
        part = kept.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        run(
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
            *(*target_options(recipe.machine), "--dest", str(part), "--requirement", str(lock)),
        )
        part.rename(kept)
    return sorted(kept.glob("*.whl"))


def _own(folder: Path) -> Path:
    """A wheel of what git knows of this checkout, made in a copy: a build folder left behind would leak old files."""
    source = folder / "source"
    for name in run("git", "-C", CHECKOUT, "ls-files", "-z").split("\0"):
        if name.split("/")[0] in {"gateway", "services", "pyproject.toml", "README.md", "LICENSE", "NOTICE"}:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            if (CHECKOUT / name).is_file():
                shutil.copyfile(CHECKOUT / name, source / name)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source)
    return next(folder.glob("hearthgate-*.whl"))


def _compose(root: Path, packages: Path) -> None:
    venv = root / VENV
    (venv / "pyvenv.cfg").write_text(f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {PYTHON}\n")
    (venv / "bin").mkdir()
    (venv / "bin/python3").symlink_to("/usr/bin/python3")
    (venv / "bin/python").symlink_to("python3")
    ours = next(packages.glob("hearthgate-*.dist-info"))
    for entry in Distribution.at(ours).entry_points:
        script = venv / "bin" / entry.name
        script.write_text(_SCRIPT.format(venv=VENV, module=entry.module, function=entry.attr))
        script.chmod(0o755)
