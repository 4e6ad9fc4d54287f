"""Lays out the package and has dpkg-deb wrap it up (deb-control(5), dpkg-deb(1))."""

import shutil
import tempfile
from pathlib import Path

from imager import bytecode, models, wheels
from imager.recipe import CHECKOUT, Recipe
from imager.shell import run, step
from imager.tree import age, copy_file, copy_tree

HERE = Path(__file__).resolve().parent
_SCRIPTS = ("postinst", "prerm", "postrm")
_UNITS = ("hearthgate.service", "hearthgate.socket")


def build(recipe: Recipe) -> Path:
    """The package in `recipe.out`. Raises BuildError."""
    recipe.out.mkdir(parents=True, exist_ok=True)
    architecture = recipe.suite.architecture
    made = recipe.out / f"hearthgate_{recipe.version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(dir=recipe.out, prefix=".work-") as folder:
        tree = Path(folder) / "tree"
        tree.mkdir(mode=0o755)
        _lay_out(recipe, tree)
        _describe(recipe, tree, architecture)
        age(tree, recipe.epoch)
        with step(f"packing {made.name}"):
            part = Path(folder) / made.name
            env = {"SOURCE_DATE_EPOCH": str(recipe.epoch)}
            run("dpkg-deb", "--root-owner-group", "-Zzstd", "-z6", "--build", tree, part, env=env)
        part.replace(made)
    return made


def _lay_out(recipe: Recipe, tree: Path) -> None:
    packages = wheels.install(recipe, tree)
    models.bake(recipe.cache, packages)
    systemd = CHECKOUT / "systemd"
    for unit in _UNITS:
        copy_file(systemd / unit, tree / "usr/lib/systemd/system" / unit)
    for folder in ("sysusers.d", "tmpfiles.d"):
        copy_file(systemd / folder / "hearthgate.conf", tree / "usr/lib" / folder / "hearthgate.conf")
    for rules in (systemd / "udev").glob("*-hearthgate-edgetpu.rules"):
        copy_file(rules, tree / "usr/lib/udev/rules.d" / rules.name)
    copy_file(HERE / "gateway.yaml", tree / "etc/hearthgate/gateway.yaml")
    for folder in ("docs", "config"):
        copy_tree(CHECKOUT / folder, tree / "opt/hearthgate" / folder)
    for name in ("LICENSE", "NOTICE"):
        copy_file(CHECKOUT / name, tree / "usr/share/doc/hearthgate" / name)
    copy_file(CHECKOUT / "README.md", tree / "opt/hearthgate/README.md")
    (tree / "usr/bin").mkdir()
    (tree / "usr/bin/hearthgate").symlink_to("/opt/hearthgate/.venv/bin/hearthgate")


def _describe(recipe: Recipe, tree: Path, architecture: str) -> None:
    major, minor = bytecode.PYTHON.split(".")
    facts = {
        "VERSION": recipe.version,
        "ARCHITECTURE": architecture,
        "SIZE": str(sum(path.lstat().st_size for path in tree.rglob("*")) // 1024),
        "PYTHON": bytecode.PYTHON,
        "NEXT_PYTHON": f"{major}.{int(minor) + 1}~",
    }
    text = (HERE / "control.in").read_text(encoding="utf-8")
    for name, value in facts.items():
        text = text.replace(f"@{name}@", value)
    control = tree / "DEBIAN"
    control.mkdir(mode=0o755)
    (control / "control").write_text(text, encoding="utf-8")
    (control / "conffiles").write_text("/etc/hearthgate/gateway.yaml\n", encoding="utf-8")
    for name in _SCRIPTS:
        shutil.copyfile(HERE / name, control / name)
        (control / name).chmod(0o755)
