"""Everything of a home goes, once somebody asked for it."""

from pathlib import Path

import pytest

from services.updater import paths
from services.updater.provision import boot, reset
from services.updater.provision.places import Places
from tests.services.updater.provision.home import ME, FakeMachine, machine_of


def _lived_in(root: Path) -> Places:
    places = machine_of(root)
    (places.data / "lost+found").mkdir()
    for name in (
        "var/lib/hearthgate/store.db",
        "var/lib/hearthgate/media/door/1.mp4",
        "log/journal",
        "FACTORY_RESET.old",
    ):
        (places.data / name).parent.mkdir(parents=True, exist_ok=True)
        (places.data / name).write_text("private")
    (places.data / "var/lib/hearthgate/link").symlink_to(root / "usr")
    return places


@pytest.mark.parametrize(
    "flag", ["data/FACTORY_RESET", "boot/hearthgate/FACTORY_RESET", "boot/hearthgate/FACTORY_RESET.txt"]
)
def test_a_file_is_enough(tmp_path: Path, flag: str) -> None:
    places = _lived_in(tmp_path)
    assert not reset.is_wanted(places)
    (tmp_path / flag).touch()
    assert reset.is_wanted(places)
    assert reset.wipe(places) == 5
    assert [path.name for path in places.data.rglob("*")] == ["lost+found"]
    assert not reset.is_wanted(places)
    assert (tmp_path / "usr/share/hearthgate/hearthgate.acl").exists(), "no link was followed"


@pytest.mark.parametrize(("line", "wanted"), [("ro hearthgate.wipe=1 quiet", True), ("hearthgate.wipe=10", False)])
def test_the_kernels_command_line_is_heard(tmp_path: Path, line: str, wanted: bool) -> None:
    places = machine_of(tmp_path)
    (tmp_path / "proc").mkdir(exist_ok=True)
    (tmp_path / "proc/cmdline").write_text(f"{line}\n")
    assert reset.is_wanted(places) is wanted


def test_afterwards_it_is_a_new_machine_of_the_same_name(tmp_path: Path) -> None:
    places, machine = machine_of(tmp_path), FakeMachine()
    boot.start(places, ME, machine)
    code = (places.stick / "claim-code.txt").read_text()
    for file in [path for path in places.etc.rglob("*") if path.is_file()]:
        file.unlink()
    boot.start(places, ME, machine)
    assert machine.called == "hearthgate-ab12"
    assert (places.stick / "claim-code.txt").read_text() != code


def test_the_updater_and_the_first_start_mean_the_same_places() -> None:
    places = Places()
    assert places.data / reset.FLAG == paths.FACTORY_RESET
    assert (places.imported, places.image, places.stick) == (paths.IMPORTED, paths.IMAGE, paths.FAT)


def test_the_unit_starts_for_every_wish_and_for_no_other() -> None:
    unit = Path(__file__).resolve().parents[4] / "systemd" / "hearthgate-reset.service"
    conditions = [line.partition("=")[2] for line in unit.read_text().splitlines() if line.startswith("Condition")]
    wishes = {*(str(flag) for flag in reset._flags(Places())), reset.ARGUMENT}
    assert conditions == [f"|{condition.removeprefix('|')}" for condition in conditions], "any one is enough"
    assert {condition.removeprefix("|") for condition in conditions} == wishes
