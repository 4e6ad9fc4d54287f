"""The one initramfs: made by Debian's own tools inside the root, kept under a hash of all that goes into it."""

import hashlib
import shutil
from pathlib import Path

from imager.recipe import HERE, Recipe
from imager.shell import run, step

_FOLDER = HERE / "initramfs"


def add_initramfs(recipe: Recipe, root: Path, base_key: str) -> None:
    """Into /boot, with the links that the boot loader follows: kernels installed under INITRD=No get neither.

    Raises BuildError where this kernel lacks a module that is named."""
    kernel = next((root / "boot").glob("vmlinuz-*")).name
    made = root / "boot" / kernel.replace("vmlinuz", "initrd.img")
    kept = recipe.cache / f"initramfs-{recipe.board}-{_key(recipe, base_key)}"
    if not kept.exists():
        with step("initramfs"):
            script = _FOLDER / "make.sh"
            epoch = {"SOURCE_DATE_EPOCH": str(recipe.suite.epoch)}
            run("unshare", "--mount", script, root, _FOLDER, recipe.suite.modules, env=epoch)
            shutil.copyfile(made, kept.with_suffix(".part"))
            kept.with_suffix(".part").replace(kept)
    shutil.copyfile(kept, made)
    made.chmod(0o644)
    for link, target in (("vmlinuz", kernel), ("initrd.img", made.name)):
        (root / f"{link}.old").unlink(missing_ok=True)
        (root / link).unlink(missing_ok=True)
        (root / link).symlink_to(f"boot/{target}")


def modules_file(recipe: Recipe) -> Path:
    return _FOLDER / recipe.suite.modules


def _key(recipe: Recipe, base_key: str) -> str:
    digest = hashlib.sha256(base_key.encode())
    for name in ("make.sh", "conf.d/hearthgate.conf", "scripts/hearthgate", recipe.suite.modules):
        digest.update((_FOLDER / name).read_bytes())
    return digest.hexdigest()[:16]
