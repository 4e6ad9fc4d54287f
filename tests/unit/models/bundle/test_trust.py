"""Whose signature counts, over the years and without a network."""

import json
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.models.bundle import rotation
from gateway.models.bundle.trust import Trust
from gateway.wire.model_manifest import MOST_MANIFEST_BYTES
from tests.unit.models.bundle.publisher import manifest, name, signatures, statement

MANIFEST = manifest()


def trust(folder: Path, *seeds: int) -> Trust:
    return Trust([name(seed) for seed in seeds or (1,)], folder / "trust")


def refusal(trust: Trust, signed: bytes, data: bytes = MANIFEST, *, again: bool = False) -> str:
    with pytest.raises(Refused) as caught:
        (trust.recheck if again else trust.check)(data, signed)
    return caught.value.key


def test_a_manifest_by_a_trusted_key_is_read(tmp_path: Path) -> None:
    assert trust(tmp_path).check(MANIFEST, signatures(MANIFEST, 1)).card.id == "tiny"


@pytest.mark.parametrize("seeds", [(1,), (2,), (1, 2), (3, 2)])
def test_either_of_two_keys_suffices(seeds: tuple[int, ...], tmp_path: Path) -> None:
    assert trust(tmp_path, 1, 2).check(MANIFEST, signatures(MANIFEST, *seeds)).card.serial == 1


@pytest.mark.parametrize(
    ("data", "signed", "key"),
    [
        (MANIFEST, b"", "manifest_unsigned"),
        (MANIFEST, b"{}", "manifest_unsigned"),
        (MANIFEST, signatures(MANIFEST), "manifest_unsigned"),
        (MANIFEST, b"[" * 4000, "manifest_unsigned"),
        (MANIFEST, b" " * 5000, "manifest_too_large"),
        (MANIFEST, signatures(MANIFEST, 2), "manifest_key_unknown"),
        (MANIFEST, signatures(MANIFEST + b" ", 1), "manifest_signature"),
        (MANIFEST, signatures(MANIFEST, 1, domain=rotation.DOMAIN), "manifest_signature"),
        (MANIFEST, signatures(MANIFEST, 1, domain=b""), "manifest_signature"),
        (MANIFEST, signatures(MANIFEST, 2).replace(name(2).encode(), name(1).encode()), "manifest_signature"),
        (MANIFEST + b" " * MOST_MANIFEST_BYTES, signatures(MANIFEST, 1), "manifest_too_large"),
        (b"not JSON", signatures(b"not JSON", 1), "manifest_invalid"),
        (b"not JSON", signatures(b"not JSON", 2), "manifest_key_unknown"),
    ],
)
def test_everything_else_is_refused_by_its_key(data: bytes, signed: bytes, key: str, tmp_path: Path) -> None:
    assert refusal(trust(tmp_path), signed, data) == key


def test_an_invalid_manifest_says_where(tmp_path: Path) -> None:
    data = MANIFEST.replace(b'"serial":1', b'"serial":0')
    with pytest.raises(Refused) as caught:
        trust(tmp_path).check(data, signatures(data, 1))
    assert caught.value.facts["place"] == "card.serial"


def test_without_keys_nothing_is_trusted(tmp_path: Path) -> None:
    assert refusal(Trust([], tmp_path), signatures(MANIFEST, 1)) == "manifest_key_unknown"


def test_three_keys_are_too_many(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="trust_invalid"):
        trust(tmp_path, 1, 2, 3)


def test_a_key_that_is_no_point_of_the_curve_signs_nothing(tmp_path: Path) -> None:
    bad = "f" * 64
    signed = json.dumps({"format": 1, "signatures": [{"key": bad, "sig": "0" * 128}]}).encode()
    assert refusal(Trust([bad], tmp_path), signed) == "manifest_signature"


def test_a_home_that_was_away_for_years_follows_in_order(tmp_path: Path) -> None:
    ours = trust(tmp_path)
    for number in range(1, 6):
        ours.follow(statement(number, (number, number + 1), by=(number,)))
    assert ours.check(MANIFEST, signatures(MANIFEST, 6)).card.id == "tiny"
    assert trust(tmp_path).ring().keys == (name(5), name(6))


def test_what_leads_to_a_key_cannot_be_left_out(tmp_path: Path) -> None:
    ours = trust(tmp_path)
    with pytest.raises(Refused, match="manifest_key_unknown"):
        ours.follow(statement(2, (3,), by=(2,)))
    ours.follow(statement(1, (2,), by=(1,)))
    assert ours.follow(statement(2, (3,), by=(2,))).keys == (name(3),)


def test_a_new_home_starts_in_the_middle(tmp_path: Path) -> None:
    assert trust(tmp_path, 2).follow(statement(2, (3,), by=(2,))).number == 2


@pytest.mark.parametrize("number", [1, 2])
def test_a_number_that_was_had_is_refused(number: int, tmp_path: Path) -> None:
    ours = trust(tmp_path)
    ours.follow(statement(2, (1, 2), by=(1,)))
    with pytest.raises(Refused, match="trust_old"):
        ours.follow(statement(number, (1, 3), by=(1,)))
    assert trust(tmp_path).ring().keys == (name(1), name(2))


def test_a_retired_key_brings_nothing_new_but_what_it_brought_stays(tmp_path: Path) -> None:
    ours = trust(tmp_path)
    ours.follow(statement(1, (2,), by=(1,)))
    assert refusal(ours, signatures(MANIFEST, 1)) == "manifest_key_unknown"
    assert ours.recheck(MANIFEST, signatures(MANIFEST, 1)).card.id == "tiny"
    with pytest.raises(Refused, match="manifest_key_unknown"):
        ours.follow(statement(2, (1,), by=(1,)))


def test_what_only_a_revoked_key_signed_is_used_no_more(tmp_path: Path) -> None:
    ours = trust(tmp_path)
    ours.follow(statement(1, (2,), by=(1,), revoked=(1,)))
    assert refusal(ours, signatures(MANIFEST, 1), again=True) == "manifest_key_revoked"
    assert refusal(ours, signatures(MANIFEST, 1)) == "manifest_key_revoked"
    assert ours.recheck(MANIFEST, signatures(MANIFEST, 1, 2)).card.id == "tiny"


def test_a_revoked_key_does_not_come_back(tmp_path: Path) -> None:
    ours = trust(tmp_path)
    ours.follow(statement(1, (2,), by=(1,), revoked=(1,)))
    assert ours.follow(statement(2, (1, 2), by=(2,))).keys == (name(2),)
    with pytest.raises(Refused, match="trust_invalid"):
        ours.follow(statement(3, (1,), by=(2,)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[" * 70_000,
        statement(1, (1, 2), by=(1,)).replace(b'\\"number\\":1', b'\\"number\\":2'),
        statement(1, (1, 2), by=(2,)),
        statement(1, (1, 2), by=()),
        MANIFEST,
    ],
)
def test_a_bad_statement_is_refused_and_not_kept(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        trust(tmp_path).follow(data)
    assert list(tmp_path.rglob("*")) == []


def test_a_statement_cannot_be_signed_as_a_manifest(tmp_path: Path) -> None:
    said = json.loads(statement(1, (2,), by=(1,)))
    said["signatures"] = json.loads(signatures(said["statement"].encode(), 1))["signatures"]
    with pytest.raises(Refused, match="manifest_signature"):
        trust(tmp_path).follow(json.dumps(said).encode())


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"\xff" * 100_000])
def test_a_damaged_statement_on_the_disk_widens_nothing(content: bytes, tmp_path: Path) -> None:
    trust(tmp_path).follow(statement(1, (2,), by=(1,)))
    (tmp_path / "trust/000001.json").write_bytes(content)
    assert trust(tmp_path).ring().keys == (name(1),)


def test_statements_that_cannot_be_read_leave_nobody_trusted(tmp_path: Path) -> None:
    (tmp_path / "trust").write_bytes(b"no folder")
    assert refusal(trust(tmp_path), signatures(MANIFEST, 1)) == "manifest_key_unknown"


def test_other_keys_in_the_settings_begin_anew(tmp_path: Path) -> None:
    trust(tmp_path).follow(statement(1, (2,), by=(1,)))
    assert trust(tmp_path, 7).ring().keys == (name(7),)
