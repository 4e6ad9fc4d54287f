"""Campaigns over either database, as homes hear of them."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import Invalid, Refused
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import ImageTarget, Progress, Rejected, Reported, dump
from services.hub.campaigns.plan import plan_of, wish_for
from services.hub.campaigns.rows import State
from services.hub.campaigns.standing import Standing
from services.hub.registry.images import About
from services.hub.store.hub import HubStore
from tests.services.hub.campaigns.town import Town, image, settings
from tests.services.hub.registry.shop import chunks, registry_of
from tests.services.hub.registry.shop import image as image_bundle


@pytest.fixture
async def town(store: HubStore) -> Town:
    return Town(store)


async def test_only_the_homes_own_word_counts_as_success(town: Town) -> None:
    await town.settle("home1")
    number = await town.campaigns.begin(image(), by="ada")
    await town.tick()
    offer = town.offer("home1")
    assert offer is not None
    assert (offer.campaign, offer.rollback, offer.target.what) == (number, False, "image")
    for word, standing in (
        (UpdateState.DOWNLOADING, Standing.BEGUN),
        (UpdateState.TRYING, Standing.BEGUN),
        (UpdateState.CONFIRMED, Standing.CONFIRMED),
        (UpdateState.DOWNLOADING, Standing.CONFIRMED),
    ):
        await town.say("home1", number, word)
        assert await town.standing(number, "home1") is standing
    await town.tick()
    assert town.offers() == {}


async def test_those_meant_are_those_with_the_labels_also_if_they_come_later(town: Town) -> None:
    await town.settle("home1", labels={"ring": "canary"})
    await town.settle("home2")
    number = await town.campaigns.begin(image(labels={"ring": "canary"}), by="ada")
    await town.tick()
    assert town.offers() == {"home1": number}
    await town.store.label("home2", {"ring": "canary"})
    for _ in range(30):
        await town.tick()
    assert town.offers() == {"home1": number, "home2": number}


async def test_a_wave_waits_for_the_one_before(town: Town) -> None:
    homes = [f"home{number}" for number in range(9)]
    await town.settle(*homes)
    pace = {"first": 2, "growth": 2, "per_minute": 1000, "most_per_minute": 1000}
    number = await town.campaigns.begin(image(pace=pace, go_on=1.0), by="ada")
    await town.tick()
    first = set(town.offers())
    assert len(first) == 2
    await town.say(first.pop(), number, UpdateState.CONFIRMED)
    await town.tick()
    assert len(town.offers()) == 1
    await town.say(first.pop(), number, UpdateState.CONFIRMED)
    await town.tick()
    assert len(town.offers()) == 4


async def test_too_many_failures_stop_it_and_send_back_whoever_may_have_it(town: Town) -> None:
    await town.settle("home1", "home2", "home3", "home4", "home5")
    number = await town.campaigns.begin(image(stop=0.5, stop_least=2), by="ada")
    await town.tick()
    await town.say("home1", number, UpdateState.CONFIRMED)
    await town.say("home2", number, UpdateState.DOWNLOADING)
    await town.say("home3", number, UpdateState.ROLLED_BACK, "watchdog")
    await town.say("home4", number, UpdateState.FAILED, "image_invalid")
    await town.tick()
    campaign, counts = await town.campaigns.campaign(number)
    assert (campaign.state, campaign.why, campaign.recall) == (State.STOPPED, "failures", True)
    assert counts == {Standing.RECALLING: 3, Standing.ROLLED_BACK: 1, Standing.FAILED: 1}
    for home in ("home1", "home2", "home5"):
        offer = town.offer(home)
        assert offer is not None
        assert offer.rollback
    assert town.offer("home3") is None
    await town.say("home1", number, UpdateState.ROLLED_BACK)
    await town.say("home2", number, UpdateState.FAILED, "no_slot")
    await town.tick()
    assert town.offers() == {"home5": number}
    assert (await town.standing(number, "home1"), await town.standing(number, "home2")) == (
        Standing.RECALLED,
        Standing.UNRECALLED,
    )


async def test_a_home_away_for_a_month_gets_the_newest_alone(town: Town) -> None:
    await town.settle("home1", "home2", "away")
    first = await town.campaigns.begin(image("1.0.0"), by="ada")
    await town.tick()
    await town.online("away", yes=False)
    await town.tick(601)  # it lies too long
    assert "away" not in town.offers()
    await town.campaigns.stop(first, recall=True, by="ada")
    second = await town.campaigns.begin(image("2.0.0"), by="ada")
    await town.tick()
    third = await town.campaigns.begin(image("3.0.0"), by="ada")
    await town.tick()
    assert "away" not in town.offers()
    await town.online("away", yes=False)
    town.now += timedelta(days=30)
    await town.tick()
    await town.online("away")
    await town.tick()
    offer = town.offer("away")
    assert offer is not None
    assert (offer.campaign, offer.rollback) == (third, False)
    assert await town.standing(first, "away") is Standing.WITHDRAWN
    assert await town.standing(second, "away") is Standing.WITHDRAWN


async def test_a_newer_one_takes_over_in_the_middle(town: Town) -> None:
    await town.settle("home1")
    first = await town.campaigns.begin(image("1.0.0"), by="ada")
    await town.tick()
    await town.say("home1", first, UpdateState.INSTALLED)
    second = await town.campaigns.begin(image("2.0.0"), by="ada")
    await town.tick()
    assert town.offers() == {"home1": second}
    assert await town.standing(first, "home1") is Standing.SUPERSEDED
    await town.say("home1", first, UpdateState.CONFIRMED)
    assert await town.standing(first, "home1") is Standing.SUPERSEDED


async def test_lanes_do_not_disturb_each_other(town: Town) -> None:
    await town.settle("home1")
    first = await town.campaigns.begin(image(), by="ada")
    second = await town.campaigns.begin(settings({"climate": {"enabled": True}}), by="ada")
    await town.tick()
    assert town.offers() == {"home1": second}
    await town.say("home1", second, UpdateState.TRYING)
    await town.tick()
    assert town.offers() == {"home1": first}
    await town.say("home1", first, UpdateState.DOWNLOADING)
    await town.tick()
    assert town.offers() == {"home1": second}, "the newest it is in the middle of, should it lose its disk"


async def test_who_says_nothing_more_has_failed(town: Town) -> None:
    await town.settle("home1")
    number = await town.campaigns.begin(image(timeout_s=3600, stop_least=2), by="ada")
    await town.tick()
    await town.say("home1", number, UpdateState.DOWNLOADING)
    await town.tick(3598)
    assert await town.standing(number, "home1") is Standing.BEGUN
    await town.tick(3)
    assert await town.standing(number, "home1") is Standing.TIMED_OUT
    await town.say("home1", number, UpdateState.CONFIRMED)
    assert await town.standing(number, "home1") is Standing.CONFIRMED


async def test_held_it_offers_nothing_and_then_goes_on(town: Town) -> None:
    await town.settle("home1")
    number = await town.campaigns.begin(image(), by="ada")
    await town.campaigns.pause(number, by="ada")
    await town.tick()
    assert town.offers() == {}
    await town.campaigns.resume(number, by="ada")
    await town.tick()
    assert town.offers() == {"home1": number}
    await town.campaigns.stop(number, recall=False, by="ada")
    await town.tick()
    assert town.offers() == {}
    with pytest.raises(Refused, match="campaign_stopped"):
        await town.campaigns.resume(number, by="ada")
    with pytest.raises(Refused, match="campaign_unknown"):
        await town.campaigns.pause(number + 1, by="ada")


async def test_settings_go_with_the_twin_and_come_back_with_it(town: Town) -> None:
    await town.settle("home1")
    await town.twins.wish("home1", {"climate": {"pause_s": 60}, "logging": {"level": "debug"}}, by="ada")
    number = await town.campaigns.begin(settings({"climate": {"pause_s": 90, "boost": True}}, stop_least=1), by="ada")
    await town.tick()
    wish, offer = town.wish("home1"), town.offer("home1")
    assert wish is not None
    assert offer is not None
    assert wish.patch == {"climate": {"pause_s": 90, "boost": True}, "logging": {"level": "debug"}}
    assert offer.target.what == "settings"
    assert offer.target.version == wish.version
    await town.twins.wish("home1", {"logging": {"level": "info"}}, by="ada")
    await town.say("home1", number, UpdateState.FAILED, "setting_invalid")
    await town.tick()
    after = town.wish("home1")
    assert after is not None
    assert after.patch == {"climate": {"pause_s": 60}, "logging": {"level": "info"}}
    assert after.version > wish.version


async def test_settings_offered_to_a_home_that_leaves_do_not_lie_in_wait(town: Town) -> None:
    await town.settle("home1")
    number = await town.campaigns.begin(settings({"climate": {"boost": True}}), by="ada")
    await town.tick()
    await town.online("home1", yes=False)
    await town.tick(601)
    wish = town.wish("home1")
    assert wish is not None
    assert wish.patch == {}
    await town.say("home1", number, UpdateState.CONFIRMED)  # of the version that was taken back
    assert await town.standing(number, "home1") is Standing.WAITING


async def test_a_hub_that_was_set_back_wishes_above_what_the_home_has_seen(town: Town) -> None:
    await town.settle("home1")
    await town.twins.wish("home1", {"climate": {"boost": True}}, by="ada")
    told = Reported(version=70, sources={}, settings={}, rejected=(Rejected(path="climate", key="setting_invalid"),))
    await town.twins.reported("home1", dump(told))
    await town.tick()
    wish = town.wish("home1")
    assert wish is not None
    assert (wish.version, wish.patch) == (71, {"climate": {"boost": True}})
    twin = await town.twins.twin("home1")
    assert (twin.reported, twin.reported_at) == (told, town.now - timedelta(seconds=2))


async def test_no_home_takes_away_the_versions_there_are_to_wish_with(town: Town) -> None:
    """A hub that could not count on would end, at every start."""
    await town.settle("home1")
    await town.twins.wish("home1", {"climate": {"boost": True}}, by="ada")
    with pytest.raises(Invalid, match="twin_version"):
        await town.twins.reported("home1", dump(Reported(version=2**53 - 1, sources={}, settings={})))
    await town.twins.reported("home1", dump(Reported(version=2**52, sources={}, settings={})))
    await town.twins.reported("home1", dump(Reported(version=2**52 + 1, sources={}, settings={})))
    await town.tick()
    wish = town.wish("home1")
    assert wish is not None
    assert (wish.version, wish.patch) == (2**52 + 1, {"climate": {"boost": True}})


@pytest.mark.parametrize("value", [float("nan"), "half a pair: \ud800", {"text": "\0"}])
async def test_what_no_home_could_read_is_not_wished(town: Town, value: object) -> None:
    await town.settle("home1")
    for wish in (town.twins.wish, town.twins.replace):
        with pytest.raises(Invalid, match="wish_invalid"):
            await wish("home1", {"climate": value}, by="ada")
    assert (await town.twins.twin("home1")).version == 0


async def test_what_a_stranger_says_changes_nothing(town: Town) -> None:
    await town.settle("home1", "home2")
    number = await town.campaigns.begin(image(), by="ada")
    await town.tick()
    word = Progress(campaign=number, gateway="home1", state=UpdateState.CONFIRMED)
    with pytest.raises(Invalid, match="other_home"):
        await town.campaigns.progress("home2", dump(word))
    with pytest.raises(Invalid, match="message_invalid"):
        await town.campaigns.progress("home1", b'{"campaign": true}')
    with pytest.raises(Invalid, match="unknown_gateway"):
        await town.campaigns.progress("home9", dump(word.model_copy(update={"gateway": "home9"})))
    await town.store.revoke("home2", town.now)
    with pytest.raises(Invalid, match="unknown_gateway"):
        await town.twins.reported("home2", dump(Reported(version=1, sources={}, settings={})))
    await town.say("home1", 999, UpdateState.CONFIRMED)
    assert await town.standings(number) == {"home1": Standing.OFFERED, "home2": Standing.OFFERED}


async def test_a_new_leader_lays_everything_ready_again(town: Town) -> None:
    await town.settle("home1", "home2")
    number = await town.campaigns.begin(image(), by="ada")
    await town.tick()
    await town.say("home2", number, UpdateState.CONFIRMED)
    before, town.retained = town.retained, {}
    town.leader = town.new_leader()
    await town.tick()
    assert town.offers() == {"home1": number}
    assert town.retained["gw/v1/home2/campaign/offer"] == b""
    assert town.retained["gw/v1/home1/campaign/offer"] == before["gw/v1/home1/campaign/offer"]


async def test_a_bundle_must_be_there(town: Town) -> None:
    wish = {"what": "model", "model": "porch", "sha256": "2" * 64, "serial": 3}
    with pytest.raises(Refused, match="bundle_unknown"):
        await town.campaigns.begin(image().model_validate({"wish": wish}), by="ada")


@pytest.mark.parametrize("again", [True, False], ids=["killed", "stopped clock"])
async def test_a_hub_that_was_away_blames_no_home_for_it(town: Town, again: bool) -> None:
    await town.settle("home1", "home2")
    number = await town.campaigns.begin(image(timeout_s=86400, stop_least=2), by="ada")
    await town.tick()
    await town.say("home1", number, UpdateState.TRYING)
    await town.tick(3600)
    if again:
        town.leader = town.new_leader()
    town.now += timedelta(days=9)
    await town.tick()
    assert await town.standing(number, "home1") is Standing.BEGUN
    await town.tick(86400 - 3600 - 400)
    assert await town.standing(number, "home1") is Standing.BEGUN
    await town.tick(800)
    assert await town.standing(number, "home1") is Standing.TIMED_OUT


async def test_an_image_of_the_registry_comes_from_the_hub_itself(town: Town, tmp_path: Path) -> None:
    registry = registry_of(town.store, tmp_path)
    one = await registry.add_image(chunks(image_bundle()), About(board="rpi", version="1.3.0"), by="ada")
    other = plan_of({"wish": {**wish_for(one), "version": "1.2.0"}})
    with pytest.raises(Refused, match="bundle_other"):
        await town.campaigns.begin(other, by="ada")
    await town.settle("home1")
    number = await town.campaigns.begin(plan_of({"wish": wish_for(one)}), by="ada")
    await town.tick()
    offer = town.offer("home1")
    assert offer is not None
    assert isinstance(offer.target, ImageTarget)
    assert offer.target.url == f"https://hub.example.org/home1/{one.sha256}.raucb"
    assert (offer.target.sha256, offer.target.version) == (one.sha256, "1.3.0")
    await registry.remove(one.sha256, by="ada")
    await town.tick()
    assert (await town.campaigns.campaign(number))[0].why == "bundle_removed"
    assert town.offer("home1") is None
