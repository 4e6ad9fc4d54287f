from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.flow.zone import local_zone

SUMMER, WINTER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def test_summer_time_is_known_from_the_name_and_from_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TZ", ":Europe/Amsterdam")
    named = local_zone(tmp_path / "missing")
    monkeypatch.delenv("TZ")
    database = Path("/usr/share/zoneinfo/Europe/Amsterdam")
    if not database.exists():
        pytest.skip("Debian's tzdata is not installed")
    for zone in (named, local_zone(database)):
        assert SUMMER.astimezone(zone).utcoffset() == timedelta(hours=2)
        assert WINTER.astimezone(zone).utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize("name", ["Nowhere/At_All", "../../etc/passwd", "/etc/passwd"])
def test_a_zone_that_is_none_is_utc(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TZ", name)
    assert local_zone(tmp_path / "missing") is UTC
    monkeypatch.delenv("TZ")
    (tmp_path / "broken").write_bytes(b"TZif?")
    assert local_zone(tmp_path / "broken") is UTC
    assert local_zone(tmp_path / "missing") is UTC
