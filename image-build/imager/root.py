"""The root of the image: the base, the overlays, the gateway and what starts it."""

import json
from datetime import UTC, datetime
from pathlib import Path

from imager import bytecode, kernel, models, mounts, wheels
from imager.base import base, key
from imager.extra import add_extra
from imager.initramfs import add_initramfs
from imager.recipe import CHECKOUT, HERE, Board, Recipe
from imager.shell import BuildError, run, step
from imager.tree import age, copy_file, copy_tree, write

_UNITS = "usr/lib/systemd/system"
_NOT_HERE = "hearthgate-hub"
"""The other end has no place on a gateway."""


def compose(recipe: Recipe, root: Path) -> None:
    """Fill the empty folder `root`."""
    with step("unpacking the base"):
        packed = base(recipe)
        run("tar", "-C", root, "--numeric-owner", "--xattrs", "--xattrs-include=*", "-xf", packed)
    if recipe.board is Board.RPI:
        kernel.add_module(recipe, root, key(recipe))
    add_initramfs(recipe, root, key(recipe))
    _lay_over(recipe, root)
    mounts.prepare(root, recipe.board)
    _identify(recipe, root)
    if not (root / f"usr/bin/python{bytecode.PYTHON}").exists():
        raise BuildError(f"the root has no Python {bytecode.PYTHON}")
    if recipe.extra:
        add_extra(recipe.extra, root)
    packages = wheels.install(recipe, root)
    (root / "usr/bin/hearthgate").symlink_to(f"/{wheels.VENV}/bin/hearthgate")  # for who comes by SSH
    models.bake(recipe.cache, packages)
    if not bytecode.same_python():
        with step("byte code"):
            bytecode.compile_there(root, f"/{wheels.SITE_PACKAGES}")
    run("systemd-sysusers", f"--root={root}")
    run("systemctl", f"--root={root}", "preset-all")
    for name in ("etc/.updated", "var/.updated"):
        (root / name).touch()  # as young as /usr: systemd finds nothing to renew at a start
    for leftover in ("etc/.pwd.lock", "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-"):
        (root / leftover).unlink(missing_ok=True)
    age(root, recipe.epoch)


def _lay_over(recipe: Recipe, root: Path) -> None:
    """Units as in a checkout, then what only the image has."""
    systemd = CHECKOUT / "systemd"
    for entry in sorted(systemd.iterdir()):
        if entry.name.startswith(_NOT_HERE) or entry.name in {"sysusers.d", "tmpfiles.d", "udev"}:
            continue
        (copy_tree if entry.is_dir() else copy_file)(entry, root / _UNITS / entry.name)
    for folder, place in (("sysusers.d", "sysusers.d"), ("tmpfiles.d", "tmpfiles.d"), ("udev", "udev/rules.d")):
        for file in sorted((systemd / folder).glob("*")):
            if not file.name.startswith(_NOT_HERE):
                copy_file(file, root / "usr/lib" / place / file.name)
    for overlay in ("overlay/common", f"overlay/{recipe.board}", *(["test/agent"] if recipe.test else [])):
        if (HERE / overlay).is_dir():
            copy_tree(HERE / overlay, root)
    copy_file(HERE / f"rauc/system-{recipe.board}.conf", root / "etc/rauc/system.conf")
    copy_file(recipe.authority, root / "etc/rauc/ca.pem")
    if recipe.board is Board.RPI:
        copy_file(HERE / "rauc/rpi-tryboot.sh", root / "usr/lib/hearthgate/rpi-tryboot.sh")
    for name in ("LICENSE", "NOTICE", "README.md"):
        copy_file(CHECKOUT / name, root / "opt/hearthgate" / name)
    copy_tree(CHECKOUT / "docs", root / "opt/hearthgate/docs")


def _identify(recipe: Recipe, root: Path) -> None:
    built = datetime.fromtimestamp(recipe.epoch, UTC).isoformat()
    about = {"board": recipe.board, "version": recipe.version, "built": built, "suite": recipe.suite.suite}
    write(root / "usr/lib/hearthgate/image.json", json.dumps(about, indent=1) + "\n")
    release = root / "usr/lib/os-release"
    own = f"IMAGE_ID=hearthgate-{recipe.board}\nIMAGE_VERSION={recipe.version}\n"
    write(release, release.read_text(encoding="utf-8") + own)
    for link, target in {
        "etc/resolv.conf": "../run/NetworkManager/resolv.conf",
        "etc/localtime": "hearthgate/localtime",  # chosen by a person; UTC while there is none
        "var/lib/dbus/machine-id": "/etc/machine-id",
    }.items():
        place = root / link
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(target)
    write(root / "etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n")
