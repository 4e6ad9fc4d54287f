"""The folder of models: what is ready, how it gets there, what is refused."""

import errno
import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.errors import GatewayError, Refused
from gateway.models import dlib_resnet, golden, report
from gateway.models.bundle.sealing import AesGcmSealer
from gateway.models.fetch import Fetcher
from gateway.models.litert import LiteRtBackend
from gateway.models.packaged import WEIGHTS, state_of
from gateway.models.pipconfig import IndexSettings
from gateway.models.registry import FileState, ModelRegistry, default_folder, packaged_cards
from gateway.testing.backend import FakeBackend
from gateway.wire.model_card import ModelCard, Origin, Shipped
from tests.models.releases import FakeTrust, make_store, take_in, variant
from tests.models.tiny import card, origin, tiny_model, wheel
from tests.unit.models.conftest import Index

WHEEL = wheel({"tiny/tiny.tflite": tiny_model()})
NAME = "tiny_models-1.0-py3-none-any.whl"
TINY = card(origin=origin(WHEEL, tiny_model()))


def registry(tmp_path: Path, index: Index | None = None, *cards: ModelCard, **given: Any) -> ModelRegistry:
    settings = IndexSettings(urls=("http://127.0.0.1:9/",)) if index is None else index.settings
    known = {one.id: one for one in cards or (TINY,)}
    return ModelRegistry(
        tmp_path / "models", cards=known, fetcher=Fetcher(tmp_path / "cache", settings=settings), **given
    )


def put(models: ModelRegistry, data: bytes) -> None:
    """What lies where the file of the tiny model belongs."""
    models.path("tiny").parent.mkdir(parents=True, exist_ok=True)
    models.path("tiny").write_bytes(data)


def failure(call: Any, *arguments: Any) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        call(*arguments)
    return caught.value


def test_a_model_is_pulled_checked_and_readable_by_the_service(index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    models = registry(tmp_path, index)
    assert models.verify("tiny") is FileState.MISSING
    file = models.pull("tiny")
    assert file == models.path("tiny") == tmp_path / "models/objects" / TINY.sha256
    assert file.read_bytes() == tiny_model()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert models.verify("tiny") is FileState.READY
    assert list(file.parent.iterdir()) == [file]


def test_a_ready_model_is_not_fetched(tmp_path: Path) -> None:
    models = registry(tmp_path)
    put(models, tiny_model())
    assert models.pull("tiny") == models.path("tiny")


@pytest.mark.parametrize("data", [b"", tiny_model()[:-1], tiny_model() + b"\0", tiny_model()[:-1] + b"\7"])
def test_a_damaged_file_is_seen_and_replaced(data: bytes, index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    models = registry(tmp_path, index)
    put(models, data)
    assert models.verify("tiny") is FileState.DAMAGED
    models.pull("tiny")
    assert models.verify("tiny") is FileState.READY


def test_without_a_network_files_come_from_a_folder(tmp_path: Path) -> None:
    offline = tmp_path / "stick"
    offline.mkdir()
    (offline / "tiny.tflite").write_bytes(tiny_model())
    models = registry(tmp_path, offline=offline)
    assert models.pull("tiny").read_bytes() == tiny_model()


def test_a_damaged_file_in_that_folder_is_told_and_not_taken(tmp_path: Path) -> None:
    offline = tmp_path / "stick"
    offline.mkdir()
    (offline / "tiny.tflite").write_bytes(tiny_model()[:-1] + b"\7")
    models = registry(tmp_path, offline=offline)
    assert failure(models.pull, "tiny").key == "model_hash"
    assert models.verify("tiny") is FileState.MISSING


def test_a_build_that_is_not_what_the_card_says_takes_nobodys_place(index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    models = registry(tmp_path, index, TINY.model_copy(update={"sha256": "0" * 64}))
    put(models, b"the old one")
    assert failure(models.build, "tiny").key == "model_hash"
    assert models.path("tiny").read_bytes() == b"the old one"
    assert list((models.directory / "objects").iterdir()) == [models.path("tiny")]


@pytest.mark.parametrize(
    ("builder", "maker"), [("dlib_resnet", "build"), ("dlib_resnet_int8", "build_int8")], ids=["float32", "int8"]
)
def test_an_embedding_that_misses_its_golden_vectors_is_refused(
    builder: str, maker: str, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The assembled network answers zeros here; only its own vectors may be accepted."""
    index.offer("tiny-models", NAME, WHEEL)
    monkeypatch.setattr(dlib_resnet, maker, lambda data: data)
    specs = packaged_cards()["dlib_resnet_v1"]
    wanted = TINY.model_copy(update={"builder": builder, "inputs": specs.inputs, "outputs": specs.outputs})
    models = registry(tmp_path, index, wanted, backend=FakeBackend)
    error = failure(models.pull, "tiny")
    assert (type(error), error.key) == (Refused, "model_golden")
    assert models.verify("tiny") is FileState.MISSING


def test_answers_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    wanted = packaged_cards()["dlib_resnet_v1"]
    backend = FakeBackend(lambda _inputs: (np.full((1, 128), np.nan, np.float32),), check_file=False)
    assert failure(golden.accept, backend, wanted, tmp_path).key == "model_golden"


def test_a_folder_that_cannot_be_written_is_named(index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    (tmp_path / "models").write_text("in the way")
    error = failure(registry(tmp_path, index).pull, "tiny")
    assert (type(error), error.key) == (Refused, "model_unwritable")


def test_a_full_disk_keeps_the_old_file(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    models = registry(tmp_path, index)
    put(models, b"the old one")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert failure(models.build, "tiny").key == "model_disk_full"
    assert models.path("tiny").read_bytes() == b"the old one"


def test_an_optional_model_is_fetched_only_by_name(index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    models = registry(tmp_path, index, TINY.model_copy(update={"optional": True}))
    rows = report.pull(models)
    assert [row.state for row in rows] == ["missing"]
    assert report.all_ready(rows)
    assert [row.state for row in report.pull(models, "tiny")] == ["ready"]
    models.path("tiny").write_bytes(b"damaged")
    assert not report.all_ready(report.models(models))


def test_an_unknown_model_is_refused(tmp_path: Path) -> None:
    error = failure(registry(tmp_path).pull, "nobody")
    assert (error.key, error.status) == ("model_unknown", 404)


def test_the_packaged_cards_pin_everything() -> None:
    cards = packaged_cards()
    assert {"blazeface_full", "blazeface_short", "dlib_resnet_v1", "dlib_resnet_v1_int8"} <= set(cards)
    for one in cards.values():
        assert one.file == f"{one.id}.tflite"
        if isinstance(one.origin, Origin):
            assert one.builder != "copy" or one.sha256 == one.origin.member_sha256
        else:
            assert isinstance(one.origin, Shipped)
            assert [state_of(WEIGHTS / file.name, file) for file in one.files()] == ["ready"] * len([*one.files()])
    assert cards["dlib_resnet_v1_int8"].optional
    assert cards["dlib_resnet_v1"].thresholds == {
        "recognised": 0.943,
        "maybe": 0.929,
        "margin": 0.015,
        "enrol_min": 0.9,
    }
    assert cards["blazeface_full"].thresholds == {"candidate": 0.5, "enrol": 0.7}


@pytest.mark.parametrize(
    "change", [{"file": "../tiny.tflite"}, {"file": "/tiny"}, {"sha256": "AB"}, {"bytes": 0}, {"extra": 1}]
)
def test_a_card_that_could_do_harm_is_not_read(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        ModelCard.model_validate({**json.loads(TINY.model_dump_json()), **change})


def test_the_report_has_a_row_per_model(index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    other = TINY.model_copy(update={"id": "other", "file": "other.tflite"})
    models = registry(tmp_path, index, TINY, other)
    before = report.models(models)
    assert [(row.id, row.state) for row in before] == [("tiny", "missing"), ("other", "missing")]
    assert not report.all_ready(before)
    (row,) = report.pull(models, "tiny")
    assert (row.state, row.file, row.licence) == ("ready", str(models.path("tiny")), "CC0-1.0")
    after = report.pull(models)
    assert report.all_ready(after)
    assert report.all_ready(report.build(models, "other"))


def test_the_folder_of_ready_files_is_where_it_was_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HEARTHGATE_MODELS", raising=False)
    assert default_folder() is None
    monkeypatch.setenv("HEARTHGATE_MODELS", str(tmp_path))
    assert default_folder() == tmp_path


def test_a_file_of_an_earlier_version_is_used_and_then_linked(tmp_path: Path) -> None:
    models = registry(tmp_path)
    flat = tmp_path / "models/tiny.tflite"
    flat.parent.mkdir()
    flat.write_bytes(tiny_model())
    assert (models.path("tiny"), models.verify("tiny")) == (flat, FileState.READY)
    assert models.pull("tiny") == tmp_path / "models/objects" / TINY.sha256
    assert models.path("tiny").samefile(flat)


def test_a_damaged_file_of_an_earlier_version_is_left_alone_and_replaced(index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    models = registry(tmp_path, index)
    flat = tmp_path / "models/tiny.tflite"
    flat.parent.mkdir()
    flat.write_bytes(b"rot")
    assert models.verify("tiny") is FileState.DAMAGED
    models.pull("tiny")
    assert (models.verify("tiny"), flat.read_bytes()) == (FileState.READY, b"rot")


def test_a_release_stands_in_for_the_packaged_model(index: Index, tmp_path: Path) -> None:
    index.offer("tiny-models", NAME, WHEEL)
    store = make_store(tmp_path / "models", packaged={"tiny": TINY})
    models = registry(tmp_path, index, store=store)
    models.pull("tiny")
    take_in(store, 2)
    assert rows(models) == [("tiny", 1, "active", "ready"), ("tiny", 2, "candidate", "ready")]
    store.promote("tiny")
    take_in(store, 3)
    assert (models.card("tiny").serial, [card.serial for card in models.cards()]) == (2, [2])
    assert models.path("tiny").read_bytes() == variant(2)
    with models.file(models.card("tiny").main) as path:
        assert path.read_bytes() == variant(2)
    found = [("tiny", 2, "active", "ready"), ("tiny", 3, "candidate", "ready"), ("tiny", 1, "previous", "ready")]
    assert rows(models) == found
    assert {slot: whole["files"][0]["state"] for slot, whole in report.shown(models, "tiny").items()} == {
        "active": "ready",
        "candidate": "ready",
        "previous": "ready",
    }
    models.path("tiny").write_bytes(b"rot")
    assert rows(models)[0] == ("tiny", 2, "active", "damaged")
    assert models.pull("tiny").read_bytes() == tiny_model()


def test_a_release_that_nobody_vouches_for_gives_way_to_the_packaged_model(tmp_path: Path) -> None:
    trust = FakeTrust()
    store = make_store(tmp_path / "models", packaged={"tiny": TINY}, trust=trust)
    take_in(store, 2)
    store.promote("tiny")
    trust.lost = True
    assert registry(tmp_path, store=store).card("tiny").serial == 1


def test_a_model_of_a_bundle_is_not_made_here(tmp_path: Path) -> None:
    store = make_store(tmp_path / "models")
    take_in(store, 1, id="guest")
    models = registry(tmp_path, store=store)
    assert [card.id for card in models.cards()] == ["tiny", "guest"]
    assert failure(models.pull, "guest").key == failure(models.build, "guest").key == "model_not_built_here"


def test_a_sealed_release_needs_its_key(tmp_path: Path) -> None:
    """Also where a packaged file lies beside it under the same plain name."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/tiny.tflite").write_bytes(tiny_model())
    store = make_store(tmp_path / "models", sealer=AesGcmSealer(bytes(32)))
    take_in(store, 1, id="guest")
    models = registry(tmp_path, store=store)
    assert models.verify("guest") is FileState.READY
    backend = LiteRtBackend()
    with models.file(models.card("guest").main) as path:
        backend.load(models.card("guest"), path)
    backend.close()
    keyless = registry(tmp_path, store=make_store(tmp_path / "models"))
    assert keyless.verify("guest") is FileState.SEALED
    (row,) = report.models(keyless, "guest")
    (shown,) = report.shown(keyless, "guest")["active"]["files"]
    assert row.file == shown["path"]
    assert Path(row.file).is_file(), "people are told of a file that is there"


def rows(models: ModelRegistry) -> list[tuple[str, int, str, str]]:
    return [(row.id, row.serial, row.slot, row.state) for row in report.models(models)]


def test_a_release_that_shares_the_file_of_a_shipped_model_cannot_damage_that(tmp_path: Path) -> None:
    shipped = packaged_cards()["motion_check_v1"]
    copy = tmp_path / "models/objects" / shipped.sha256
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"damaged")
    models = registry(tmp_path, None, shipped)
    assert models.verify(shipped.id) is FileState.READY
    assert models.path(shipped.id) == WEIGHTS / shipped.file
