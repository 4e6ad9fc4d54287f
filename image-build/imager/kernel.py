"""A Raspberry Pi's own kernel module, kernel/hearthgate-tryboot: compiled by the kernel's own compiler against the
headers of exactly the root's kernel, in a root of its own that is thrown away, and kept under a hash."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from imager.mirrors import sources
from imager.recipe import HERE, Recipe
from imager.shell import run, step
from imager.tree import copy_file

MODULE = "hearthgate_tryboot"
_FOLDER = HERE / "kernel/hearthgate-tryboot"
_SOURCES = ("Kbuild", f"{MODULE}.c", "copyright")
_PLACE = "/usr/src/hearthgate-tryboot"
"""Where it is compiled; the same everywhere, for it may be written into what comes out."""
_TOOLS = ("base-files", "binutils", "coreutils", "dash", "findutils", "grep", "make", "mawk", "sed")
"""Beside what the headers ask for."""


def add_module(recipe: Recipe, root: Path, base_key: str) -> None:
    """Into the modules of the root's kernel and their index, its source and licence beside the others'.

    Raises BuildError where it does not compile, or asks for a symbol that this kernel does not have."""
    kernel = release(root)
    modules = root / "usr/lib/modules" / kernel
    kept = recipe.cache / f"kernel-module-{recipe.board}-{_key(base_key)}.tar"
    if not kept.exists():
        with step(f"kernel module for {kernel}; minutes"):
            _compile(recipe, kernel, modules / "updates" / f"{MODULE}.ko")
            run("chroot", root, "depmod", kernel)
            indices = sorted(file.name for file in modules.glob("modules.*"))
            part = kept.with_suffix(".part")
            run("tar", "-C", modules, "--sort=name", "-cf", part, "updates", *indices)
            part.replace(kept)
    run("tar", "-C", modules, "--numeric-owner", "-xf", kept)
    for name in _SOURCES:
        copy_file(_FOLDER / name, root / "usr/share/doc/hearthgate-tryboot" / name)


def release(root: Path) -> str:
    """As uname calls the one kernel in `root`."""
    return next((root / "boot").glob("vmlinuz-*")).name.removeprefix("vmlinuz-")


def _key(base_key: str) -> str:
    digest = hashlib.sha256(base_key.encode() + Path(__file__).read_bytes())
    for name in _SOURCES:
        digest.update((_FOLDER / name).read_bytes())
    return digest.hexdigest()[:16]


def _compile(recipe: Recipe, kernel: str, module: Path) -> None:
    with tempfile.TemporaryDirectory(dir=recipe.cache) as folder:
        tools = Path(folder) / "root"
        _unpack_tools(recipe, kernel, tools)
        shutil.copytree(_FOLDER, tools / _PLACE[1:])
        headers = f"/usr/src/linux-headers-{kernel}"
        run("chroot", tools, "make", "-C", headers, f"M={_PLACE}", "modules")
        made = f"{_PLACE}/{MODULE}.ko"
        # What describes types is of use to tracers only, and has to match the kernel's own to the byte.
        run("chroot", tools, "strip", "--strip-debug", "--remove-section=.BTF*", made)
        copy_file(tools / made[1:], module)


def _unpack_tools(recipe: Recipe, kernel: str, tools: Path) -> None:
    """Headers and compiler, not set up: nothing of theirs has to run but the programs themselves."""
    suite = recipe.suite
    wanted = (f"linux-headers-{kernel}={suite.kernel_version}", f"linux-base/{suite.kernel_suite}", *_TOOLS)
    run(
        *("mmdebstrap", "--mode=root", f"--architectures={suite.architecture}", "--variant=extract"),
        *('--aptopt=APT::Install-Recommends "false"', f"--keyring={suite.keyring}"),
        f"--include={','.join(wanted)}",
        suite.suite,
        tools,
        *sources(suite),
    )
    (tools / "usr/bin/awk").symlink_to("mawk")
