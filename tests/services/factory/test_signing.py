"""What the holder of a signing key does, from the command line to what a home takes in."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.models.bundle.archive import open_bundle
from gateway.models.bundle.trust import Trust
from services.factory.__main__ import main
from services.factory.bundling import public_hex
from services.factory.keyfile import read
from tests.models.tiny import card, sha256, tiny_model

CREATED = "2026-11-01T00:00:00+00:00"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a key, a card and its file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/tiny.tflite").write_bytes(tiny_model())
    (tmp_path / "card.json").write_text(card(origin={"kind": "bundle"}).model_dump_json())
    assert main(["keygen", "key.pem"]) == 0
    return tmp_path


def run_bundle(out: str, *more: str) -> int:
    fixed = ["--card", "card.json", "--files", "files", "--created", CREATED]
    return main(["bundle", "--key", "key.pem", "--out", out, *fixed, *more])


def trust(folder: Path) -> Trust:
    return Trust([public_hex(read(folder / "key.pem"))], folder / "trust")


def test_a_new_key_is_its_owners_only(bench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keygen", "other.pem"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == public_hex(read(bench / "other.pem"))
    assert (bench / "other.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_also_where_new_files_are_everybodys(bench: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        assert main(["keygen", "other.pem"]) == 0
    finally:
        os.umask(before)
    assert (bench / "other.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("words", [["keygen", "key.pem"], ["keygen", "link.pem"]])
def test_nothing_is_overwritten(bench: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (bench / "link.pem").symlink_to("key.pem")
    before = (bench / "key.pem").read_bytes()
    assert main(words) == 1
    assert "file_exists" in capsys.readouterr().err
    assert (bench / "key.pem").read_bytes() == before


def test_a_home_takes_in_what_was_signed(bench: Path) -> None:
    (bench / "plan.json").write_text('{"share": 0.5}')
    assert (
        run_bundle("a.hgmodel", "--plan", "plan.json", "--board", "aarch64", "--expires", "2027-01-01T00:00:00Z") == 0
    )
    with open_bundle(bench / "a.hgmodel") as opened:
        manifest = trust(bench).check(opened.manifest, opened.signatures)
        opened.check_against(manifest)
        assert set(opened.objects) == {sha256(tiny_model())}
    assert (manifest.rollout.share, manifest.boards, manifest.rollback) == (0.5, ("aarch64",), False)


def test_the_same_again_is_the_same_to_the_byte(bench: Path) -> None:
    run_bundle("a.hgmodel")
    run_bundle("b.hgmodel")
    run_bundle("c.hgmodel", "--rollback")
    assert (bench / "a.hgmodel").read_bytes() == (bench / "b.hgmodel").read_bytes()
    assert (bench / "a.hgmodel").read_bytes() != (bench / "c.hgmodel").read_bytes()


def test_two_keys_sign_for_homes_that_know_either(bench: Path) -> None:
    main(["keygen", "next.pem"])
    assert run_bundle("a.hgmodel", "--key", "next.pem") == 0
    with open_bundle(bench / "a.hgmodel") as opened:
        for file in ("key.pem", "next.pem"):
            Trust([public_hex(read(bench / file))], bench / "t").check(opened.manifest, opened.signatures)


def test_a_home_follows_to_the_next_key(bench: Path) -> None:
    main(["keygen", "next.pem"])
    old, new = (public_hex(read(bench / file)) for file in ("key.pem", "next.pem"))
    assert (
        main(["rotate", "--key", "key.pem", "--number", "1", "--trust", new, "--revoke", old, "--out", "s.json"]) == 0
    )
    ring = trust(bench).follow((bench / "s.json").read_bytes())
    assert (ring.keys, *ring.revoked) == ((new,), old)


@pytest.mark.parametrize(
    ("damage", "key"),
    [
        (lambda bench: (bench / "key.pem").chmod(0o640), "key_mode"),
        (lambda bench: (bench / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nx\n"), "key_invalid"),
        (lambda bench: (bench / "key.pem").write_bytes(rsa_key()), "key_invalid"),
        (lambda bench: (bench / "key.pem").unlink(), "model_missing"),
        (lambda bench: (bench / "files/tiny.tflite").write_bytes(b"other"), "model_hash"),
        (lambda bench: (bench / "files/tiny.tflite").unlink(), "model_missing"),
        (lambda bench: (bench / "card.json").write_text("{}"), "manifest_invalid"),
        (lambda bench: (bench / "a.hgmodel").write_text("mine"), "file_exists"),
    ],
)
def test_what_cannot_be_signed_has_its_key(
    damage: object, key: str, bench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(damage)
    damage(bench)
    assert run_bundle("a.hgmodel") == 1
    assert key in capsys.readouterr().err


def rsa_key() -> bytes:
    form = serialization.PrivateFormat.PKCS8
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def test_a_statement_that_revokes_what_it_trusts_is_not_signed(bench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = public_hex(read(bench / "key.pem"))
    assert main(["rotate", "--key", "key.pem", "--number", "1", "--trust", key, "--revoke", key, "--out", "s"]) == 1
    assert "manifest_invalid" in capsys.readouterr().err
    assert not (bench / "s").exists()


def test_a_private_key_is_shown_nowhere(bench: Path) -> None:
    """Neither by what works nor by what fails, on either stream or in any file but its own."""
    key = read(bench / "key.pem")
    raw, public = key.private_bytes_raw(), public_hex(key)
    secrets = [raw, raw.hex().encode(), base64.b64encode(raw), (bench / "key.pem").read_bytes().splitlines()[1]]
    shown = b""
    fixed = ["--card", "card.json", "--files", "files", "--created", CREATED]
    for words in (
        ["bundle", "--key", "key.pem", "--out", "a.hgmodel", *fixed],
        ["bundle", "--key", "key.pem", "--out", "a.hgmodel", *fixed],
        ["bundle", "--key", "card.json", "--out", "b.hgmodel", *fixed],
        ["bundle", "--key", "key.pem", "--out", "b.hgmodel", "--card", "key.pem", "--files", "files"],
        ["bundle", "--key", "key.pem", "--out", "b.hgmodel", *fixed, "--plan", "key.pem"],
        ["rotate", "--key", "key.pem", "--number", "1", "--trust", public, "--out", "s.json"],
        ["rotate", "--key", "key.pem", "--number", "0", "--trust", public, "--out", "t.json"],
        ["keygen", "key.pem"],
    ):
        shown += factory(words)
    others = [file.read_bytes() for file in bench.rglob("*") if file.is_file() and file.name != "key.pem"]
    assert json.loads((bench / "s.json").read_text())["signatures"]
    assert not [one for one in secrets for place in (shown, *others) if one in place]


def factory(words: list[str]) -> bytes:
    """What a process of its own says, on both streams."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "services.factory", *words]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(root)})
    return done.stdout + done.stderr
