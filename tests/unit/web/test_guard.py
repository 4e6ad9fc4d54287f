"""What stands before every handler: session, token, origin, size, headers."""

import json
import logging

import pytest
from yarl import URL

from gateway.page.assets import read_assets
from gateway.testing.clock import FakeClock
from gateway.web.api import ROUTES
from gateway.web.auth import Auth
from gateway.web.server import create_app, serve
from tests.unit.web.conftest import PASSWORD, USER, house
from tests.unit.web.fakes import FakeLive, MemoryKeyValue, make_parts

OPEN = {
    ("GET", "/api/v1/session"),
    ("POST", "/api/v1/login"),
    ("POST", "/api/v1/claim"),
    ("GET", "/login"),
    ("GET", "/door/{name}"),
}


async def every_route(clock: FakeClock) -> list[tuple[str, str]]:
    async with Auth(MemoryKeyValue(), clock) as auth:
        app = create_app(make_parts(auth, clock))
        found = [(route.method, route.resource.canonical) for route in app.router.routes() if route.resource]
    return [(method, path) for method, path in found if method != "HEAD"]


async def test_every_route_but_the_door_needs_a_session(clock: FakeClock) -> None:
    routes = await every_route(clock)
    assert set(routes) >= OPEN
    assert len(routes) > len(ROUTES)
    async with house(clock) as page:
        page.http.cookie_jar.clear()
        for method, path in routes:
            answer = await page.send(method, path.format(name="x", id="x", path="x", stream="x"), allow_redirects=False)
            body = await answer.text()
            if (method, path) in OPEN:
                assert answer.status not in {401, 302}, path
            elif answer.status == 302:
                assert answer.headers["Location"] == "/login", path
                assert body == ""
            else:
                assert (answer.status, json.loads(body)["key"]) == (401, "login_needed"), path


async def test_an_unknown_address_tells_a_stranger_nothing(clock: FakeClock) -> None:
    async with house(clock, claimed=False) as page:
        assert (await page.get("/api/v1/secret")).status == 401
    async with house(clock) as page:
        answer = await page.get("/api/v1/secret")
        assert (answer.status, (await answer.json())["key"]) == (404, "not_found")


async def test_every_change_needs_the_token_and_the_origin(clock: FakeClock) -> None:
    async with house(clock) as page:
        for route in ROUTES:
            if route.open or route.method == "GET":
                continue
            path = "/api/v1" + route.path.format(name="x", id="x", path="x", stream="x")
            for headers, key in (
                ({"X-Hearthgate-Token": ""}, "csrf_token_wrong"),
                ({"X-Hearthgate-Token": "ä"}, "csrf_token_wrong"),
                ({"Origin": "http://elsewhere.example"}, "origin_wrong"),
                ({"Origin": "null"}, "origin_wrong"),
            ):
                answer = await page.send(route.method, path, headers=headers)
                assert (answer.status, (await answer.json())["key"]) == (403, key), path


async def test_login_from_another_site_is_refused(clock: FakeClock) -> None:
    async with house(clock) as page:
        body = {"user": USER, "password": PASSWORD}
        answer = await page.post("/api/v1/login", json=body, headers={"Origin": "http://elsewhere.example"})
        assert (answer.status, (await answer.json())["key"]) == (403, "origin_wrong")
        answer = await page.http.post(f"{page.base}/api/v1/login", json=body)
        assert (await answer.json())["key"] == "origin_wrong"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(clock: FakeClock) -> None:
    async with house(clock) as page:
        answer = await page.post("/api/v1/login", json={"user": USER, "password": PASSWORD})
        cookie = answer.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie  # plain http: the browser would drop it


@pytest.mark.parametrize("path", ["/login", "/", "/api/v1/session", "/api/v1/nothing", "/door/base.css"])
async def test_every_answer_carries_the_safe_headers(clock: FakeClock, path: str) -> None:
    async with house(clock) as page:
        headers = (await page.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Server"] == "Hearthgate"


async def test_what_is_private_is_not_stored_on_the_way(clock: FakeClock) -> None:
    async with house(clock, cameras={"door": FakeLive()}) as page:
        assert (await page.get("/api/v1/session")).headers["Cache-Control"] == "no-store"
        assert (await page.get("/api/v1/cameras/door/frame.jpg")).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/door/../app/index.html",
        "/door/..%2fapp%2findex.html",
        "/door/%2e%2e/%2e%2e/server.py",
        "/door/..%5c..%5cserver.py",
        "/door//etc/passwd",
        "/door/login.html%00.js",
    ],
)
async def test_no_path_leads_out_of_the_open_folder(clock: FakeClock, path: str) -> None:
    async with house(clock, claimed=False) as page:
        answer = await page.http.get(URL(page.base + path, encoded=True), allow_redirects=False)
        text = await answer.text()
        assert answer.status in {302, 400, 401, 404}
        assert "import" not in text
        assert "root:" not in text


async def test_a_body_that_is_too_large_is_refused(clock: FakeClock) -> None:
    async with house(clock) as page:
        body = {"user": "u" * (64 << 10), "password": "p"}
        answer = await page.post("/api/v1/login", json=body)
        assert (answer.status, (await answer.json())["key"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "kind", "status", "key"),
    [
        (b"{}", "application/json", 400, "body_invalid"),
        (b"[", "application/json", 400, "body_invalid"),
        (b'{"user": 1, "password": "p"}', "application/json", 400, "body_invalid"),
        (b'{"user": "u", "password": "p", "more": 1}', "application/json", 400, "body_invalid"),
        (b'{"user": "\\ud800", "password": "p"}', "application/json", 400, "body_invalid"),
        (b"\xff\xfe", "application/json", 400, "body_invalid"),
        (b"user=u&password=p", "application/x-www-form-urlencoded", 415, "body_not_json"),
    ],
)
async def test_a_body_that_is_not_as_expected_is_named(
    clock: FakeClock, body: bytes, kind: str, status: int, key: str
) -> None:
    async with house(clock) as page:
        answer = await page.post("/api/v1/login", data=body, headers={"Content-Type": kind})
        assert (answer.status, (await answer.json())["key"]) == (status, key)


async def test_an_error_never_repeats_what_was_typed(clock: FakeClock) -> None:
    async with house(clock) as page:
        answer = await page.post("/api/v1/login", json={"user": "u", "password": ["canary-7f3a"]})
        assert answer.status == 400
        assert "canary" not in await answer.text()


async def test_no_password_is_ever_logged(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "canary-7f3a-password"
    async with house(clock, claimed=False) as page:
        for path, body in (
            ("/claim", {"code": "wrong", "user": "u", "password": canary}),
            ("/login", {"user": "u", "password": canary}),
            ("/login", {"user": canary, "password": canary, "more": canary}),
        ):
            answer = await page.post(f"/api/v1{path}", json=body)
            assert answer.status in {400, 401, 403}
            assert canary not in await answer.text()
    assert canary not in caplog.text


async def test_too_many_logins_are_told_when_to_come_back(clock: FakeClock) -> None:
    async with house(clock) as page:
        answers = [await page.post("/api/v1/login", json={"user": "u", "password": "p"}) for _ in range(6)]
        last = answers[-1]
        assert last.status == 429
        assert int(last.headers["Retry-After"]) >= 1
        body = await last.json()
        assert body["key"] == "too_many_attempts"
        assert "seconds" in body["message"]


async def test_a_wrong_method_is_told(clock: FakeClock) -> None:
    async with house(clock) as page:
        answer = await page.send("PUT", "/api/v1/people")
        assert (answer.status, (await answer.json())["key"]) == (405, "method_not_allowed")


async def test_the_page_is_served_once_and_then_known(clock: FakeClock) -> None:
    async with house(clock) as page:
        first = await page.get("/ui/app.js")
        assert first.content_type == "text/javascript"
        again = await page.get("/ui/app.js", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status == 304


async def test_the_server_says_when_its_address_is_taken(clock: FakeClock) -> None:
    async with house(clock) as page, Auth(MemoryKeyValue(), clock) as auth:
        port = int(page.base.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            async with serve(make_parts(auth, clock), port=port):
                pytest.fail("two servers on one port")


@pytest.mark.parametrize("package", ["gateway.page", "gateway.web", "services.hub.web"])
def test_no_page_reaches_out_of_the_house(package: str) -> None:
    allowed = "http://www.w3.org/2000/svg"
    found = [asset for folder in ("door", "app") for asset in read_assets(package, folder).items()]
    assert found
    for name, asset in found:
        text = asset.body.decode().replace(allowed, "")
        for never in ("http://", "https://", "innerHTML", "style="):
            assert never not in text, (name, never)
