"""What is to be built: the board, how, from which data, and where things lie."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
"""image-build/"""
CHECKOUT = HERE.parent


class Board(StrEnum):
    X86_64 = "x86_64"
    RPI = "rpi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """suite.toml, for one board."""

    suite: str
    mirror: str
    security_mirror: str
    components: tuple[str, ...]
    keyring: Path
    snapshot: str
    edition: date
    architecture: str
    kernel: str
    kernel_suite: str
    kernel_version: str
    modules: str
    """Of the initramfs: a file below initramfs/."""

    @property
    def epoch(self) -> int:
        """Seconds since 1970 of the edition: nothing in the base is younger."""
        return int(datetime.combine(self.edition, time(), UTC).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    board: Board
    fast: bool
    """For tests: built and started sooner, larger, and with a kernel for virtual machines."""
    test: bool
    """With the agent by which tests run commands in it. Never for people."""
    out: Path
    cache: Path
    version: str
    epoch: int
    """Seconds since 1970 of the last commit, or the edition: nothing in the image is younger."""
    suite: Suite
    authority: Path
    """The public certificates that updates of this image are checked by."""

    extra: Path | None = None
    """A folder that the builder adds: see `imager.extra`."""

    @property
    def name(self) -> str:
        """Of the files that come out, without what they end in."""
        kind = ("-fast" if self.fast else "") + ("-test" if self.test else "")
        return f"hearthgate-{self.board}-{self.version}{kind}"

    @property
    def machine(self) -> str:
        """What Python's wheels call the processor."""
        return "x86_64" if self.board is Board.X86_64 else "aarch64"


def suite_of(board: Board, *, fast: bool) -> Suite:
    text = tomllib.loads((HERE / "suite.toml").read_text(encoding="utf-8"))
    own = text[board]
    return Suite(
        suite=text["suite"],
        mirror=text["mirror"],
        security_mirror=text["security_mirror"],
        components=tuple(text["components"]),
        keyring=Path(text["keyring"]),
        snapshot=text["snapshot"],
        edition=text["edition"],
        architecture=own["architecture"],
        kernel=own["fast_kernel" if fast else "kernel"],
        kernel_suite=own["kernel_suite"],
        kernel_version=own["kernel_version"],
        modules=own["fast_modules" if fast else "modules"],
    )


def listed(file: Path) -> tuple[str, ...]:
    """The first word of every line that says something."""
    return tuple(words[0] for words in rows(file))


def rows(file: Path) -> tuple[tuple[str, ...], ...]:
    """The words of every line that says something."""
    lines = (line.split("#", 1)[0].split() for line in file.read_text(encoding="utf-8").splitlines())
    return tuple(tuple(words) for words in lines if words)
