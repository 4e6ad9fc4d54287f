"""From candidate to kept, and every way out; each decision told once, with its numbers."""

import pytest

from gateway.errors import Refused, Transient
from gateway.models.rollout.evidence import Arm, Unusable
from gateway.models.rollout.verdict import Reading
from gateway.models.vectors import VectorReport
from gateway.store.rollouts import Told
from gateway.types import Kind, Level
from tests.unit.models.rollout.house import (
    INPUTS,
    MODEL,
    NO,
    QUICK,
    YES,
    House,
    MemoryVersions,
    mixed,
    pair,
    served,
    version,
)


def house(**plan: object) -> House:
    return House(MemoryVersions(version(1), version(2, QUICK.model_copy(update=plan))))


async def to_shadow(here: House) -> None:
    await here.tick()
    await here.tick()
    assert here.phase == "shadow"


async def to_canary(here: House) -> None:
    await to_shadow(here)
    await here.tick(*mixed(240))
    assert here.phase == "canary"


async def to_watch(here: House) -> None:
    await to_canary(here)
    await here.tick(*mixed(240), *[served() for _ in range(200)])
    assert here.phase == "watch"


async def test_a_good_candidate_goes_all_the_way_and_says_so_with_numbers() -> None:
    here = house()
    async with here.desk:
        await to_watch(here)
        assert here.versions.active(MODEL).digest == "d2"
        await here.tick(*mixed(100), seconds=3600)
        assert here.phase == "done"
    assert here.labels == ["candidate", "shadow", "canary", "promoted", "kept"]
    assert [event.id for event in here.table.events] == [event.id for event in here.told]
    assert {event.kind for event in here.told} == {Kind.MODEL_DECIDED}
    detail = here.told[2].detail
    assert detail is not None
    for number in ("240 of 200 compared", "0 of 240 failed", "0 of 240 sure ones disagreed", "p95 10", "no history"):
        assert number in detail
    assert (here.state().level, here.state().key) == (Level.OK, "serving")


async def test_each_phase_directs_who_answers_and_what_is_compared() -> None:
    here = house()
    async with here.desk:
        await to_shadow(here)
        route = here.desk.route(MODEL)
        assert route is not None
        assert (route.serving.digest, route.trial) == ("d1", None)
        assert here.comparer.compared == ("d1", "d2")
        assert here.desk.candidate(MODEL) == version(2)
        await here.tick(*mixed(240))
        route = here.desk.route(MODEL)
        assert route is not None
        assert route.trial is not None
        assert (route.trial.digest, route.salt, route.share) == ("d2", "r1", 1.0)
        await here.tick(*mixed(240), *[served() for _ in range(200)])
        route = here.desk.route(MODEL)
        assert route is not None
        assert (route.serving.digest, route.trial) == ("d2", None)
        assert here.desk.candidate(MODEL) is None
        assert here.comparer.compared == ("d1", "d2"), "the old one still tells what it would have said"
        assert here.comparer.asked == ["d2", "d2"], "golden answers are asked before and after"
        await here.tick(seconds=3600)
        assert here.comparer.compared is None


BROKEN, DEAD = Reading(broken=True), Reading(saturated=True)
BAD_PAIRS = {
    "errors": [pair(error="model_failed", candidate=None)],
    "nan": [pair(candidate=BROKEN)],
    "saturation": [*mixed(100), *[pair(candidate=DEAD, same=True) for _ in range(10)]],
    "agreement": [pair(YES, NO if number % 3 == 0 else YES, same=number % 3 != 0) for number in range(120)],
    "latency": mixed(120, candidate_s=0.014),
    "histogram": [pair(YES, Reading(positive=True, score=0.65, label=1), same=True) for _ in range(120)],
}


@pytest.mark.parametrize("gate", BAD_PAIRS)
async def test_a_bad_candidate_is_refused_by_its_own_gate(gate: str) -> None:
    here = house()
    async with here.desk:
        await to_shadow(here)
        await here.tick(*BAD_PAIRS[gate])
        assert here.phase == "refused"
    assert here.versions.switched == ["reject"]
    assert here.told[-1].detail is not None
    assert here.told[-1].detail.startswith(f"version 2: {gate}: ")
    assert here.state().key == "refused"


async def test_what_does_not_fit_is_refused_before_it_answers_anything() -> None:
    other = version(2, decoder="forecast")
    here = House(MemoryVersions(version(1), other))
    async with here.desk:
        await here.tick()
        await here.tick()
    assert here.phase == "refused"
    assert "model_incompatible" in (here.told[-1].detail or "")


@pytest.mark.parametrize(
    ("report", "gate"),
    [(VectorReport(cases=3, worst_abs=9.0, cosine=0.1, holds=False), "golden"), (Refused("model_tensors"), "load")],
)
async def test_golden_answers_that_do_not_hold_here_refuse_it(report: VectorReport | Refused, gate: str) -> None:
    here = house()
    here.comparer.report = report
    async with here.desk:
        await here.tick()
        await here.tick()
    assert here.phase == "refused"
    assert f"version 2: {gate}: " in (here.told[-1].detail or "")


async def test_golden_answers_that_no_longer_hold_after_promotion_roll_back() -> None:
    here = house()
    async with here.desk:
        await to_canary(here)
        here.comparer.report = VectorReport(cases=3, worst_abs=9.0, cosine=0.1, holds=False)
        await here.tick(*mixed(240), *[served() for _ in range(200)])
        await here.tick()
    assert here.labels[-2:] == ["promoted", "rolled_back"]
    assert here.versions.active(MODEL).digest == "d1"


async def test_an_error_while_it_is_watched_rolls_back_and_nothing_else_is_tried_for_a_while() -> None:
    here = house()
    async with here.desk:
        await to_watch(here)
        await here.tick(served(Arm.ACTIVE, error="model_failed"))
        assert here.phase == "rolled_back"
        assert here.versions.active(MODEL).digest == "d1"
        here.versions.slots["candidate"] = version(3)
        await here.tick(seconds=3600)
        assert here.phase == "rolled_back"
        await here.tick(seconds=3601)
        await here.tick()
        assert here.labels[-2:] == ["candidate", "shadow"]


async def test_a_version_that_cannot_be_loaded_is_given_up() -> None:
    here = house()
    async with here.desk:
        await to_canary(here)
        await here.tick(Unusable(model=MODEL, digest="d7", key="model_hash"))
        assert here.phase == "canary", "it was not about this candidate"
        await here.tick(Unusable(model=MODEL, digest="d2", key="model_hash"))
    assert here.phase == "refused"
    assert "load: model_hash" in (here.told[-1].detail or "")


async def test_a_phase_without_its_samples_ends_in_refusal() -> None:
    here = house(timeout_hours=1)
    async with here.desk:
        await to_shadow(here)
        await here.tick(*mixed(50), seconds=3000)
        assert here.phase == "shadow"
        await here.tick(seconds=700)
    assert here.phase == "refused"
    assert "timeout" in (here.told[-1].detail or "")


async def test_golden_answers_that_never_come_end_in_refusal() -> None:
    here = house(timeout_hours=1)
    here.comparer.silent = True
    async with here.desk:
        await here.tick()
        await here.tick(seconds=3000)
        assert here.phase == "checking"
        await here.tick(seconds=700)
    assert here.phase == "refused"
    assert "timeout" in (here.told[-1].detail or "")


async def test_what_people_call_wrong_counts_where_the_candidate_answered() -> None:
    versions = MemoryVersions(
        version(1, role="motion"), version(2, QUICK.model_copy(update={"share": 0.5}), role="motion")
    )
    here = House(versions)
    async with here.desk:
        await to_canary(here)
        route = here.desk.route(MODEL)
        assert route is not None
        mine = [name for name in map(str, range(40)) if route.on_trial(name)]
        other = [name for name in map(str, range(40)) if not route.on_trial(name)]
        here.corrections.told = {other[0]: Told(events=9, wrong=9), mine[0]: Told(events=6, wrong=0)}
        await here.tick(seconds=60)
        await here.tick()
        assert here.phase == "canary"
        here.corrections.told[mine[1]] = Told(events=9, wrong=8)
        await here.tick(seconds=60)
        await here.tick()
    assert here.phase == "refused"
    assert "corrections" in (here.told[-1].detail or "")


async def test_a_candidate_waits_for_cooler_hours_and_is_not_asked_while_it_is_hot() -> None:
    here = house()
    here.temperature_c = 85.0
    async with here.desk:
        await here.tick()
        assert here.phase == "none"
        here.temperature_c = 60.0
        await to_shadow(here)
        here.desk.sample(MODEL, INPUTS)
        here.shed = 1
        here.desk.sample(MODEL, INPUTS)
        here.shed, here.temperature_c = 0, 85.0
        await here.tick(seconds=30)
        here.desk.sample(MODEL, INPUTS)
        assert here.comparer.offered == 1
        assert here.counters.get("rollout.skipped") == 2
        await here.tick(seconds=31)
    assert here.phase == "refused"
    assert "heat" in (here.told[-1].detail or "")


async def test_a_full_disk_postpones_a_decision_and_loses_none() -> None:
    here = house()
    async with here.desk:
        await to_shadow(here)
        here.table.fail = Transient("disk_full")
        await here.tick(*mixed(240))
        assert here.phase == "shadow"
        assert (here.state().level, here.state().key) == (Level.DEGRADED, "disk_full")
        here.table.fail = None
        await here.tick()
        assert here.phase == "canary"
        assert here.state().level is Level.OK
    assert here.labels == ["candidate", "shadow", "canary"]


async def test_a_candidate_that_the_store_refuses_to_promote_is_given_up() -> None:
    here = house()
    async with here.desk:
        await to_canary(here)
        here.versions.fail = Refused("model_hash")
        await here.tick(*mixed(240), *[served() for _ in range(200)])
        assert here.phase == "canary"
        here.versions.fail = None
        await here.tick()
    assert here.phase == "refused"
    assert "model_hash" in (here.told[-1].detail or "")


async def test_where_nothing_falls_into_the_share_comparisons_decide() -> None:
    here = house(share=0.0)
    async with here.desk:
        await to_canary(here)
        await here.tick(*mixed(240), *[served(Arm.ACTIVE) for _ in range(200)])
    assert here.phase == "watch"


async def test_a_newer_candidate_takes_the_place_of_one_under_way() -> None:
    here = house()
    async with here.desk:
        await to_shadow(here)
        here.versions.slots["candidate"] = version(3)
        await here.tick(seconds=5)
        await here.tick()
        await here.tick()
    assert here.labels == ["candidate", "shadow", "overtaken", "candidate", "shadow"]
    assert here.told[-1].detail == "version 3: golden answers asked: 3"


@pytest.mark.parametrize("watched_s", [1, 3600])
async def test_what_serves_no_more_without_a_verdict_is_told_and_may_come_again_at_once(watched_s: float) -> None:
    here = house()
    async with here.desk:
        await to_watch(here)
        await here.tick(*mixed(100), seconds=watched_s)
        here.versions.slots = {"active": version(1), "candidate": None, "previous": None}
        await here.tick(seconds=5)
        assert (here.phase, here.state().key) == ("overtaken", "overtaken")
        here.versions.slots["candidate"] = version(2)
        await here.tick(seconds=5)
        assert here.phase == "checking"
    assert here.labels[-3:] == ["kept" if watched_s == 3600 else "promoted", "overtaken", "candidate"]
