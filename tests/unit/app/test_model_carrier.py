"""A model that a hub offers comes in as any bundle does, and counts once its roll-out has ended well."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.app.model_carrier import ModelCarrier
from gateway.errors import Refused, Transient
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.record import Record
from gateway.uplink.campaign.carriers import Look, NotConcerned
from gateway.wire.model_manifest import RolloutPlan
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import ModelTarget
from tests.models.releases import release_card, variant
from tests.unit.models.bundle import publisher
from tests.unit.models.bundle.publisher import CREATED, written
from tests.unit.models.bundle.test_install import Home


class Site:
    """A home with version 1 of the model in service, a hub with version 2."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.first = self.home.install(1)
        data = publisher.manifest(card=release_card(2))
        self.file = written(folder, publisher.bundle(data=data, objects=(variant(2),)))
        self.record: Record | None = None
        self.refusal: Refused | None = None
        self.carrier = ModelCarrier(
            fetch=self.fetch,
            store=self.home.store,
            trust=self.home.trust,
            used=("tiny",),
            record=lambda _model: self.record,
            now=lambda: None,
        )

    @contextmanager
    def fetch(self, url: str) -> Generator[Path]:
        assert url == "https://hub.example/2"
        if self.refusal is not None:
            raise self.refusal
        yield self.file

    def target(self, *, model: str = "tiny", serial: int = 2) -> ModelTarget:
        sha256 = hashlib.sha256(self.file.read_bytes()).hexdigest()
        return ModelTarget(url="https://hub.example/2", sha256=sha256, model=model, serial=serial)

    @property
    def slots(self) -> dict[str, str]:
        return {str(slot): held for slot, held in self.home.store.slots("tiny").filled.items()}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


async def test_it_becomes_the_candidate_and_is_confirmed_after_its_watch(site: Site) -> None:
    target = site.target()
    mark = await site.carrier.begin(target, 1)
    assert site.slots == {"active": site.first, "candidate": mark}
    assert await site.carrier.begin(target, 1) == mark, "as after a crash"
    assert await site.carrier.look(target, mark) == Look(state=UpdateState.INSTALLED)
    record = Record(model="tiny", candidate=mark, version="2", incumbent=site.first, plan=RolloutPlan(), began=CREATED)
    for phase, state in (
        (Phase.SHADOW, UpdateState.TRYING),
        (Phase.WATCH, UpdateState.TRYING),
        (Phase.DONE, UpdateState.CONFIRMED),
        (Phase.REFUSED, UpdateState.FAILED),
        (Phase.ROLLED_BACK, UpdateState.ROLLED_BACK),
        (Phase.OVERTAKEN, UpdateState.FAILED),
    ):
        site.record = replace(record, phase=phase)
        assert (await site.carrier.look(target, mark)).state is state


async def test_a_candidate_that_is_gone_before_its_turn_has_failed(site: Site) -> None:
    mark = await site.carrier.begin(site.target(), 1)
    site.home.store.reject("tiny")
    assert await site.carrier.look(site.target(), mark) == Look(state=UpdateState.FAILED, key="model_overtaken")


@pytest.mark.parametrize("promoted", [True, False])
async def test_it_is_taken_back_wherever_it_is(site: Site, promoted: bool) -> None:
    target = site.target()
    await site.carrier.take_back(target, None)
    await site.carrier.begin(target, 1)
    if promoted:
        site.home.store.promote("tiny")
    assert await site.carrier.take_back(target, None)
    assert site.slots == {"active": site.first}


async def test_what_was_not_asked_for_does_not_come_in(site: Site) -> None:
    target = site.target()
    with pytest.raises(NotConcerned, match="model_unused"):
        await site.carrier.begin(site.target(model="porch"), 1)
    with pytest.raises(Refused, match="bundle_other"):
        await site.carrier.begin(site.target(serial=3), 1)
    site.file.write_bytes(site.file.read_bytes()[:-1])
    with pytest.raises(Refused, match="bundle_hash"):
        await site.carrier.begin(target, 1)
    assert site.slots == {"active": site.first}


async def test_a_link_that_has_expired_is_no_failure(site: Site) -> None:
    site.refusal = Refused("model_missing")
    with pytest.raises(Transient, match="link_refused"):
        await site.carrier.begin(site.target(), 1)
    site.refusal = Refused("bundle_too_large")
    with pytest.raises(Refused, match="bundle_too_large"):
        await site.carrier.begin(site.target(), 1)
