"""The kernel module of a Pi is compiled once for a base, and lies beside the kernel's own with source and licence."""

from dataclasses import replace
from pathlib import Path

import pytest

from imager import kernel
from imager.recipe import Board, Recipe
from imager.shell import run
from tests.unit.imager.test_recipe import recipe

RELEASE = "7.3.4+deb13-arm64"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kernels that a module was compiled for; neither compiler nor depmod is run."""
    told: list[str] = []

    def compile_(_recipe: Recipe, release: str, module: Path) -> None:
        told.append(release)
        module.parent.mkdir()
        module.write_bytes(b"ELF")

    def tar_alone(*command: str | Path) -> str:
        return run(*command) if command[0] == "tar" else ""

    monkeypatch.setattr(kernel, "_compile", compile_)
    monkeypatch.setattr(kernel, "run", tar_alone)
    return told


def unpacked(place: Path) -> Path:
    """A base root with a kernel."""
    (place / "boot").mkdir(parents=True)
    (place / "boot" / f"vmlinuz-{RELEASE}").touch()
    modules = place / "usr/lib/modules" / RELEASE
    modules.mkdir(parents=True)
    (modules / "modules.dep").write_text("updates/hearthgate_tryboot.ko:\n")
    return place


def test_it_is_compiled_once_for_a_base(tmp_path: Path, compiled: list[str]) -> None:
    asked = replace(recipe(), board=Board.RPI, cache=tmp_path)
    for name, base in (("first", "one"), ("again", "one"), ("other", "another")):
        root = unpacked(tmp_path / name)
        kernel.add_module(asked, root, base)
        assert (root / f"usr/lib/modules/{RELEASE}/updates/hearthgate_tryboot.ko").read_bytes() == b"ELF"
    assert compiled == [RELEASE, RELEASE]


def test_its_source_goes_with_it(tmp_path: Path, compiled: list[str]) -> None:
    root = unpacked(tmp_path / "root")
    kernel.add_module(replace(recipe(), board=Board.RPI, cache=tmp_path), root, "base")
    given = {file.name for file in (root / "usr/share/doc/hearthgate-tryboot").iterdir()}
    assert compiled
    assert given == {"Kbuild", "copyright", "hearthgate_tryboot.c"}
