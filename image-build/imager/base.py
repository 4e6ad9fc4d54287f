"""The base root: Debian's packages, and nothing of ours. Made by mmdebstrap, kept under a hash of all that
goes into it."""

import hashlib
import os
from pathlib import Path

from imager.mirrors import sources
from imager.recipe import HERE, Recipe, listed
from imager.shell import run, step

_HOOKS = ("essential-users.sh", "customize-blank.sh")


def base(recipe: Recipe) -> Path:
    """The base root as a tar, from the cache if it is there."""
    kept = recipe.cache / f"base-{recipe.board}-{key(recipe)}.tar"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with step(f"base root for {recipe.board} ({recipe.suite.suite}, {recipe.suite.architecture}); minutes"):
            _bootstrap(recipe, kept)
    kept.touch()
    return kept


def key(recipe: Recipe) -> str:
    """Of all that decides what is in the base, but for what Debian itself changes: see `edition` in suite.toml."""
    digest = hashlib.sha256(repr((recipe.suite, packages(recipe))).encode())
    for file in (HERE / "users.list", HERE / "left-out.list", *(HERE / "hooks" / name for name in _HOOKS)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def packages(recipe: Recipe) -> tuple[str, ...]:
    """For mmdebstrap's --include: the kernel as it is pinned, and what the lists name."""
    suite = recipe.suite
    kernel = [suite.kernel + (f"={suite.kernel_version}" if suite.kernel_version else "")]
    if suite.kernel_suite:
        kernel.append(f"linux-base/{suite.kernel_suite}")  # its kernels ask for their own
    names = (*listed(HERE / "packages" / "common.list"), *listed(HERE / "packages" / f"{recipe.board}.list"))
    return (*kernel, *sorted(names))


def _bootstrap(recipe: Recipe, kept: Path) -> None:
    part = kept.with_suffix(f".{os.getpid()}.tar")
    excludes = [f"--dpkgopt=path-exclude={path}" for path in listed(HERE / "left-out.list")]
    hooks = [f"--{name.split('-')[0]}-hook={HERE / 'hooks' / name}" for name in _HOOKS]
    try:
        run(
            "mmdebstrap",
            "--mode=root",
            f"--architectures={recipe.suite.architecture}",
            "--variant=essential",
            '--aptopt=APT::Install-Recommends "false"',
            f"--keyring={recipe.suite.keyring}",
            *excludes,
            "--dpkgopt=path-include=/usr/share/doc/*/copyright",
            f"--include={','.join(packages(recipe))}",
            *hooks,
            recipe.suite.suite,
            part,
            *sources(recipe.suite),
            env={
                "SOURCE_DATE_EPOCH": str(recipe.suite.epoch),
                "INITRD": "No",  # imager.initramfs makes it, once
                "USERS": str(HERE / "users.list"),
            },
        )
        part.replace(kept)
    finally:
        part.unlink(missing_ok=True)
