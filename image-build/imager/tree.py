"""Small operations on the root that is being composed."""

import os
import shutil
from pathlib import Path


def copy_tree(source: Path, root: Path) -> None:
    """Lay a folder over the root: files become root's, 0644 or 0755 where they may be run; links stay links."""
    for folder, _, names in os.walk(source):
        for name in sorted(names):
            file = Path(folder) / name
            place = root / file.relative_to(source)
            if name != ".gitkeep":
                copy_file(file, place)


def copy_file(file: Path, place: Path) -> None:
    """With the folders above it. Other permissions than git keeps are set at the first start, by tmpfiles.d."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    if file.is_symlink():
        place.symlink_to(file.readlink())
        return
    shutil.copyfile(file, place)
    place.chmod(0o755 if os.access(file, os.X_OK) and file.stat().st_mode & 0o100 else 0o644)


def write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    place.chmod(0o644)


def age(root: Path, epoch: int) -> None:
    """Nothing is younger than `epoch`. What is older keeps its time: compiled Python names that of its source."""
    for folder, folders, names in os.walk(root):
        for name in (*folders, *names, "."):
            path = os.path.join(folder, name)  # noqa: PTH118 - a hundred thousand of them
            if os.lstat(path).st_mtime > epoch:
                os.utime(path, (epoch, epoch), follow_symlinks=False)
