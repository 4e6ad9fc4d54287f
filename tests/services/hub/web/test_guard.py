"""Who is let through, and what every answer carries."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.hub.store.operators import Rank
from services.hub.web.api.routes import ROUTES
from tests.services.hub.web.homes import settle
from tests.services.hub.web.site import NOW, PASSWORD, site


def address(path: str) -> str:
    return (
        f"/api/v1{path}".replace("{id}", "home1")
        .replace("{name}", "otto")
        .replace("{token}", "t1")
        .replace("{number}", "1")
        .replace("{sha256}", "a" * 64)
    )


async def test_strangers_reach_the_door_alone(tmp_path: Path) -> None:
    async with site(tmp_path, claimed=False) as page:
        for route in ROUTES:
            if route.rank is not None:
                answer = await page.http.request(
                    route.method, page.base + address(route.path), headers={"Origin": page.base}
                )
                assert (answer.status, (await answer.json())["key"]) == (401, "login_needed"), route
        for path in ("/metrics", "/ui/hub.js"):
            assert (await page.get(path)).status == 401
        for path in ("/", "/homes/home1", "/alerts", "/audit"):
            answer = await page.get(path)
            assert (answer.status, answer.headers["Location"]) == (302, "/login")
        for path in ("/login", "/door/base.css", "/door/login.js"):
            assert (await page.get(path)).status == 200


@pytest.mark.parametrize("rank", list(Rank))
async def test_each_rank_does_what_it_may_and_no_more(tmp_path: Path, rank: Rank) -> None:
    async with site(tmp_path) as page:
        new = {"name": "vera", "password": PASSWORD, "rank": rank.value}
        assert (await page.send("POST", "/operators", new))[0] == 201
        await page.sign_in("vera")
        for route in ROUTES:
            if route.rank is None or route.path in {"/logout", "/password"}:
                continue
            _, told = await page.send(route.method, address(route.path).removeprefix("/api/v1"))
            refused = isinstance(told, dict) and told.get("key") == "rank_needed"
            assert refused is not rank.reaches(route.rank), route


async def test_what_changes_something_must_come_from_our_page(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        await settle(page.store, "home1", NOW)
        path = "/homes/home1/revoke"
        assert (await page.send("POST", path, Origin="https://evil.example"))[1]["key"] == "origin_wrong"
        for origin in ("", "null", "http://[", "http://\u2100/"):
            assert (await page.send("POST", path, Origin=origin))[1]["key"] == "origin_wrong"
        token = page.token
        for guess in ("", "é", token[:-1]):
            page.token = guess
            assert (await page.send("POST", path))[1]["key"] == "csrf_token_wrong"
        home = await page.store.home("home1")
        assert home is not None
        assert home.revoked is None
        login = {"name": "ida", "password": PASSWORD}
        assert (await page.send("POST", "/login", login, Origin="https://evil.example"))[1]["key"] == "origin_wrong"


async def test_a_body_that_is_not_encoded_as_it_says_is_refused(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        answer = await page.http.post(f"{page.base}/enrol", data=b"{}", headers=headers)
        assert (answer.status, (await answer.json())["key"]) == (400, "upload_broken")


async def test_a_token_may_no_more_than_whoever_made_it_may_now(tmp_path: Path) -> None:
    """Else an admin who was set back could make himself one again."""
    async with site(tmp_path) as page:
        await page.send("POST", "/operators", {"name": "eve", "password": "four other quiet words", "rank": "admin"})
        await page.sign_in("eve", "four other quiet words")
        _, made = await page.send("POST", "/tokens", {"label": "mine", "rank": "admin"})
        assert (await page.bearer("GET", "/api/v1/operators", made["token"]))[0] == 200
        await page.sign_in()
        assert (await page.send("PATCH", "/operators/eve", {"rank": "viewer"}))[0] == 200
        for method, path, body in (("GET", "operators", None), ("PATCH", "operators/eve", {"rank": "admin"})):
            status, told = await page.bearer(method, f"/api/v1/{path}", made["token"], body)
            assert (status, told["key"]) == (403, "rank_needed")
        assert (await page.bearer("GET", "/api/v1/homes", made["token"]))[0] == 200
        assert [token["rank"] for token in (await page.read("/tokens"))["tokens"]] == ["viewer"]


async def test_the_cookie_is_for_no_script_and_no_other_site(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        body = {"name": "ida", "password": PASSWORD}
        answer = await page.http.post(page.base + "/api/v1/login", json=body, headers={"Origin": page.base})
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie


async def test_every_answer_carries_safe_headers(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        for path in ("/login", "/", "/api/v1/homes", "/nowhere", "/ui/hub.js"):
            headers = (await page.get(path)).headers
            assert "default-src 'self'" in headers["Content-Security-Policy"]
            assert "unsafe" not in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/ui/../api.js", "/ui/..%2f..%2fmessages.py", "/door/%2e%2e/app/hub.js", "/ui/none.js", "/door/hub.js"]
)
async def test_no_other_file_is_served(tmp_path: Path, path: str) -> None:
    async with site(tmp_path) as page:
        assert (await page.get(path)).status == 404


async def test_prometheus_reads_it_with_a_token(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        await settle(page.store, "home1", NOW)
        await settle(page.store, "home2", NOW)
        await page.store.revoke("home2", NOW)
        await page.store.refuse({("home1", "summary_invalid"): 3}, NOW)
        page.keys["store"] = "disk_full"
        _, made = await page.send("POST", "/tokens", {"label": "prometheus", "rank": "viewer"})
        assert (await page.bearer("GET", "/metrics", "guess"))[0] == 401
        status, text = await page.bearer("GET", "/metrics", made["token"])
        assert status == 200
        values = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
    assert values["hearthgate_hub_homes", "online"] == 1
    assert values["hearthgate_hub_homes", "revoked"] == 1
    assert values["hearthgate_hub_refused", "summary_invalid"] == 3
    assert values["hearthgate_hub_trouble", "store", "disk_full"] == 1
    assert "home1" not in text
