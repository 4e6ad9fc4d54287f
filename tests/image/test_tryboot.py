"""The boot loader backend of the Raspberry Pi, on folders, with the power cut between any two changes."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.image import powercut
from tests.image.paths import BOOT, RAUC

BACKEND = RAUC / "rpi-tryboot.sh"


class Pi:
    """A card with two slots, and the firmware that starts one of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.boot = root / "boot"
        self.argument = root / "run" / "systemd" / "reboot-param"
        self.boot.mkdir()
        self.argument.parent.mkdir(parents=True)
        self.ready = root / "ready"
        self.ready.write_text("Y\n")
        shutil.copy(BOOT / "autoboot.txt", self.boot)
        self.slots = {"A": "old", "B": "empty"}
        self.running = ""
        self.power_on()

    @property
    def env(self) -> dict[str, str]:
        return os.environ | {
            "TRYBOOT_BOOT": str(self.boot),
            "TRYBOOT_ARGUMENT": str(self.argument),
            "TRYBOOT_CMDLINE": str(self.root / "cmdline"),
            "TRYBOOT_READY": str(self.ready),
        }

    def ask(self, *words: str) -> str:
        done = subprocess.run([BACKEND, *words], env=self.env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def refuses(self, *words: str) -> str:
        done = subprocess.run([BACKEND, *words], env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        return done.stderr

    def power_on(self) -> None:
        """Memory is empty: neither a trial nor an argument is known."""
        self.argument.unlink(missing_ok=True)
        self._start(trial=False)

    def restart(self) -> None:
        trial = self.argument.is_file() and self.argument.read_text() == "0 tryboot\n"
        self.argument.unlink(missing_ok=True)
        self._start(trial=trial)

    def _start(self, *, trial: bool) -> None:
        """As the firmware reads it: a section replaces what [all] said before."""
        sections = dict(part.split("]\n") for part in (self.boot / "autoboot.txt").read_text().split("[")[1:])
        assert "tryboot_a_b=1\n" in sections["all"]
        chosen = sections["tryboot" if trial else "all"]
        number = next(line for line in chosen.splitlines() if line.startswith("boot_partition="))
        self.running = {"boot_partition=2": "A", "boot_partition=3": "B"}[number]
        assert self.slots[self.running] in {"old", "new"}, "started a slot that is not whole"
        (self.root / "cmdline").write_text(f"quiet root=PARTLABEL=root-x rauc.slot={self.running} ro\n")


@pytest.fixture
def pi(tmp_path: Path) -> Pi:
    pi = Pi(tmp_path)
    pi.ask("set-state", "A", "good")
    return pi


def update(pi: Pi, slot: str = "B") -> None:
    """What RAUC and the updater ask for, in their order."""
    pi.ask("set-state", slot, "bad")
    pi.slots[slot] = "half"
    pi.slots[slot] = "new"
    pi.ask("set-primary", slot)
    pi.restart()
    assert pi.running == slot
    pi.ask("set-state", slot, "good")


def test_a_new_card_starts_its_first_slot(pi: Pi) -> None:
    assert (pi.ask("get-current"), pi.ask("get-primary")) == ("A", "A")
    assert (pi.ask("get-state", "A"), pi.ask("get-state", "B")) == ("good", "bad")


def test_what_was_tried_and_called_good_stays(pi: Pi) -> None:
    update(pi)
    pi.power_on()
    assert (pi.running, pi.ask("get-primary")) == ("B", "B")
    assert pi.ask("get-state", "A") == "good"


def test_a_trial_is_pending_until_the_restart(pi: Pi) -> None:
    pi.slots["B"] = "new"
    pi.ask("set-primary", "B")
    assert pi.ask("get-primary") == "B"
    pi.ask("set-primary", "A")
    assert pi.ask("get-primary") == "A"
    pi.restart()
    assert pi.running == "A"


@pytest.mark.parametrize("how", ["power_on", "restart"])
def test_what_was_not_called_good_goes_by_itself(pi: Pi, how: str) -> None:
    pi.slots["B"] = "new"
    pi.ask("set-primary", "B")
    pi.restart()
    assert pi.running == "B"
    getattr(pi, how)()
    assert pi.running == "A"


def test_going_back_is_a_trial_too(pi: Pi) -> None:
    update(pi)
    pi.ask("set-primary", "A")
    pi.restart()
    assert pi.running == "A"
    pi.power_on()
    assert pi.running == "B"


def test_the_slot_on_trial_may_not_overwrite_the_one_that_would_come_back(pi: Pi) -> None:
    pi.slots["B"] = "new"
    pi.ask("set-primary", "B")
    pi.restart()
    assert "has not proved itself" in pi.refuses("set-state", "A", "bad")
    pi.power_on()
    assert pi.running == "A"


def test_a_bad_default_gives_way_to_the_slot_that_proved_itself(pi: Pi) -> None:
    update(pi)
    pi.ask("set-state", "B", "bad")
    pi.power_on()
    assert (pi.running, pi.ask("get-state", "B")) == ("A", "bad")


def test_an_update_to_either_side_and_back(pi: Pi) -> None:
    for slot in "BABA":
        update(pi, slot)
        pi.power_on()
        assert pi.running == slot


@pytest.mark.parametrize("ready", ["N\n", None])
def test_a_trial_that_the_firmware_cannot_be_asked_for_is_refused(pi: Pi, ready: str | None) -> None:
    pi.ready.unlink()
    if ready is not None:
        pi.ready.write_text(ready)
    assert "cannot be asked" in pi.refuses("set-primary", "B")
    pi.restart()
    assert (pi.running, pi.ask("get-primary")) == ("A", "A")
    pi.ask("set-primary", "A")


@pytest.mark.parametrize("text", ["", "[all]\n", "rubbish\x00\n", "[all]\nboot_partition=7\n"])
def test_a_spoilt_autoboot_is_written_anew_by_the_next_update(pi: Pi, text: str) -> None:
    (pi.boot / "autoboot.txt").write_text(text)
    assert pi.ask("get-primary") == "A"
    update(pi)
    pi.power_on()
    assert pi.running == "B"


def test_an_autoboot_edited_on_another_system_is_read(pi: Pi) -> None:
    file = pi.boot / "autoboot.txt"
    file.write_bytes(b"[all]\r\ntryboot_a_b=1\r\nboot_partition=3\r\n[tryboot]\r\nboot_partition=2\r\n")
    assert pi.ask("get-primary") == "B"


@pytest.mark.parametrize(
    "words", [(), ("reboot",), ("set-primary",), ("set-primary", "C"), ("set-state", "A", "so so")]
)
def test_anything_else_is_refused(pi: Pi, words: tuple[str, ...]) -> None:
    assert "usage" in pi.refuses(*words)


def before_marking(_pi: Pi) -> None:
    pass


def before_trying(pi: Pi) -> None:
    pi.ask("set-state", "B", "bad")
    pi.slots["B"] = "new"


def on_trial(pi: Pi) -> None:
    before_trying(pi)
    pi.ask("set-primary", "B")
    pi.restart()


def after_an_update(pi: Pi) -> None:
    update(pi)


@powercut.needed
@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (before_marking, ("set-state", "B", "bad")),
        (before_trying, ("set-primary", "B")),
        (on_trial, ("set-state", "B", "good")),
        (after_an_update, ("set-state", "B", "bad")),
        (after_an_update, ("set-primary", "A")),
    ],
)
def test_whenever_the_power_fails_a_whole_slot_starts_and_the_update_can_go_on(
    tmp_path: Path, prepare: Callable[[Pi], None], words: tuple[str, ...]
) -> None:
    at = 0
    cut = True
    while cut:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        pi = Pi(folder)
        pi.ask("set-state", "A", "good")
        prepare(pi)
        cut = powercut.run([str(BACKEND), *words], pi.env, cut_before=at)
        pi.power_on()
        target = "B" if pi.running == "A" else "A"
        update(pi, target)
        pi.power_on()
        assert pi.running == target
    assert at > 1, "nothing was cut"
