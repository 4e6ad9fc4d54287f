"""What people download: the image packed, its map of blocks, its hash."""

import hashlib
from pathlib import Path

from imager.recipe import Recipe
from imager.shell import run, say, step


def publish(recipe: Recipe, disk: Path) -> None:
    """Beside the disk image, under the image's name. A fast build is not packed."""
    image = recipe.out / f"{recipe.name}.img"
    disk.replace(image)
    run("bmaptool", "create", "--output", image.with_suffix(".img.bmap"), image)
    if not recipe.fast:
        with step("packing the image; minutes"):
            # All but empty space is packed already: a higher level costs minutes and saves nothing.
            run("xz", "--threads=0", "-0", "--force", "--keep", image)
    for file in (image,) if recipe.fast else (image, image.with_suffix(".img.xz")):
        _sum(file)
        say(f"{file.name}: {file.stat().st_size >> 20} MiB")


def _sum(file: Path) -> None:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    file.with_name(file.name + ".sha256").write_text(f"{digest}  {file.name}\n", encoding="utf-8")
