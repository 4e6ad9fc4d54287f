"""The bill of materials names every package and wheel with its version, and its licence where it is said."""

import json
from dataclasses import replace
from pathlib import Path

from imager.bill import write_bill
from imager.recipe import Board, Recipe
from imager.wheels import SITE_PACKAGES
from tests.unit.imager.test_recipe import recipe

STATUS = """\
Package: libfoo1
Status: install ok installed
Architecture: amd64
Version: 1:2.0~rc1-3
Description: foo
 with a second line: here

Package: bar
Status: install ok installed
Architecture: all
Version: 5
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
License: GPL-2+

Files: x
License: Expat
"""


def test_packages_and_wheels_are_listed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    _write(root / "var/lib/dpkg/status", STATUS)
    _write(root / "usr/share/doc/libfoo1/copyright", COPYRIGHT)
    _write(root / "usr/share/doc/bar/copyright", "Written by somebody.")
    about = "Metadata-Version: 2.4\nName: Some_Wheel\nVersion: 3.1\nLicense-Expression: MIT\n"
    _write(root / SITE_PACKAGES / "some_wheel-3.1.dist-info/METADATA", about)
    out = tmp_path / "out"
    out.mkdir()

    write_bill(_into(out), root)

    (bill,) = out.glob("*.cdx.json")
    found = {part["purl"]: part for part in json.loads(bill.read_text())["components"]}
    assert set(found) == {
        "pkg:deb/debian/libfoo1@1%3A2.0~rc1-3?arch=amd64&distro=trixie",
        "pkg:deb/debian/bar@5?arch=all&distro=trixie",
        "pkg:pypi/some-wheel@3.1",
    }
    foo = found["pkg:deb/debian/libfoo1@1%3A2.0~rc1-3?arch=amd64&distro=trixie"]
    assert foo["version"] == "1:2.0~rc1-3"
    assert [entry["license"]["name"] for entry in foo["licenses"]] == ["Expat", "GPL-2+"]
    (licences,) = out.glob("*.licences.txt")
    assert "bar 5: see its copyright file\n" in licences.read_text()
    assert "some-wheel 3.1: MIT\n" in licences.read_text()


def test_a_pi_s_own_kernel_module_is_listed_with_its_licence(tmp_path: Path) -> None:
    root = tmp_path / "root"
    _write(root / "var/lib/dpkg/status", "")
    _write(root / "usr/share/doc/hearthgate-tryboot/copyright", "Format: x\n\nLicense: GPL-2.0-only\n")
    out = tmp_path / "out"
    out.mkdir()

    write_bill(replace(_into(out), board=Board.RPI), root)

    (licences,) = out.glob("*.licences.txt")
    assert licences.read_text() == f"hearthgate-tryboot {recipe().version}: GPL-2.0-only\n"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _into(out: Path) -> Recipe:
    return replace(recipe(), out=out)
