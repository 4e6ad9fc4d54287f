"""From a file to a candidate, through the real store."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GatewayError, Refused
from gateway.models.bundle.install import install
from gateway.models.bundle.sealing import AesGcmSealer
from gateway.models.bundle.trust import Trust
from gateway.models.store.intake import Intake
from gateway.models.store.objects import Sealer
from gateway.models.store.shelf import Shelf
from gateway.models.store.store import ModelStore
from tests.models.releases import HERE, passes, release_card, variant
from tests.unit.models.bundle import publisher
from tests.unit.models.bundle.publisher import CREATED, name, statement, written


class Home:
    """A gateway whose settings trust the key of seed 1."""

    def __init__(self, folder: Path, sealer: Sealer | None = None) -> None:
        self.folder = folder
        self.trust = Trust([name(1)], folder / "models/trust")
        shelf = Shelf(folder / "models", self.trust, {}, sealer)
        self.store = ModelStore(shelf, Intake(shelf=shelf, here=HERE, try_out=passes))

    def install(self, serial: int, *seeds: int, now: Any = None, **changes: Any) -> str:
        data = publisher.manifest(card=release_card(serial), **changes)
        packed = publisher.bundle(*seeds, data=data, objects=(variant(serial),))
        return install(written(self.folder, packed), self.store, self.trust, now=now).digest

    def refusal(self, serial: int, *seeds: int, **changes: Any) -> str:
        with pytest.raises(GatewayError) as caught:
            self.install(serial, *seeds, **changes)
        return caught.value.key


def test_the_first_serves_and_the_next_waits(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first, second = home.install(1), home.install(2)
    assert home.store.slots("tiny").filled == {"active": first, "candidate": second}
    with home.store.file(release_card(2).main) as path:
        assert path.read_bytes() == variant(2)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"boards": ("Raspberry Pi 4",)}, "model_other_board"),
        ({"min_gateway": "99.0"}, "model_gateway_old"),
        ({"expires": CREATED, "now": CREATED + timedelta(days=1)}, "model_expired"),
    ],
)
def test_a_bundle_for_somewhere_else_is_refused(changes: dict[str, Any], key: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = home.install(1)
    assert home.refusal(2, **changes) == key
    assert home.store.slots("tiny").filled == {"active": first}


def test_without_a_clock_to_believe_nothing_expires(tmp_path: Path) -> None:
    assert Home(tmp_path).install(1, expires=CREATED)


def test_what_is_in_use_never_expires(tmp_path: Path) -> None:
    first = Home(tmp_path).install(1, expires=CREATED + timedelta(days=1), now=CREATED)
    home = Home(tmp_path)
    assert home.store.boot() == ()
    assert home.store.slots("tiny").active == first


def test_an_older_one_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.install(2)
    assert home.refusal(1) == "model_serial_low"


def test_a_stranger_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.refusal(1, 2) == "manifest_key_unknown"
    assert not (tmp_path / "models").exists()


def test_models_outlive_the_key_that_signed_them(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = home.install(1)
    home.trust.follow(statement(1, (2,), by=(1,)))
    assert home.refusal(2, 1) == "manifest_key_unknown"
    assert Home(tmp_path).store.boot() == ()
    assert Home(tmp_path).store.slots("tiny").active == first
    assert home.install(2, 2)


def test_models_of_a_key_that_leaked_are_used_no_more(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.install(1)
    home.trust.follow(statement(1, (2,), by=(1,), revoked=(1,)))
    (found,) = home.store.boot()
    assert (found.slot, found.key) == ("active", "manifest_key_revoked")
    assert home.store.active("tiny") is None


def test_nothing_of_a_sealed_model_lies_open_on_the_disk(tmp_path: Path) -> None:
    home = Home(tmp_path, AesGcmSealer(bytes(32)))
    home.install(1)
    (tmp_path / "tiny.hgmodel").unlink()
    with home.store.file(release_card(1).main) as path:
        assert path.read_bytes() == variant(1)
        held = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(variant(1)[100:150] in data for data in held)


def test_without_its_key_a_sealed_model_stays_but_is_not_used(tmp_path: Path) -> None:
    digest = Home(tmp_path, AesGcmSealer(bytes(32))).install(1)
    for other in (None, AesGcmSealer(bytes(31) + b"x")):
        home = Home(tmp_path, other)
        (found,) = home.store.boot()
        assert (found.key, found.outcome) == ("model_sealed", "kept")
        with pytest.raises(Refused, match="model_sealed"), home.store.file(release_card(1).main):
            pass
        assert home.store.slots("tiny").active == digest
