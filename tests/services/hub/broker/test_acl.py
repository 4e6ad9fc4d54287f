"""What is written for Mosquitto."""

import shutil
import subprocess
from pathlib import Path

import pytest

from services.hub.app.enrolling import set_password
from services.hub.broker.acl import access_list


def test_a_home_reads_and_writes_different_topics_of_its_own() -> None:
    lines = list(access_list(["home1"], hub="workers"))
    mine = lines[lines.index("user home1") + 1 :]
    assert {line.split()[1] for line in mine} == {"read", "write"}
    assert all("gw/v1/home1/" in line and "+" not in line and "#" not in line for line in mine)
    assert "topic write gw/v1/home1/receipt" not in mine
    assert "topic read gw/v1/home1/hello" not in mine
    assert lines[0] == "user workers"


def test_passwords_of_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    for user in ("home1", "home2", "home1"):
        set_password(file, user, "a:word")
    lines = file.read_text().splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == ["home1", "home2"]
    assert file.stat().st_mode & 0o077 == 0
    assert "a:word" not in file.read_text()


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="mosquitto is not installed")
def test_the_hash_is_as_long_as_mosquittos_own(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    set_password(ours, "home1", "word")
    theirs.touch()
    subprocess.run(["mosquitto_passwd", "-b", str(theirs), "home1", "word"], check=True, capture_output=True)
    shape = [[len(part) for part in file.read_text().strip().split("$")] for file in (ours, theirs)]
    assert shape[0] == shape[1]
