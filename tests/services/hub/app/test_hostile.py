"""A home that was let in and means harm, at a running hub: nothing of anybody's changes, and all of it is counted."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import aiomqtt
import pytest

from services.hub.app.bench.programs import free_port
from tests.services.hub.app.processes import EPOCH, Gateway, enrol, running_hub, summary

TEN_MB = b"x" * 10_000_000
OPEN = b"door open"


def changed(raw: bytes, **fields: object) -> bytes:
    return json.dumps({**json.loads(raw), **fields}).encode()


def fetched(config: Path, sql: str) -> Sequence[tuple[object, ...]]:
    with closing(sqlite3.connect(config.parent / "data" / "hub.db")) as db:
        return db.execute(sql).fetchall()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def config(tmp_path: Path, port: int) -> Path:
    file = tmp_path / "hub.yaml"
    file.write_text(f"data_dir: data\ndoor:\n  port: {port}\n")
    return file


async def harm(there: Gateway) -> None:
    """All but the ten megabytes; each once."""
    await there.publish("gw/v1/bad/s/presence", b"\xff\x00 nonsense")
    await there.publish("gw/v1/bad/s/presence", changed(summary("bad", 2), data={"kind": "presence", "who": "Ada"}))
    await there.publish("gw/v1/bad/s/presence", summary("good", 9))
    await there.publish("gw/v1/bad/s/presence", summary("bad", 3, epoch=EPOCH + 1))
    await there.publish("gw/v1/good/s/presence", summary("good", 9))
    await there.publish("gw/v1/good/hello", b"{}")
    await there.publish("gw/v1/bad/receipt", b"{}")
    endless = {"version": 2**53 - 1, "sources": {}, "settings": {}}
    await there.publish("gw/v1/bad/twin/reported", json.dumps(endless).encode())
    await there.publish("gw/v1/bad/twin/reported", b'{"version": 1, "sources": {}, "settings": {"a": NaN}}')
    await there.publish("gw/v1/bad/s/presence", changed(summary("bad", 4), time="0001-01-01T00:00:00+23:59"))
    told = json.loads(summary("bad", 1))
    await there.publish("gw/v1/bad/s/presence", changed(summary("bad", 1), data={**told["data"], "minutes": 60}))


async def test_a_hostile_home_changes_nothing_and_is_counted(config: Path, port: int) -> None:
    good, bad = await enrol(config, "good"), await enrol(config, "bad")
    async with running_hub(config, OPEN), Gateway(port, "good", good) as honest:
        await honest.hello()
        await honest.send(1, 2)
        await honest.until(kept=2)
        with pytest.raises(aiomqtt.MqttError):
            async with Gateway(port, "bad", bad, instance="cd" * 16) as there:
                await there.hello()
                await there.send(1, 1, 1)
                await there.until(kept=1)
                await harm(there)
                await there.until(refused=3)
                assert there.refused == {1: "id_reused", 2: "summary_invalid", 4: "envelope_invalid"}
                await there.publish("gw/v1/bad/s/presence", TEN_MB)
        await honest.send(3)
        await honest.until(kept=3)
        assert honest.refused == {}
        assert honest.notices == []
    rows = fetched(config, "SELECT gateway, seq, json_extract(data, '$.minutes') FROM summaries ORDER BY gateway, seq")
    assert rows == [("bad", 1, 1.0), ("good", 1, 1.0), ("good", 2, 1.0), ("good", 3, 1.0)]
    counted = fetched(config, "SELECT gateway || ' ' || key, sum(count) FROM refusals GROUP BY 1")
    assert {str(key): count for key, count in counted} == {
        "bad payload_not_json": 1,
        "bad summary_invalid": 1,
        "bad other_home": 1,
        "bad wrong_epoch": 1,
        "bad topic_foreign": 2,
        "bad topic_unknown": 1,
        "bad twin_version": 1,
        "bad message_invalid": 1,
        "bad envelope_invalid": 1,
        "bad id_reused": 1,
        "bad packet_too_large": 1,
    }
