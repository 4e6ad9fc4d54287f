"""How the gateway and its models did: the difference of two looks."""

from gateway.uplink.summaries.vitals import ModelNow, Now, Vitals
from gateway.wire.summary import GatewayHealth, ModelHealth

HOUR = 500_000 * 3600


def now(uptime_s: float, **more: object) -> Now:
    return Now(version="1.0.0", uptime_s=uptime_s, cpu_s=uptime_s / 10, rss_mb=80, disk_free_mb=900, **more)  # type: ignore[arg-type]


def model(inferences: int, serial: int = 3) -> ModelNow:
    return ModelNow(serial=serial, inferences=inferences, failures=1, p95_ms=12.345)


def test_an_hour_is_what_came_on_top() -> None:
    looks = iter([now(0, camera_bytes=5), now(3600, camera_bytes=905)])
    (told,) = Vitals(lambda: next(looks)).close(HOUR)
    assert isinstance(told, GatewayHealth)
    assert (told.camera_bytes, told.cpu_share, told.uptime_s) == (900, 0.1, 3600)


def test_of_a_model_that_was_not_asked_nothing_leaves() -> None:
    looks = iter([now(0), now(1, models={"face": model(40)}), now(2, models={"face": model(40)})])
    vitals = Vitals(lambda: next(looks))
    assert [told.kind for told in vitals.close(HOUR)] == ["gateway_health", "model_health"]
    assert [told.kind for told in vitals.close(HOUR)] == ["gateway_health"]


def test_a_new_version_of_a_model_begins_at_nothing() -> None:
    looks = iter([now(0, models={"face": model(40)}), now(1, models={"face": model(7, serial=4)})])
    told = Vitals(lambda: next(looks)).close(HOUR)[1]
    assert isinstance(told, ModelHealth)
    assert (told.serial, told.inferences, told.p95_ms) == (4, 7, 12.35)
