"""Tens of thousands of damaged cards, manifests, slots and models: refused with a key, and never a crash.

HEARTHGATE_FUZZ says how many of each; 10,000 where it does not.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.errors import GatewayError, Refused
from gateway.models.litert import LiteRtBackend
from gateway.models.store.memory import in_memory
from gateway.models.store.release import Release
from gateway.models.tflite import custom_operators
from gateway.wire.model_card import ModelCard
from tests.models.mutate import ROUNDS, mutations
from tests.models.releases import FakeTrust, make_store, manifest, release_card, take_in, variant
from tests.models.tiny import card, tiny_model

pytestmark = pytest.mark.timeout(max(180, ROUNDS / 20))

WHOLE = release_card(
    2,
    tpu={"file": {"name": "tiny_edgetpu.tflite", "sha256": "1" * 64, "bytes": 10}},
    labels={"name": "labels.txt", "sha256": "2" * 64, "bytes": 10},
    thresholds={"sure": 0.5},
    comparable=["3" * 64],
)


def refusal(call: Callable[[], object]) -> str:
    """The key it is refused with; empty where it is not. Any other exception is a crash."""
    try:
        call()
    except GatewayError as error:
        return error.key
    return ""


def test_a_damaged_card_is_refused_or_a_card_whose_names_lead_nowhere() -> None:
    taken = 0
    for data in mutations(WHOLE.model_dump_json().encode(), ROUNDS, seed=1):
        try:
            shown = ModelCard.model_validate_json(data)
        except ValidationError:
            continue
        taken += 1
        assert not any("/" in file.name or file.name.startswith(".") for file in shown.files())
        assert "/" not in shown.id
    assert 0 < taken < ROUNDS / 2


def test_a_damaged_manifest_is_refused_and_what_serves_is_untouched(tmp_path: Path) -> None:
    """Whoever vouches here does not look at signatures, so that what lies behind them is reached."""
    store = make_store(tmp_path, trust=FakeTrust(credulous=True))
    active = take_in(store, 1)
    taken = 0
    for number, data in enumerate(mutations(manifest(release_card(2)), ROUNDS, seed=2)):
        keys = {refusal(partial(store._intake.check, data, b"", None))}
        if number % 20 == 0:  # coming in all the way costs the disk too much to do it each time
            given = {release_card(2).sha256: variant(2)}
            keys.add(refusal(partial(store.take_in, data, b"", given, now=None)))
        assert all(key.startswith(("manifest_", "model_")) or not key for key in keys)
        taken += "" in keys
    assert 0 < taken < ROUNDS / 2
    assert store.slots("tiny").active == active
    with store.file(release_card(1).main) as path:
        assert path.read_bytes() == variant(1)


def test_a_manifest_that_was_damaged_on_the_disk_is_never_used(tmp_path: Path) -> None:
    store = make_store(tmp_path, trust=FakeTrust(credulous=True))
    digest = take_in(store, 1)
    for data in mutations(manifest(release_card(1)), ROUNDS // 10, seed=3):
        (tmp_path / "manifests" / f"{digest}.json").write_bytes(data)
        with pytest.raises(GatewayError) as caught:
            store.active("tiny")
        assert caught.value.key in {"manifest_damaged", "manifest_too_large"}


def test_damaged_slots_name_nothing_that_is_not_vouched_for(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    known = {take_in(store, 1), take_in(store, 2)}
    file = tmp_path / "slots" / "tiny.json"
    whole = file.read_bytes()
    for number, data in enumerate(mutations(whole, ROUNDS, seed=4)):
        file.write_bytes(data)
        for ask in (store.active, store.candidate):
            key = refusal(partial(_only, known, ask))
            assert key in {"", "model_slots_damaged", "model_missing"}
        if number % (ROUNDS // 50) == 0:
            store.boot()
            active = store.active("tiny")
            assert active is None or active.digest in known
            known |= {take_in(store, 1 + number), take_in(store, 2 + number)}
            whole = file.read_bytes()


def _only(known: set[str], ask: Callable[[str], Release | None]) -> None:
    release = ask("tiny")
    assert release is None or release.digest in known


def test_a_damaged_model_never_reaches_the_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    def reached() -> None:
        raise AssertionError("the runtime was reached")

    monkeypatch.setattr("gateway.models.litert.interpreter_class", reached)
    for data in mutations(tiny_model(), ROUNDS, seed=5):
        with in_memory(data, "tiny") as path, pytest.raises(Refused) as caught:
            LiteRtBackend().load(card(), path)
        assert caught.value.key == "model_hash"


def test_the_walk_through_a_damaged_model_stays_within_it() -> None:
    refused = 0
    for data in mutations(tiny_model(), ROUNDS, seed=6):
        key = refusal(partial(custom_operators, data))
        assert key in {"", "model_invalid"}
        refused += key != ""
    assert 0 < refused < ROUNDS


def test_no_two_damages_are_the_same_by_chance() -> None:
    found = {hashlib.sha256(data).digest() for data in mutations(tiny_model(), 500, seed=7)}
    assert len(found) > 400
