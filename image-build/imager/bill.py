"""The bill of materials: CycloneDX 1.6 JSON, and a list of licences for people."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

from imager.kernel import MODULE
from imager.recipe import Board, Recipe
from imager.wheels import SITE_PACKAGES

_DEBIAN_LICENCE = re.compile(r"^License:[ \t]*(\S.*)$", re.MULTILINE)
_CLASSIFIER = "License :: "


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Part:
    name: str
    version: str
    purl: str
    """Package URL (ECMA-427)."""
    licences: tuple[str, ...]
    """As their authors name them; empty where they say it in free text only."""


def write_bill(recipe: Recipe, root: Path) -> None:
    """<image>.cdx.json and <image>.licences.txt."""
    parts = sorted((*_packages(root, recipe.suite.suite), *_wheels(root), *_own_module(recipe, root)))
    bill = recipe.out / f"{recipe.name}.cdx.json"
    bill.write_text(json.dumps(_cyclonedx(recipe, parts), indent=1) + "\n", encoding="utf-8")
    lines = [f"{part.name} {part.version}: {', '.join(part.licences) or 'see its copyright file'}\n" for part in parts]
    (recipe.out / f"{recipe.name}.licences.txt").write_text("".join(lines), encoding="utf-8")


def _packages(root: Path, suite: str) -> Iterator[Part]:
    status = (root / "var/lib/dpkg/status").read_text(encoding="utf-8")
    for paragraph in filter(None, status.split("\n\n")):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
        name, version = fields["Package"], fields["Version"]
        where = f"arch={fields['Architecture']}&distro={suite}"
        yield Part(
            name=name,
            version=version,
            purl=f"pkg:deb/debian/{name}@{quote(version, safe='')}?{where}",
            licences=_of_copyright(root / f"usr/share/doc/{name}/copyright"),
        )


def _own_module(recipe: Recipe, root: Path) -> Iterator[Part]:
    if recipe.board is Board.RPI:
        name, version = MODULE.replace("_", "-"), recipe.version
        licences = _of_copyright(root / f"usr/share/doc/{name}/copyright")
        yield Part(name=name, version=version, purl=f"pkg:generic/{name}@{quote(version, safe='')}", licences=licences)


def _of_copyright(file: Path) -> tuple[str, ...]:
    """The licences that a machine-readable copyright file names (DEP-5)."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    if not text.startswith("Format:"):
        return ()
    return tuple(sorted({found.strip() for found in _DEBIAN_LICENCE.findall(text)}))


def _wheels(root: Path) -> Iterator[Part]:
    for wheel in distributions(path=[str(root / SITE_PACKAGES)]):
        name = wheel.metadata["Name"].lower().replace("_", "-")
        yield Part(
            name=name,
            version=wheel.version,
            purl=f"pkg:pypi/{name}@{quote(wheel.version, safe='')}",
            licences=_of_wheel(wheel),
        )


def _of_wheel(wheel: Distribution) -> tuple[str, ...]:
    """Its SPDX expression (PEP 639), else its classifiers, else what it writes in one line."""
    about = wheel.metadata
    given = about.get_all("License-Expression") or []
    named = {line.rsplit(" :: ", 1)[1] for line in about.get_all("Classifier") or [] if line.startswith(_CLASSIFIER)}
    said = [line.strip() for line in about.get_all("License") or [] if "\n" not in line.strip()]
    return tuple(given or sorted(named) or filter(None, said))


def _cyclonedx(recipe: Recipe, parts: list[Part]) -> dict[str, Any]:
    """https://cyclonedx.org/docs/1.6/json/"""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(recipe.epoch, UTC).isoformat(),
            "component": {
                "type": "operating-system",
                "bom-ref": recipe.name,
                "name": f"hearthgate-{recipe.board}",
                "version": recipe.version,
            },
        },
        "components": [
            {
                "type": "library",
                "bom-ref": part.purl,
                "name": part.name,
                "version": part.version,
                "purl": part.purl,
                "licenses": [{"license": {"name": licence}} for licence in part.licences],
            }
            for part in parts
        ],
    }
