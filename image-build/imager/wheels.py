"""Python's part of the image: the wheels of the lock and our own, installed natively for the device's processor."""

import hashlib
import shutil
import sys
import tempfile
from importlib.metadata import Distribution
from pathlib import Path

from imager.bytecode import PYTHON, compile_here, same_python
from imager.recipe import CHECKOUT, HERE, Recipe, listed
from imager.shell import run, step

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
    site-packages. With byte code where this machine has the device's version of Python."""
    packages = root / SITE_PACKAGES
    packages.parent.mkdir(parents=True)
    with step("wheels"), tempfile.TemporaryDirectory() as folder:
        run("cp", "--archive", "--reflink=auto", _others(recipe), packages)
        _pip_install(recipe, packages, [_own(Path(folder))])
    if python := same_python():
        compile_here(python, packages, f"/{SITE_PACKAGES}", packages / "gateway", packages / "services")
    _compose(root, packages)
    return packages


def _others(recipe: Recipe) -> Path:
    """A folder with all that the lock names, installed; kept for the next build."""
    inputs = (lock_of(recipe), HERE / "wheels/left-out.list")
    python = same_python()
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in inputs) + bool(python).to_bytes()).hexdigest()
    kept = recipe.cache / f"site-packages-{recipe.machine}-{digest[:16]}"
    if not kept.exists():
        recipe.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=recipe.cache) as folder:
            part = Path(folder) / "site-packages"
            part.mkdir(mode=0o755)
            _pip_install(recipe, part, _locked(recipe))
            _leave_out(part)
            if python:
                compile_here(python, part, f"/{SITE_PACKAGES}")
            part.rename(kept)
    return kept


def _pip_install(recipe: Recipe, packages: Path, wheels: list[Path]) -> None:
    run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"),
        *("--ignore-requires-python", *target_options(recipe.machine), "--target", str(packages)),
        *wheels,
    )
    shutil.rmtree(packages / "bin", ignore_errors=True)  # start a Python of this machine
    for origin in packages.glob("*.dist-info/direct_url.json"):
        origin.unlink()  # names a folder of this build, and RECORD its hash
        record = origin.with_name("RECORD")
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        record.write_text("".join(line for line in lines if f"/{origin.name}," not in line), encoding="utf-8")


def _leave_out(packages: Path) -> None:
    """Not every processor's wheel has all of them."""
    for pattern in listed(HERE / "wheels/left-out.list"):
        for path in list(packages.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


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
