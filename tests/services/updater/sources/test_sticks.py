"""Which bundles a person has laid beside."""

from pathlib import Path

import pytest

from gateway.errors import Refused
from services.updater.sources.sticks import Sticks


@pytest.fixture
def sticks(tmp_path: Path) -> Sticks:
    for folder in ("fat", "mounts/sdb1", "mounts/sdc1"):
        (tmp_path / folder).mkdir(parents=True)
    return Sticks(tmp_path / "fat", tmp_path / "mounts")


def test_bundles_are_found_on_every_stick(sticks: Sticks, tmp_path: Path) -> None:
    for file in ("fat/one.raucb", "mounts/sdb1/two.raucb", "mounts/sdc1/one.raucb", "mounts/sdc1/photo.jpg"):
        (tmp_path / file).write_bytes(b"")
    assert sticks.names() == ["one.raucb", "two.raucb"]
    assert sticks.folder_of("two.raucb") == tmp_path / "mounts/sdb1"
    assert sticks.folder_of("one.raucb") == tmp_path / "fat"


def test_strange_names_links_and_folders_are_passed_over(sticks: Sticks, tmp_path: Path) -> None:
    fat = tmp_path / "fat"
    (fat / "-rf .raucb").write_bytes(b"")
    (fat / ".hidden.raucb").write_bytes(b"")
    (fat / "deep.raucb").mkdir()
    (fat / "link.raucb").symlink_to("/etc/shadow")
    (tmp_path / "mounts" / "linked").symlink_to("/etc")
    assert sticks.names() == []
    with pytest.raises(Refused, match="bundle_missing"):
        sticks.folder_of("link.raucb")


def test_no_more_are_told_than_fit(sticks: Sticks, tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / "fat" / f"n{number:02}.raucb").write_bytes(b"")
    assert len(sticks.names()) == 32


def test_without_any_folder_there_are_none(tmp_path: Path) -> None:
    assert Sticks(tmp_path / "no", tmp_path / "none").names() == []
