from datetime import timedelta

from gateway.app.tally import Tally, percentile
from gateway.flow.board import Counters
from gateway.types import Kind, Outcome, Result, Stamp

from .corridor import command, event


def test_the_report_has_the_keys_that_others_rely_on_and_adds_up() -> None:
    tally, counters = Tally(), Counters()
    for name in ("door", "hall"):
        counters.add(f"camera.{name}.frames_in", 10)
        counters.add(f"camera.{name}.frames_decoded", 9)
        counters.add(f"camera.{name}.bytes", 1000)
    counters.add("camera.hall.frames_dropped", 2)
    moved = event()
    for one in (moved, event(), event(Kind.FACE_RECOGNISED, label="Robin")):
        tally.event(one)
    tally.kept = 2
    order = command(moved)
    sent = Stamp(wall=moved.stamp.wall + timedelta(milliseconds=30), mono_ns=moved.stamp.mono_ns + 30_000_000)
    tally.outcome(order, Outcome(command=order.id, result=Result.DONE, took_s=0.1, published=sent))
    report = tally.report(counters, ["door", "hall"])
    assert report["frames_in"] == 20
    assert report["frames_decoded"] == 18
    assert report["frames_dropped"] == 2
    assert report["camera_bytes"] == 2000
    assert report["uplink_bytes"] == 0
    assert report["events"] == {"face.recognised": 1, "motion.began": 2}
    assert report["events_lost"] == 1
    assert report["people"] == ["Robin"]
    assert report["commands"] == [{"id": order.id, "target": "lamp", "action": "on", "outcome": "DONE"}]
    assert report["latency_ms"] == {"p50": 30.0, "p99": 30.0}
    assert set(report) >= {"rss_mb_peak", "cpu_s"}


def test_percentiles_are_nearest_rank() -> None:
    assert percentile([], 50) is None
    assert percentile([5.0], 99) == 5.0
    assert percentile([float(n) for n in range(1, 101)], 99) == 99.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.0
