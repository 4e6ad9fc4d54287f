"""What a start makes of releases that are damaged, unsigned, outdated, or cannot be read for now."""

from pathlib import Path

import pytest

from gateway.errors import GatewayError, Refused
from gateway.models.store.boot import BootFinding
from gateway.models.store.slots import Slots
from gateway.models.store.store import ModelStore
from tests.models.releases import FakeTrust, make_store, release_card, take_in, variant

PACKAGED = {"tiny": release_card(1)}


def told(findings: tuple[BootFinding, ...]) -> list[tuple[str, str, str]]:
    return [(one.slot, one.key, one.outcome) for one in findings]


def serving(store: ModelStore) -> int | None:
    active = store.active("tiny")
    return None if active is None else active.card.serial


def served_twice(folder: Path) -> tuple[ModelStore, list[str]]:
    """Serial 3 is active, 2 previous, 4 the candidate; 1 is packaged."""
    store = make_store(folder, packaged=PACKAGED)
    digests = []
    for serial in (2, 3, 4):
        digests.append(take_in(store, serial))
        if serial < 4:
            store.promote("tiny")
    return store, digests


def rot(folder: Path, serial: int) -> None:
    (folder / "objects" / release_card(serial).sha256).write_bytes(variant(serial)[:-1] + b"\xff")


def test_a_sound_store_has_nothing_to_tell(tmp_path: Path) -> None:
    store, _ = served_twice(tmp_path)
    before = store.slots("tiny")
    assert store.boot() == ()
    assert (store.slots("tiny"), serving(store)) == (before, 3)


def test_an_empty_folder_has_nothing_to_tell(tmp_path: Path) -> None:
    assert make_store(tmp_path / "none", packaged=PACKAGED).boot() == ()


@pytest.mark.parametrize(
    ("damaged", "findings", "serial"),
    [
        ((4,), [("candidate", "model_hash", "dropped")], 3),
        ((2,), [("previous", "model_hash", "dropped")], 3),
        ((3,), [("active", "model_hash", "previous")], 2),
        ((3, 2), [("active", "model_hash", "packaged"), ("previous", "model_hash", "dropped")], None),
    ],
)
def test_damage_is_told_and_what_is_sound_serves(
    damaged: tuple[int, ...], findings: list[tuple[str, str, str]], serial: int | None, tmp_path: Path
) -> None:
    store, _ = served_twice(tmp_path)
    for one in damaged:
        rot(tmp_path, one)
    assert told(store.boot()) == findings
    assert serving(store) == serial
    assert not any((tmp_path / "objects" / release_card(one).sha256).exists() for one in damaged)
    assert store.boot() == ()


def test_what_was_damaged_while_it_served_may_come_back_and_no_other_of_its_serial(tmp_path: Path) -> None:
    store, digests = served_twice(tmp_path)
    store.reject("tiny")
    rot(tmp_path, 3)
    store.boot()
    with pytest.raises(Refused, match="model_serial_low"):
        take_in(store, 3, licence="another one")
    assert take_in(store, 3) == digests[1]
    store.promote("tiny")
    assert serving(store) == 3
    store.rollback("tiny")
    with pytest.raises(Refused, match="model_serial_low"):
        take_in(store, 3)


@pytest.mark.parametrize("kind", [".json", ".sig"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 1000, bytes(1 << 20)])
def test_a_damaged_manifest_is_as_bad_as_a_damaged_file(kind: str, content: bytes, tmp_path: Path) -> None:
    store, digests = served_twice(tmp_path)
    (tmp_path / "manifests" / f"{digests[1]}{kind}").write_bytes(content)
    ((slot, key, outcome),) = told(store.boot())
    assert (slot, outcome, serving(store)) == ("active", "previous", 2)
    assert key in {"manifest_damaged", "manifest_signature", "manifest_too_large"}


def test_another_models_manifest_does_not_pass(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    take_in(store, 1)
    take_in(store, 2, id="other")
    slots = tmp_path / "slots"
    (slots / "tiny.json").write_bytes((slots / "other.json").read_bytes())
    assert told(store.boot()) == [("active", "manifest_other_model", "nothing")]
    assert serving(store) is None


def test_where_no_other_is_left_the_candidate_serves(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    take_in(store, 1)
    candidate = take_in(store, 2)
    rot(tmp_path, 1)
    assert told(store.boot()) == [("active", "model_hash", "candidate")]
    slots = store.slots("tiny")
    assert (slots.active, slots.candidate, slots.floor) == (candidate, None, 2)


def test_a_home_whose_keys_are_not_there_keeps_its_releases(tmp_path: Path) -> None:
    trust = FakeTrust()
    store = make_store(tmp_path, packaged=PACKAGED, trust=trust)
    take_in(store, 2)
    store.promote("tiny")
    before = store.slots("tiny")
    trust.lost = True
    assert told(store.boot()) == [("active", "manifest_key_unknown", "kept")]
    assert store.slots("tiny") == before
    with pytest.raises(Refused):
        store.active("tiny")
    trust.lost = False
    assert store.boot() == ()
    assert serving(store) == 2


def test_a_successor_comes_in_although_the_active_one_cannot_be_checked(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    digest = take_in(store, 1)
    (tmp_path / "manifests" / f"{digest}.sig").write_bytes(b"")
    take_in(store, 2)
    store.promote("tiny")
    assert serving(store) == 2


def test_a_newer_packaged_model_takes_over(tmp_path: Path) -> None:
    served_twice(tmp_path)
    store = make_store(tmp_path, packaged={"tiny": release_card(5)})
    assert {finding[1:] for finding in told(store.boot())} == {("model_superseded", "packaged")}
    assert store.slots("tiny").filled == {}
    assert store.slots("tiny").floor == 5
    assert list((tmp_path / "objects").iterdir()) == []


def test_a_release_of_a_signed_rollback_is_not_superseded_by_what_it_went_below(tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged={"tiny": release_card(5)})
    take_in(store, 3, rollback=True)
    store.promote("tiny")
    assert store.boot() == ()
    assert serving(store) == 3


@pytest.mark.parametrize("content", [b"", b"{", b'{"active": "../../etc/passwd"}', bytes(1 << 20), b"[" * 4000])
def test_a_damaged_slots_file_is_written_anew_from_what_is_sound(content: bytes, tmp_path: Path) -> None:
    store = make_store(tmp_path)
    for serial in (1, 2):
        take_in(store, serial)
    store.promote("tiny")
    (tmp_path / "slots" / "tiny.json").write_bytes(content)
    assert store.collect() == 0
    assert told(store.boot()) == [("slots", "model_slots_damaged", "candidate")]
    assert serving(store) == 2
    assert store.slots("tiny").floor == 2


def test_a_damaged_slots_file_of_a_packaged_model_gives_way_to_it(tmp_path: Path) -> None:
    store, _ = served_twice(tmp_path)
    (tmp_path / "slots" / "tiny.json").write_bytes(b"\0" * 200)
    assert told(store.boot()) == [("slots", "model_slots_damaged", "packaged")]
    assert store.slots("tiny") == Slots(floor=4, newest=store.slots("tiny").newest)


def test_what_an_interruption_left_is_removed(tmp_path: Path) -> None:
    store, _ = served_twice(tmp_path)
    for name in ("objects/.half", f"objects/{'0' * 64}", "manifests/.half", f"manifests/{'0' * 64}.sig", "slots/.x"):
        (tmp_path / name).write_bytes(b"half")
    assert store.boot() == ()
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.read_bytes() == b"half"]


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(GatewayError) as caught:
        make_store(tmp_path / "models").boot()
    assert caught.value.key == "model_unwritable"
