"""What is mounted where: fstab, and the folders of the data partition, both from binds.list."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imager.recipe import HERE, Board
from imager.tree import write

_FSTAB = """\
# Written by the build; /var and /etc/machine-id are mounted in the initramfs already.
PARTLABEL={boot} /boot/efi {fat}
PARTLABEL=data /data ext4 nosuid,nodev,noatime,commit=30,x-systemd.growfs,x-systemd.after=systemd-repart.service 0 2
"""
_FAT = "vfat umask=0077,nosuid,nodev,noexec,flush,nofail 0 2"
_FOR_PEOPLE = Path("boot/hearthgate")
_AFTER = "x-systemd.requires=hearthgate-data.service,x-systemd.after=hearthgate-data.service"
_BIND = f"/data{{path}} {{path}} none bind,{_AFTER} 0 0\n"
_TMPFILES = "usr/lib/tmpfiles.d/hearthgate-data.conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    path: Path
    """On the device, absolute; what is bound lies under the same path below /data."""
    mode: str
    owner: str
    group: str


def binds() -> tuple[Bind, ...]:
    """binds.list."""
    lines = (line.split("#", 1)[0].split() for line in (HERE / "binds.list").read_text(encoding="utf-8").splitlines())
    return tuple(
        Bind(path=Path(path), mode=mode, owner=owner, group=group) for path, mode, owner, group in filter(None, lines)
    )


def boot_label(board: Board) -> str:
    """Of the FAT partition that the boot loader sees."""
    return "esp" if board is Board.X86_64 else "bootcfg"


def prepare(root: Path, board: Board) -> None:
    """Everything to mount on, and what mounts it."""
    for name in ("data", "boot/efi"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for bind in binds():
        (root / bind.path.relative_to("/")).mkdir(parents=True, exist_ok=True)
    bound = (_BIND.format(path=bind.path) for bind in binds())
    lines = (_FSTAB.format(boot=boot_label(board), fat=_FAT), *_for_people(root, board), *bound)
    write(root / "etc/fstab", "".join(lines))
    write(root / _TMPFILES, tmpfiles())


def _for_people(root: Path, board: Board) -> Iterator[str]:
    """A partition of its own on a PC, where Windows hides that of the boot loader; on a Raspberry Pi the same one."""
    if board is Board.X86_64:
        (root / _FOR_PEOPLE).mkdir(parents=True)
        yield f"PARTLABEL=hearthgate /{_FOR_PEOPLE} {_FAT}\n"
    else:
        (root / _FOR_PEOPLE).symlink_to("efi")


def tmpfiles() -> str:
    """Of the folders that are bound, and those above them that none of the lines makes."""
    lines = ["# Written by the build from binds.list.\n"]
    made = {bind.path for bind in binds()}
    above = {folder for bind in binds() for folder in bind.path.parents if folder != Path("/")}
    lines += [f"d /data{folder} 0755 root root -\n" for folder in sorted(above - made)]
    lines += [f"d /data{bind.path} {bind.mode} {bind.owner} {bind.group} -\n" for bind in binds()]
    return "".join(lines)
