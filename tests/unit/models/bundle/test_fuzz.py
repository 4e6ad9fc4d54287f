"""Tens of thousands of damaged bundles, manifests, signatures, statements and sealed files: refused with a key.

HEARTHGATE_FUZZ says how many of each; 10,000 where it does not.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import Corrupt, GatewayError, Refused
from gateway.models.bundle.install import install
from gateway.models.bundle.sealing import AesGcmSealer
from gateway.models.bundle.signatures import Signatures
from gateway.models.bundle.trust import Trust
from gateway.models.store.intake import Intake
from gateway.models.store.shelf import Shelf
from gateway.models.store.store import ModelStore
from tests.models.mutate import ROUNDS, mutations
from tests.models.releases import passes, release_card, variant
from tests.unit.models.bundle import publisher
from tests.unit.models.bundle.publisher import name, signatures, statement, written

pytestmark = pytest.mark.timeout(max(180, ROUNDS / 20))

MANIFEST = publisher.manifest()
SIGNED = signatures(MANIFEST, 1)


def bundle(serial: int) -> bytes:
    return publisher.bundle(data=publisher.manifest(card=release_card(serial)), objects=(variant(serial),))


def test_a_damaged_bundle_changes_nothing(tmp_path: Path) -> None:
    trust = Trust([name(1)], tmp_path / "models/trust")
    shelf = Shelf(tmp_path / "models", trust, {}, None)
    store = ModelStore(shelf, Intake(shelf=shelf, try_out=passes))
    active = install(written(tmp_path, bundle(1)), store, trust, now=None).digest
    before = everything(tmp_path / "models")
    for data in mutations(bundle(2), ROUNDS, seed=11):
        with pytest.raises(GatewayError) as caught:
            install(written(tmp_path, data), store, trust, now=None)
        assert caught.value.key.startswith(("bundle_", "manifest_"))
    assert everything(tmp_path / "models") == before
    assert store.slots("tiny").filled == {"active": active}


def everything(folder: Path) -> dict[str, str]:
    """All files by the hashes of their content."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def key_of(call: Callable[..., object], *arguments: bytes) -> str | None:
    """Of its refusal; None where there is none."""
    try:
        call(*arguments)
    except Refused as error:
        return error.key
    return None


def test_a_damaged_manifest_is_never_read(tmp_path: Path) -> None:
    trust = Trust([name(1)], tmp_path)
    for data in mutations(MANIFEST, ROUNDS, seed=12):
        with pytest.raises(Refused, match=r"manifest_signature"):
            trust.check(data, SIGNED)


def test_a_manifest_that_was_damaged_before_it_was_signed_has_its_key(tmp_path: Path) -> None:
    trust = Trust([name(1)], tmp_path)
    keys = [key_of(trust.check, data, signatures(data, 1)) for data in mutations(MANIFEST, ROUNDS // 5, seed=13)]
    assert set(keys) == {"manifest_invalid", None}
    assert keys.count(None) < ROUNDS / 10


def test_damaged_signatures_hold_only_where_they_still_say_the_same(tmp_path: Path) -> None:
    trust, whole, taken = Trust([name(1)], tmp_path), Signatures.read(SIGNED), 0
    for data in mutations(SIGNED, ROUNDS, seed=14):
        key = key_of(trust.check, MANIFEST, data)
        assert (key or "manifest_").startswith("manifest_")
        if key is None:
            taken += 1
            assert whole.signatures[0] in Signatures.read(data).signatures
    assert taken < ROUNDS / 10


def test_a_damaged_statement_hands_over_to_nobody(tmp_path: Path) -> None:
    trust, taken = Trust([name(1)], tmp_path), 0
    for data in mutations(statement(1, (2,), by=(1,), revoked=(3,)), ROUNDS, seed=15):
        key = key_of(trust.follow, data)
        assert (key or "trust_").startswith(("manifest_", "trust_"))
        if key is None:
            taken += 1
            ring = trust.ring()
            assert (ring.keys, *ring.revoked, ring.number) == ((name(2),), name(3), 1)
            (tmp_path / "000001.json").unlink()
    assert taken < ROUNDS / 10


def test_a_damaged_sealed_file_never_opens() -> None:
    sealer = AesGcmSealer(bytes(32))
    for data in mutations(sealer.seal(bytes(300), "name"), ROUNDS, seed=16):
        with pytest.raises((Corrupt, Refused)) as caught:
            sealer.unseal(data, "name")
        assert caught.value.key in {"model_seal_broken", "model_sealed"}
