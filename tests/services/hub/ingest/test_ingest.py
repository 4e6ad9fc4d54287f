"""What a hub makes of messages, whatever carried them."""

import asyncio
import dataclasses
from pathlib import Path

import pytest

from gateway.errors import Invalid, Transient
from gateway.wire.uplink import Notice, load
from services.hub.ingest.ingest import Ingest
from services.hub.ingest.words import Answer, Arrival

from .made import HOUR, NOW, changed, counted, hello, ingest_of, kept, refused, sent, seqs, store_with, summary

TWO_MB = b'{"id":"' + b"x" * 2_000_000


async def test_summaries_of_many_homes_become_rows_and_a_receipt_each(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1", "home2") as store:
        arrivals = [sent(summary(n)) for n in (1, 2, 3, 5)]
        arrivals += [hello(), hello("home2"), sent(summary(1, "home2"), "home2")]
        outcome = await ingest_of(store).take(arrivals)
        assert set(outcome.keys) == {None}
        assert kept(outcome.answers) == [(1, 3), (5, 5)]
        assert kept(outcome.answers, "home2") == [(1, 1)]
        assert len(outcome.answers) == 2
        assert await seqs(store) == [1, 2, 3, 5]


async def test_what_comes_again_is_kept_once_and_confirmed_again(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        ingest = ingest_of(store)
        await ingest.take([hello(), sent(summary(1)), sent(summary(1))])
        outcome = await ingest.take([sent(summary(1)), sent(summary(2))])
        assert kept(outcome.answers) == [(1, 2)]
        assert await seqs(store) == [1, 2]


@pytest.mark.parametrize(
    ("arrival", "key", "told"),
    [
        (sent(TWO_MB), "payload_too_large", {}),
        (sent(b"\xff\xfe"), "payload_not_json", {}),
        (sent(b"[" * 100_000), "payload_not_json", {}),
        (sent(b"[]"), "envelope_invalid", {}),
        (sent(changed(summary(9), id="home1/presence/5-x")), "parcel_id", {}),
        (sent(changed(summary(9), specversion="2.0")), "envelope_invalid", {9: "envelope_invalid"}),
        (sent(changed(summary(9), type="dev.hearthgate.presence.v2")), "envelope_version", {9: "envelope_version"}),
        (sent(changed(summary(9), data={"kind": "presence", "who": "Ada"})), "summary_invalid", {9: "summary_invalid"}),
        (sent(changed(summary(9), data={"kind": "future", "hour": 0})), "summary_invalid", {9: "summary_invalid"}),
        (sent(summary(9), tail="s/energy"), "stream_wrong", {}),
        (sent(summary(9, "home2")), "other_home", {}),
        (sent(changed(summary(9), id="home2/presence/5-9", data={})), "envelope_invalid", {}),
        (sent(summary(9, "home2"), "home2", proven="home1"), "topic_foreign", {}),
        (sent(summary(9, epoch=6)), "wrong_epoch", {}),
        (sent(b"{}", tail="receipt"), "topic_unknown", {}),
        (sent(b"{}", tail="s/secrets"), "topic_unknown", {}),
        (sent(b"{}", tail="twin/reported"), "topic_unknown", {}),
        (sent(b"{}", tail="hello"), "message_invalid", {}),
        (sent(TWO_MB, tail="hello"), "payload_too_large", {}),
        (Arrival(topic="gw/v1/HOME1/hello", payload=b"{}", gateway="home1"), "topic_unknown", {}),
    ],
)
async def test_hostile_messages_change_nothing_and_are_counted(
    tmp_path: Path, arrival: Arrival, key: str, told: dict[int, str]
) -> None:
    async with store_with(tmp_path, "home1", "home2") as store:
        ingest = ingest_of(store)
        await ingest.take([hello(), hello("home2"), sent(summary(1))])
        outcome = await ingest.take([sent(summary(2)), arrival, sent(summary(3))])
        assert outcome.keys == (None, key, None)
        assert kept(outcome.answers) == [(2, 3)]
        assert refused(outcome.answers) == told
        assert (await seqs(store), await seqs(store, "home2")) == ([1, 2, 3], [])
        assert await counted(store) == {("home1", key): 1}


async def test_a_number_used_twice_for_different_things_is_refused(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        ingest = ingest_of(store)
        await ingest.take([hello(), sent(summary(1))])
        other = changed(summary(1), data={"kind": "presence", "hour": HOUR, "room": "hall", "minutes": 60})
        outcome = await ingest.take([sent(other)])
        assert outcome.keys == ("id_reused",)
        assert refused(outcome.answers) == {1: "id_reused"}


async def test_a_revoked_gateway_is_told_and_keeps_what_it_has(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        ingest = ingest_of(store)
        await ingest.take([hello()])
        await store.revoke("home1", NOW)
        outcome = await ingest.take([sent(summary(1))])
        assert outcome.keys == ("revoked",)
        assert [answer.topic for answer in outcome.answers] == ["gw/v1/home1/notice"]
        assert load(Notice, outcome.answers[0].payload) == Notice(key="revoked")


async def test_of_two_instances_the_later_one_is_not_had(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        ingest = ingest_of(store)
        await ingest.take([hello()])
        outcome = await ingest.take([hello(instance="cd", epoch=6), sent(summary(1, epoch=6))])
        assert outcome.keys == ("duplicate_id", "wrong_epoch")
        assert [answer.payload for answer in outcome.answers] == [b'{"key":"duplicate_id"}']
        assert (await ingest.take([sent(summary(1))])).keys == (None,)
        assert await counted(store) == {("home1", "duplicate_id"): 1, ("home1", "wrong_epoch"): 1}


async def test_hellos_of_one_gateway_keep_their_order(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1", "home2") as store:
        one, two = [hello(), hello(online=False), hello()], [hello("home2"), hello("home2", online=False)]
        outcome = await ingest_of(store).take([*one, *two])
        assert set(outcome.keys) == {None}
        homes = await store.homes()
        assert [(home.gateway, home.online) for home in homes] == [("home1", True), ("home2", False)]


async def test_a_gateway_newer_than_the_hub_learns_so(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        newer = changed(hello().payload, wire=2, colour="blue")
        outcome = await ingest_of(store).take([sent(newer, tail="hello")])
        assert outcome.keys == ("wire_unknown",)
        assert [answer.payload for answer in outcome.answers] == [b'{"key":"wire_unknown"}']


async def test_a_hello_that_was_taken_back_is_nothing(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        assert (await ingest_of(store).take([sent(b"", tail="hello")])).keys == (None,)
        assert await counted(store) == {}


async def test_a_retained_hello_announces_and_does_not_bring_back_to_life(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        ingest = ingest_of(store)
        retained = dataclasses.replace(hello(), retained=True)
        assert (await ingest.take([retained, sent(summary(1))])).keys == (None, None)
        await ingest.take([hello(online=False)])
        assert (await ingest.take([retained])).keys == (None,)
        home = await store.home("home1")
        assert home is not None
        assert not home.online


async def test_who_left_while_the_hub_was_away_is_offline(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        ingest = ingest_of(store)
        await ingest.take([hello()])
        await ingest.take([dataclasses.replace(hello(online=False), retained=True)])
        home = await store.home("home1")
        assert home is not None
        assert not home.online


async def test_what_is_no_summary_goes_to_who_knows_it(tmp_path: Path) -> None:
    heard: list[tuple[str, bytes]] = []

    async def reported(gateway: str, payload: bytes) -> list[Answer]:
        if payload == b"bad":
            raise Invalid("message_invalid")
        heard.append((gateway, payload))
        return [Answer(topic="gw/v1/home1/notice", payload=b"thanks")]

    async with store_with(tmp_path, "home1") as store:
        ingest = Ingest(store, now=lambda: NOW, handlers={"twin/reported": reported})
        outcome = await ingest.take([sent(b"good", tail="twin/reported"), sent(b"bad", tail="twin/reported")])
        assert outcome.keys == (None, "message_invalid")
        assert heard == [("home1", b"good")]
        assert [answer.payload for answer in outcome.answers] == [b"thanks"]


async def test_when_the_store_is_away_nothing_runs_on_behind_its_back(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1", "home2") as store:
        calls: list[str] = []

        async def away(gateway: str, _payload: bytes) -> list[Answer]:
            calls.append(gateway)
            if gateway == "home1":
                raise Transient("store_unreachable")
            await asyncio.sleep(0)
            calls.append("done")
            return []

        ingest = Ingest(store, now=lambda: NOW, handlers={"twin/reported": away})
        with pytest.raises(Transient, match="store_unreachable"):
            await ingest.take([sent(b"", home, tail="twin/reported") for home in ("home1", "home2")])
        assert calls == ["home1", "home2", "done"]


async def test_what_the_store_makes_nothing_of_is_refused_alone(tmp_path: Path) -> None:
    """Else one message would stop all of a hub, and come again at every start."""
    async with store_with(tmp_path, "home1", "home2") as store:
        async with store.database.transaction() as session:
            await session.execute(
                "CREATE TRIGGER no BEFORE INSERT ON summaries WHEN NEW.seq = 3 AND NEW.gateway = 'home1'"
                " BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        ingest = ingest_of(store)
        mine = [sent(summary(seq)) for seq in range(1, 6)]
        outcome = await ingest.take([hello(), hello("home2"), *mine, sent(summary(3, "home2"), "home2")])
        assert outcome.keys == (None, None, None, None, "store_rejected", None, None, None)
        assert kept(outcome.answers) == [(1, 2), (4, 4), (5, 5)]
        assert refused(outcome.answers) == {3: "store_rejected"}
        assert kept(outcome.answers, "home2") == [(3, 3)]
        assert await seqs(store) == [1, 2, 4, 5]
        assert await counted(store) == {("home1", "store_rejected"): 1}
