"""How releases come in, serve and go."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GatewayError, Refused
from gateway.models.store.admission import check_successor
from gateway.models.store.objects import Objects
from gateway.models.store.slots import Slots
from gateway.wire.model_card import CardFile, ModelCard
from tests.models.releases import (
    CREATED,
    FakeTrust,
    make_store,
    manifest,
    release_card,
    signed,
    take_in,
    variant,
)

PACKAGED = {"tiny": release_card(1)}


def failure(call: Any, *arguments: Any, **named: Any) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        call(*arguments, **named)
    return caught.value


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


def test_the_first_release_of_a_model_that_nobody_serves_is_active_at_once(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    digest = take_in(store, 1)
    active = store.active("tiny")
    assert active is not None
    assert (active.digest, active.card.serial, store.candidate("tiny")) == (digest, 1, None)
    with store.file(active.card.main) as path:
        assert path.read_bytes() == variant(1)


def test_a_release_of_a_served_model_is_a_candidate(tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged=PACKAGED)
    digest = take_in(store, 2)
    candidate = store.candidate("tiny")
    assert candidate is not None
    assert (candidate.digest, store.active("tiny"), store.models()) == (digest, None, ("tiny",))


def test_a_candidate_serves_when_it_is_promoted_and_can_be_taken_back(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    first, second = take_in(store, 1), take_in(store, 2)
    assert store.promote("tiny").digest == second
    assert store.slots("tiny") == Slots(active=second, previous=first, floor=2, newest=CREATED)
    back = store.rollback("tiny")
    assert back is not None
    assert back.digest == first
    assert store.slots("tiny") == Slots(active=first, floor=2, newest=CREATED)
    assert failure(store.rollback, "tiny").key == "model_no_previous"
    assert failure(take_in, store, 2).key == "model_serial_low"


def test_a_rollback_may_end_at_the_packaged_model(tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged=PACKAGED)
    take_in(store, 2)
    assert failure(store.rollback, "tiny").key == "model_no_previous"
    store.promote("tiny")
    assert store.rollback("tiny") is None
    assert store.active("tiny") is None


def test_a_rollback_past_a_damaged_release_ends_at_the_packaged_model(tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged=PACKAGED)
    for serial in (2, 3):
        take_in(store, serial)
        store.promote("tiny")
    (tmp_path / "objects" / release_card(2).sha256).write_bytes(b"rot")
    assert store.rollback("tiny") is None
    assert store.active("tiny") is None


def test_a_rejected_candidate_is_gone(tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged=PACKAGED)
    take_in(store, 2)
    store.reject("tiny")
    store.reject("tiny")
    assert store.candidate("tiny") is None
    assert failure(store.promote, "tiny").key == "model_no_candidate"
    assert store.collect() == 3
    assert names(tmp_path / "objects") == names(tmp_path / "manifests") == set()


def test_a_damaged_candidate_is_not_promoted(tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged=PACKAGED)
    before = take_in(store, 2)
    (tmp_path / "objects" / release_card(2).sha256).write_bytes(variant(9))
    assert failure(store.promote, "tiny").key == "model_hash"
    assert store.slots("tiny").candidate == before


def test_serials_only_grow(tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged={"tiny": release_card(5)})
    assert failure(take_in, store, 5).key == "model_serial_low"
    take_in(store, 7)
    store.promote("tiny")
    assert failure(take_in, store, 6).key == "model_serial_low"


def test_a_signed_rollback_may_go_down_but_not_be_played_back(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    take_in(store, 5)
    assert failure(take_in, store, 4, rollback=True, created=CREATED).key == "model_serial_low"
    take_in(store, 4, rollback=True, created=CREATED + timedelta(days=1))
    store.promote("tiny")
    take_in(store, 6, created=CREATED + timedelta(days=2))
    store.promote("tiny")
    assert failure(take_in, store, 3, rollback=True, created=CREATED + timedelta(days=1)).key == "model_serial_low"
    active = store.active("tiny")
    assert active is not None
    assert active.card.serial == 6


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("model_other_board", {"boards": ("x86_64", "Raspberry Pi 4")}),
        ("model_other_board", {"boards": ("Raspberry Pi 50", "Raspberry P")}),
        ("model_gateway_old", {"min_gateway": "0.4.10"}),
        ("manifest_invalid", {"min_gateway": "the newest"}),
        ("model_expired", {"expires": CREATED, "now": CREATED + timedelta(seconds=1)}),
        ("model_role", {"role": "pose"}),
        ("model_incompatible", {"decoder": "motion_grid"}),
        ("model_incompatible", {"preprocessing": {"colour": "luma"}}),
        ("model_incompatible", {"inputs": [{"name": "image", "shape": [1, 8, 8, 3], "dtype": "uint8"}]}),
        ("model_incompatible", {"outputs": [{"name": "scores", "shape": [1, 3], "dtype": "float32"}]}),
        ("model_incompatible", {"thresholds": {"other": 0.5}}),
    ],
)
def test_what_does_not_belong_here_is_refused(key: str, changes: dict[str, Any], tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged={"tiny": release_card(1, thresholds={"sure": 0.5})})
    error = failure(take_in, store, 2, **{"thresholds": {"sure": 0.6}, **changes})
    assert (type(error), error.key) == (Refused, key)
    assert store.slots("tiny") == Slots()


@pytest.mark.parametrize(
    "changes",
    [
        {"boards": ("aarch64",)},
        {"boards": ("Raspberry Pi 5",)},
        {"min_gateway": "0.4.2"},
        {"min_gateway": "0.4"},
        {"expires": CREATED, "now": CREATED},
        {"expires": CREATED, "now": None},
    ],
)
def test_what_belongs_here_is_taken(changes: dict[str, Any], tmp_path: Path) -> None:
    assert take_in(make_store(tmp_path), 2, **changes)


def test_an_embedding_has_to_be_comparable(tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged={"tiny": release_card(1, role="face_embedder")})
    assert failure(take_in, store, 2, role="face_embedder").key == "model_not_comparable"
    take_in(store, 2, role="face_embedder", comparable=[release_card(1).sha256])


def test_signatures_are_asked_for_when_coming_in_and_again_when_used(tmp_path: Path) -> None:
    trust = FakeTrust()
    store = make_store(tmp_path, trust=trust)
    shown = release_card()
    data = manifest(shown)
    error = failure(store.take_in, data, b"nobody", {shown.sha256: variant(1)}, now=None)
    assert error.key == "manifest_signature"
    digest = take_in(store, 1)
    trust.retired = True
    assert store.active("tiny")
    assert failure(take_in, store, 2).key == "manifest_key_unknown"
    (tmp_path / "manifests" / f"{digest}.sig").write_bytes(b"forged")
    assert failure(store.active, "tiny").key == "manifest_signature"


@pytest.mark.parametrize("content", [variant(2)[:-1], variant(2) + b"\0", variant(3), b"", bytes(len(variant(2)))])
def test_a_file_that_is_not_the_cards_is_refused(content: bytes, tmp_path: Path) -> None:
    store = make_store(tmp_path, packaged=PACKAGED)
    shown = release_card(2)
    data = manifest(shown)
    for given in (content, _file(tmp_path / "given", content), io.BytesIO(content)):
        error = failure(store.take_in, data, signed(data), {shown.sha256: given}, now=None)
        assert error.key == "model_hash"
    assert names(tmp_path / "objects") == names(tmp_path / "manifests") == set()
    assert store.slots("tiny") == Slots()


def _file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as stream:
        stream.truncate(500 << 20)
    store, shown = make_store(tmp_path / "models"), release_card()
    data = manifest(shown)
    hashed: list[int] = []
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: hashed.append(1))
    with huge.open("rb") as stream:
        for given in (huge, stream):
            error = failure(store.take_in, data, signed(data), {shown.sha256: given}, now=None)
            assert error.facts["expected_bytes"] == len(variant(1))
        assert stream.tell() <= 2 << 20
    assert not hashed


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    data = manifest(release_card())
    error = failure(make_store(tmp_path).take_in, data, signed(data), {}, now=None)
    assert (error.key, error.facts["files"]) == ("model_object_missing", "tiny.tflite")


def test_what_is_here_need_not_come_again_and_is_repaired(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    digest = take_in(store, 1)
    before = store.slots("tiny")
    file = tmp_path / "objects" / release_card().sha256
    file.write_bytes(b"rot")
    assert take_in(store, 1) == digest
    assert file.read_bytes() == variant(1)
    data = manifest(release_card())
    store.take_in(data, signed(data), {}, now=None)
    assert store.slots("tiny") == before


def test_a_full_disk_is_seen_before_anything_is_written(tmp_path: Path) -> None:
    store = make_store(tmp_path, free=1 << 20)
    error = failure(take_in, store, 1)
    assert (error.key, error.facts["free_bytes"]) == ("model_disk_full", 1 << 20)
    assert not (tmp_path / "objects").exists()


def test_a_candidate_that_fails_its_tryout_leaves_nothing(tmp_path: Path) -> None:
    def crashes(card: ModelCard, objects: Objects) -> None:
        assert objects.sound(card.main)
        raise Refused("model_crashes", model=card.id)

    store = make_store(tmp_path, packaged=PACKAGED, try_out=crashes)
    assert failure(take_in, store, 2).key == "model_crashes"
    assert names(tmp_path / "objects") == set()
    assert store.slots("tiny") == Slots()


def test_files_that_releases_share_stay_as_long_as_one_needs_them(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    labels = b"one\ntwo\nthree\n"
    shared = CardFile(name="labels.txt", sha256=hashlib.sha256(labels).hexdigest(), bytes=len(labels))
    for serial in (1, 2, 3):
        shown = release_card(serial, labels=shared)
        data = manifest(shown)
        store.take_in(data, signed(data), {shown.sha256: variant(serial), shared.sha256: labels}, now=None)
        if serial > 1:
            store.promote("tiny")
    store.collect()
    assert names(tmp_path / "objects") == {release_card(2).sha256, release_card(3).sha256, shared.sha256}


@pytest.mark.parametrize("model", ["../tiny", "/etc/passwd", "", ".", "a" * 65, "tiny\0", "Tiny"])
def test_a_name_that_is_no_id_leads_nowhere(model: str, tmp_path: Path) -> None:
    store = make_store(tmp_path)
    for call in (store.slots, store.active, store.promote, store.reject, store.rollback):
        assert failure(call, model).key == "model_unknown"


def test_a_retrained_model_may_store_its_answers_otherwise(tmp_path: Path) -> None:
    before = [{"name": "scores", "shape": [1, 3], "dtype": "int8", "scale": 0.5, "zero_point": 0}]
    after = [{"name": "scores", "shape": [1, 3], "dtype": "int8", "scale": 0.25, "zero_point": 7}]
    shown = release_card(2, outputs=after)
    check_successor(shown, release_card(1, outputs=before))
    changed = shown.model_copy(update={"inputs": shown.outputs})
    kept = release_card(1, outputs=before)
    with pytest.raises(Refused, match="inputs"):
        check_successor(changed, kept.model_copy(update={"inputs": kept.outputs}))


@pytest.mark.parametrize(("role", "key"), [("face_detector", "model_incompatible"), ("motion", None)])
def test_thresholds_that_are_read_once_stay(role: str, key: str | None) -> None:
    before = release_card(1, role=role, thresholds={"sure": 0.5})
    after = release_card(2, role=role, thresholds={"sure": 0.6})
    assert _refused(after, before) == key


def _refused(card: ModelCard, incumbent: ModelCard) -> str | None:
    try:
        check_successor(card, incumbent)
    except Refused as error:
        return error.key
    return None
