from pathlib import Path

import pytest

from gateway.errors import Refused
from services.simhouse.__main__ import main
from services.simhouse.credentials import read_credentials


def written(directory: Path, text: str, mode: int = 0o600) -> Path:
    file = directory / "credentials"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_user_and_password_are_read_and_not_shown(tmp_path: Path) -> None:
    credentials = read_credentials(written(tmp_path, "house:s3:cret\n"))
    assert (credentials.user, credentials.password) == ("house", "s3:cret")
    assert "s3:cret" not in repr(credentials)


@pytest.mark.parametrize(
    ("text", "mode", "key"),
    [
        ("house:canary", 0o640, "credentials_open_to_others"),
        ("house:canary", 0o604, "credentials_open_to_others"),
        ("canary", 0o600, "credentials_malformed"),
        (":canary", 0o600, "credentials_malformed"),
        ("canary:", 0o600, "credentials_malformed"),
    ],
)
def test_unusable_files_are_refused_without_telling_the_secret(tmp_path: Path, text: str, mode: int, key: str) -> None:
    with pytest.raises(Refused) as caught:
        read_credentials(written(tmp_path, text, mode))
    assert caught.value.key == key
    assert "canary" not in str(caught.value)


def test_a_missing_file_ends_the_process_with_the_code_for_configuration(tmp_path: Path) -> None:
    assert main(["--credentials-file", str(tmp_path / "none")]) == 78
