"""The API: what goes in and what comes out."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.hub.alerts.limits import limits_of
from services.hub.alerts.watch import Watch
from services.hub.config.pages import AlertSettings
from services.hub.web.api.routes import ROUTES
from services.hub.web.messages import SAYS
from tests.services.hub.web.homes import day_of_a_home, dropped, health, hour_before, send, settle
from tests.services.hub.web.site import NAME, NOW, PASSWORD, Page, site

DOC = Path(__file__).parents[4] / "docs" / "hub.md"


async def ids(page: Page, query: str) -> list[str]:
    return [home["id"] for home in (await page.read(f"/homes{query}"))["homes"]]


async def test_homes_are_listed_in_pages_by_label_and_share(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        for number in range(6):
            await settle(
                page.store, f"home{number}", NOW, {"ring": "canary" if number % 2 else "stable", "site": "oslo"}
            )
        assert await ids(page, "?limit=2") == ["home0", "home1"]
        assert await ids(page, "?limit=9&after=home3") == ["home4", "home5"]
        assert await ids(page, "?label=ring=canary") == ["home1", "home3", "home5"]
        assert await ids(page, "?label=ring=canary&label=site=oslo&limit=1&after=home1") == ["home3"]
        assert await ids(page, "?share=0") == []
        some = await ids(page, "?share=0.5&salt=x")
        assert 0 < len(some) < 6
        assert (await page.read("/groups")) == {
            "homes": 6,
            "labels": {"ring": {"canary": 3, "stable": 3}, "site": {"oslo": 6}},
        }


async def test_a_home_tells_how_it_is(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        await settle(page.store, "home1", NOW, {"ring": "canary"})
        await send(page.store, "home1", [health(hour_before(NOW)), dropped(hour_before(NOW), 4)], NOW)
        await Watch(page.store, page.store.database, limits_of(AlertSettings())).round(NOW)
        home = await page.read("/homes/home1")
        assert (home["labels"], home["online"], home["version"], home["by"]) == (
            {"ring": "canary"},
            True,
            "1.2.0",
            "token",
        )
        assert home["seen"] == "2026-11-21T12:30:00Z"
        assert home["health"]["disk_free_mb"] == 9000.0
        assert home["alerts"] == [{"kind": "drops", "subject": "events/full", "level": "warning"}]
        (alert,) = (await page.read("/alerts"))["alerts"]
        assert (alert["home"], alert["value"], alert["cleared"]) == ("home1", 4.0, None)
        assert len((await page.read("/alerts?state=all&home=home1"))["alerts"]) == 1
        assert (await page.read("/alerts?state=all&home=other"))["alerts"] == []
        assert (await page.get("/api/v1/homes/nobody")).status == 404


async def test_rows_and_days(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        await settle(page.store, "home1", NOW - timedelta(days=2))
        await send(page.store, "home1", day_of_a_home(NOW - timedelta(days=1)), NOW - timedelta(days=1))
        await page.store.upkeep(NOW)
        since = "&since=2026-11-20T00:00:00Z"
        rows = (await page.read(f"/homes/home1/rows?stream=energy{since}"))["rows"]
        assert [row["kind"] for row in rows] == ["energy"] * 12
        assert rows[0]["id"].startswith("home1/energy/7-")
        assert len((await page.read(f"/homes/home1/rows?stream=energy{since}&limit=5"))["rows"]) == 5
        assert (await page.read("/homes/home1/rows?stream=energy"))["rows"] == []
        (day,) = (await page.read("/homes/home1/days?kind=energy&since=2026-11-20T00:00:00Z"))["days"]
        assert (day["day"], day["subject"], day["number"], day["rows"]) == ("2026-11-20", "boiler", "kwh", 12)
        assert day["total"] == pytest.approx(sum(row["kwh"] for row in rows))


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/homes?limit=0", "number_invalid"),
        ("/homes?limit=1001", "number_invalid"),
        ("/homes?share=2", "share_invalid"),
        ("/homes?share=nan", "share_invalid"),
        ("/homes/home1/rows?stream=secrets", "stream_unknown"),
        ("/homes/home1/rows?stream=energy&since=yesterday", "time_invalid"),
        ("/homes/home1/rows?stream=energy&since=2026-01-01T00:00:00", "time_invalid"),
        ("/homes/home1/rows?stream=energy&since=0001-01-01T00:00:00%2B23:59", "time_invalid"),
        ("/homes/home1/rows?stream=energy&until=9999-12-31T23:59:59-23:59", "time_invalid"),
        ("/homes/home1/days?kind=energy&until=0001-01-02T00:00:00Z", "time_invalid"),
        ("/homes/home1/days?kind=energies", "kind_unknown"),
        ("/alerts?state=some", "body_invalid"),
        ("/audit?before=x", "number_invalid"),
    ],
)
async def test_a_bad_query_is_refused_in_words(tmp_path: Path, path: str, key: str) -> None:
    async with site(tmp_path) as page:
        answer = await page.get(f"/api/v1{path}")
        told = await answer.json()
        assert (answer.status, told["key"]) == (400, key)
        assert "{" not in told["message"]


async def done(page: Page) -> list[tuple[str, str, str]]:
    return [(one["who"], one["what"], one["subject"]) for one in reversed((await page.read("/audit"))["audit"])]


async def test_what_an_operator_changes_is_done_and_written_down(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        await settle(page.store, "home1", NOW)
        status, home = await page.send("PUT", "/homes/home1/labels", {"labels": {"ring": "stable"}})
        assert (status, home["labels"]) == (200, {"ring": "stable"})
        assert (await page.send("POST", "/homes/home1/release"))[1]["online"] is False
        assert (await page.send("POST", "/homes/home1/revoke"))[1]["revoked"] == "2026-11-21T12:30:00Z"
        assert (await page.send("PUT", "/homes/home1/labels", {"labels": {"Ring": "x"}}))[1]["key"] == "labels_invalid"
        assert (await page.send("POST", "/homes/home2/revoke"))[0] == 404
        assert await done(page) == [
            ("console", "hub_claimed", NAME),
            (NAME, "home_labelled", "home1"),
            (NAME, "home_released", "home1"),
            (NAME, "home_revoked", "home1"),
        ]


async def test_people_come_rise_and_go(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        new = {"name": "otto", "password": PASSWORD, "rank": "viewer"}
        assert (await page.send("POST", "/operators", new))[0] == 201
        assert (await page.send("POST", "/operators", new))[1]["key"] == "operator_known"
        assert (await page.send("POST", "/operators", {**new, "name": "a/b"}))[1]["key"] == "operator_name"
        assert (await page.send("POST", "/operators", {**new, "rank": "king"}))[1]["key"] == "body_invalid"
        assert (await page.send("PATCH", "/operators/otto", {"rank": "admin"}))[0] == 200
        assert (await page.send("PATCH", f"/operators/{NAME}", {"rank": "viewer"}))[0] == 200
        assert (await page.send("GET", "/operators"))[1]["key"] == "rank_needed"  # at once, in the same session
        await page.sign_in("otto")
        assert (await page.send("DELETE", f"/operators/{NAME}"))[0] == 204
        assert (await page.send("DELETE", "/operators/otto"))[1]["key"] == "last_admin"
        listed = (await page.read("/operators"))["operators"]
        assert [(one["name"], one["rank"]) for one in listed] == [("otto", "admin")]
        assert "argon2" not in str(listed)
        assert {what for _, what, _ in await done(page)} >= {"operator_added", "operator_ranked", "operator_removed"}


async def test_a_password_that_an_admin_sets_ends_the_sessions(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        assert (await page.send("PATCH", f"/operators/{NAME}", {"password": "another three words"}))[0] == 200
        assert (await page.get("/api/v1/homes")).status == 401
        await page.sign_in(password="another three words")


async def test_a_program_reads_with_its_token_until_it_is_removed(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        status, made = await page.send("POST", "/tokens", {"label": "grafana", "rank": "viewer"})
        assert status == 201
        assert (await page.bearer("GET", "/api/v1/homes", made["token"]))[0] == 200
        assert (await page.bearer("GET", "/api/v1/audit", made["token"]))[1]["key"] == "rank_needed"
        listed = (await page.read("/tokens"))["tokens"]
        assert [(one["label"], one["made_by"]) for one in listed] == [("grafana", NAME)]
        assert made["token"] not in str(listed)
        assert (await page.send("DELETE", f"/tokens/{made['id']}"))[0] == 204
        assert (await page.bearer("GET", "/api/v1/homes", made["token"]))[1]["key"] == "token_wrong"


async def test_a_program_of_rank_changes_things_in_its_own_name_but_makes_no_tokens(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        _, made = await page.send("POST", "/tokens", {"label": "robot", "rank": "admin"})
        await settle(page.store, "home1", NOW)
        assert (await page.bearer("POST", "/api/v1/homes/home1/revoke", made["token"]))[0] == 200
        assert ("token:robot", "home_revoked", "home1") in await done(page)
        body = {"label": "child", "rank": "admin"}
        assert (await page.bearer("POST", "/api/v1/tokens", made["token"], body))[1]["key"] == "login_needed"


async def test_invitations_are_made_listed_and_taken_back(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        status, made = await page.send("POST", "/invitations", {"home": "home1", "labels": {"ring": "canary"}})
        assert (status, made["home"]) == (201, "home1")
        (one,) = (await page.read("/invitations"))["invitations"]
        assert (one["expires"], one["used"], one["labels"]) == ("2026-11-22T12:30:00Z", None, {"ring": "canary"})
        assert made["token"] not in str(one)
        assert (await page.send("POST", "/invitations", {"home": "Home 1"}))[1]["key"] == "gateway_id"
        assert (await page.send("DELETE", "/invitations/home1"))[0] == 204
        assert (await page.send("DELETE", "/invitations/home1"))[1]["key"] == "invitation_unknown"


async def test_the_session_tells_who_and_what_is_not_well(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        page.keys["webhook"] = "webhook_refused"
        me: dict[str, Any] = await page.read("/session")
        assert (me["name"], me["rank"], me["trouble"]) == (NAME, "admin", {"webhook": "webhook_refused"})
        assert (await page.send("POST", "/logout"))[0] == 200
        assert await page.read("/session") == {"claimed": True, "name": None}


def test_every_address_and_every_key_is_documented() -> None:
    text = DOC.read_text(encoding="utf-8")
    for route in ROUTES:
        rank = "open" if route.rank is None else route.rank.value
        assert f"| `{route.method} {route.path}` | {rank} |" in text
    for key in SAYS:
        assert f"`{key}`" in text
