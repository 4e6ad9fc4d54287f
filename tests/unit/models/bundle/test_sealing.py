"""What lies sealed on the disk opens under its name and key only, and only as it was."""

from pathlib import Path

import pytest

from gateway.errors import Corrupt, GatewayError, Refused
from gateway.models.bundle.sealing import CHUNK, AesGcmSealer

KEY, OTHER = bytes(range(32)), bytes(32)
HEAD, SEALED_CHUNK = 36, CHUNK + 16
PLAIN = b"a" * CHUNK + b"b" * CHUNK + b"tail"
SEALED = AesGcmSealer(KEY).seal(PLAIN, "name")


def failure(data: bytes, name: str = "name", key: bytes = KEY) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        AesGcmSealer(key).unseal(data, name)
    return caught.value


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_it_comes_back(size: int) -> None:
    plain = bytes(size)
    sealed = AesGcmSealer(KEY).seal(plain, "name")
    assert AesGcmSealer(KEY).unseal(sealed, "name") == plain


def test_nothing_of_it_shows_and_no_two_are_alike() -> None:
    assert b"aaaa" not in SEALED
    assert b"tail" not in SEALED
    assert AesGcmSealer(KEY).seal(PLAIN, "name")[HEAD:] != SEALED[HEAD:]


def test_another_key_is_told_from_damage() -> None:
    error = failure(SEALED, key=OTHER)
    assert (type(error), error.key) == (Refused, "model_sealed")


def chunk(number: int) -> bytes:
    return SEALED[HEAD + number * SEALED_CHUNK : HEAD + (number + 1) * SEALED_CHUNK]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SEALED[:HEAD],
        SEALED[: HEAD - 1],
        SEALED[:-1],
        SEALED + b"\0",
        SEALED[: HEAD + SEALED_CHUNK],
        SEALED[:HEAD] + chunk(1) + chunk(0) + chunk(2),
        SEALED[:HEAD] + chunk(0) + chunk(0) + chunk(2),
        SEALED[: HEAD - 8] + CHUNK.to_bytes(8) + chunk(0),
        AesGcmSealer(KEY).seal(PLAIN, "name")[: HEAD + SEALED_CHUNK] + SEALED[HEAD + SEALED_CHUNK :],
        SEALED[: HEAD - 8] + bytes(8),
        SEALED[: HEAD - 8] + bytes(8) + chunk(0)[-16:],
        b"HGSEAL2\n" + SEALED[8:],
    ],
)
def test_what_is_cut_moved_or_mixed_does_not_open(data: bytes) -> None:
    error = failure(data)
    assert (type(error), error.key) == (Corrupt, "model_seal_broken")


@pytest.mark.parametrize("place", [0, 8, 16, 27, 28, 35, HEAD, HEAD + CHUNK, len(SEALED) - 1])
def test_one_bit_is_enough(place: int) -> None:
    data = bytearray(SEALED)
    data[place] ^= 1
    assert failure(bytes(data)).key in {"model_seal_broken", "model_sealed"}


def test_it_cannot_pose_as_another() -> None:
    assert failure(SEALED, name="other").key == "model_seal_broken"


def test_the_key_is_a_credential(tmp_path: Path) -> None:
    file = tmp_path / "seal"
    file.write_text(KEY.hex() + "\n")
    file.chmod(0o600)
    assert AesGcmSealer.from_credential("seal", tmp_path).unseal(SEALED, "name") == PLAIN


@pytest.mark.parametrize(
    ("text", "mode", "key"),
    [
        ("12", 0o600, "credential_invalid"),
        ("", 0o600, "credential_invalid"),
        ("x" * 64, 0o600, "credential_invalid"),
        ("a" * 64 + "\nb", 0o600, "credential_invalid"),
        ("a" * 64, 0o644, "credential_mode"),
    ],
)
def test_a_bad_key_is_refused_unshown(text: str, mode: int, key: str, tmp_path: Path) -> None:
    file = tmp_path / "seal"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(Refused) as caught:
        AesGcmSealer.from_credential("seal", tmp_path)
    assert caught.value.key == key
    assert not text or text not in str(caught.value)


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="credential_missing"):
        AesGcmSealer.from_credential("seal", tmp_path)
