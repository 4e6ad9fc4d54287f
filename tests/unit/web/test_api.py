"""The API: what goes in and what comes out."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from gateway.errors import Problem
from gateway.flow.board import Board, Counters
from gateway.testing.clock import FakeClock
from gateway.types import (
    Kind,
    Level,
    Quantity,
    Reading,
    Result,
    SetLevel,
    SetTemperature,
    Stamp,
    State,
    Switch,
    World,
)
from gateway.web.api import ROUTES
from gateway.web.messages import _SAYS
from gateway.web.parts import Device
from tests.unit.web.conftest import PASSWORD, USER, Page, house
from tests.unit.web.fakes import (
    FakeCorrections,
    FakeDevices,
    FakeEvents,
    FakeJournal,
    FakeLive,
    FakeMedia,
    FakePeople,
    chain,
    event,
)


async def read(page: Page, path: str) -> Any:
    answer = await page.get(f"/api/v1{path}")
    return await answer.json()


async def test_session_tells_strangers_only_whether_there_is_an_owner(clock: FakeClock) -> None:
    async with house(clock, claimed=False) as page:
        assert await read(page, "/session") == {"claimed": False, "user": None}
    async with house(clock) as page:
        me = await read(page, "/session")
        assert (me["user"], me["gateway"], me["version"], me["safe_mode"]) == (USER, "Test house", "1.2.3", False)
        assert me["token"] == page.token
        page.http.cookie_jar.clear()
        assert await read(page, "/session") == {"claimed": True, "user": None}


async def test_login_and_logout(clock: FakeClock) -> None:
    async with house(clock) as page:
        assert (await page.post("/api/v1/logout")).status == 200
        assert (await page.get("/api/v1/states")).status == 401
        answer = await page.post("/api/v1/login", json={"user": USER, "password": "not the password"})
        assert (answer.status, (await answer.json())["key"]) == (401, "login_wrong")
        answer = await page.post("/api/v1/login", json={"user": USER, "password": PASSWORD})
        assert answer.status == 200
        assert (await page.get("/api/v1/states")).status == 200


async def test_cameras_are_listed_with_their_state(clock: FakeClock) -> None:
    board = Board()
    board.report(
        State(part="camera/door", level=Level.DOWN, key="camera_silent", detail="no packet", since=clock.now())
    )
    async with house(clock, board=board, cameras={"door": FakeLive(), "yard": FakeLive(mime=None)}) as page:
        door, yard = (await read(page, "/cameras"))["cameras"]
    assert door["mime"].startswith("video/mp4")
    assert door["state"] == {
        "part": "camera/door",
        "level": "down",
        "key": "camera_silent",
        "detail": "no packet",
        "since": "2026-01-01T12:00:00.000Z",
    }
    assert (yard["mime"], yard["state"]) == (None, None)


@pytest.mark.parametrize(("asked", "given"), [("", 640), ("?width=100", 100), ("?width=9", 64), ("?width=99999", 1920)])
async def test_a_frame_comes_in_a_sane_width(clock: FakeClock, asked: str, given: int) -> None:
    view = FakeLive()
    async with house(clock, cameras={"door": view}) as page:
        answer = await page.get(f"/api/v1/cameras/door/frame.jpg{asked}")
        assert (answer.content_type, await answer.read()) == ("image/jpeg", view.picture)
    assert view.widths == [given]


async def test_a_frame_that_is_not_there_is_named(clock: FakeClock) -> None:
    async with house(clock, cameras={"door": FakeLive(picture=None)}) as page:
        for path, status, key in (
            ("door/frame.jpg", 503, "camera_no_picture"),
            ("nobody/frame.jpg", 404, "not_found"),
            ("door/frame.jpg?width=wide", 400, "width_invalid"),
        ):
            answer = await page.get(f"/api/v1/cameras/{path}")
            assert (answer.status, (await answer.json())["key"]) == (status, key)


async def test_mjpeg_sends_two_pictures_a_second(clock: FakeClock) -> None:
    async with house(clock, cameras={"door": FakeLive(picture=b"JPEG")}) as page:
        answer = await page.get("/api/v1/cameras/door/mjpeg")
        part = b"--hearthgate\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\nJPEG\r\n"
        assert await answer.content.readexactly(len(part)) == part
        await clock.advance(0.5)
        assert await answer.content.readexactly(len(part)) == part
        assert clock.slept[0] == 0.5
        answer.close()


async def test_events_page_filter_and_keep_every_field(clock: FakeClock) -> None:
    events = [event(clock.now()) for _ in range(3)]
    face = event(clock.now(), Kind.FACE_RECOGNISED, source="yard", label="Ann")
    async with house(clock, events=FakeEvents([*events, face])) as page:
        newest, *_ = (await read(page, "/events?limit=1"))["events"]
        assert (newest["id"], newest["kind"], newest["label"]) == (face.id, "face.recognised", "Ann")
        assert (newest["began"], newest["evidence"]) == ("2026-01-01T12:00:00.000Z", "crop.jpg")
        older = (await read(page, f"/events?limit=2&before={face.id}"))["events"]
        assert [one["id"] for one in older] == [events[2].id, events[1].id]
        assert len((await read(page, "/events?kind=motion.began"))["events"]) == 3
        assert len((await read(page, "/events?source=yard"))["events"]) == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many", "kind=earthquake"])
async def test_a_bad_query_is_refused(clock: FakeClock, query: str) -> None:
    async with house(clock, events=FakeEvents([])) as page:
        answer = await page.get(f"/api/v1/events?{query}")
        assert answer.status == 400
        assert (await answer.json())["key"] in {"limit_invalid", "kind_invalid"}


async def test_an_event_can_be_called_wrong_and_right_again(clock: FakeClock) -> None:
    corrections = FakeCorrections(["e1"])
    async with house(clock, corrections=corrections) as page:
        for wrong in (True, False):
            assert (await page.post("/api/v1/events/e1/correction", json={"wrong": wrong})).status == 204
            assert corrections.said == {"e1": wrong}
        answer = await page.post("/api/v1/events/e2/correction", json={"wrong": True})
        assert (answer.status, (await answer.json())["key"]) == (404, "event_unknown")
        for body in ({}, {"wrong": "yes"}, {"wrong": True, "why": "it was Ann"}):
            answer = await page.post("/api/v1/events/e1/correction", json=body)
            assert (answer.status, (await answer.json())["key"]) == (400, "body_invalid")
        assert (await page.http.post(page.base + "/api/v1/events/e1/correction", json={"wrong": True})).status == 403


async def test_media_serves_pictures_and_never_a_page(clock: FakeClock) -> None:
    media = FakeMedia({"a.jpg": b"picture", "a.html": b"<script>"})
    async with house(clock, media=media) as page:
        answer = await page.get("/api/v1/media/a.jpg")
        assert (answer.content_type, await answer.read()) == ("image/jpeg", b"picture")
        answer = await page.get("/api/v1/media/a.html")
        assert (answer.content_type, answer.headers["Content-Disposition"]) == (
            "application/octet-stream",
            "attachment",
        )
        for name, status in (("gone.jpg", 404), ("..%2fetc%2fpasswd", 400), (".hidden", 400)):
            assert (await page.get(f"/api/v1/media/{name}")).status == status


async def test_a_command_explains_itself(clock: FakeClock) -> None:
    told = chain(clock.now())
    async with house(clock, journal=FakeJournal(told)) as page:
        (command,) = (await read(page, "/commands"))["commands"]
        assert (command["target"], command["action"]) == ("lamp", {"type": "level", "level_pct": 40})
        assert command["outcome"]["result"] == "done"
        why = await read(page, f"/commands/{told.command.id}/why")
        assert [one["id"] for one in why["events"]] == [told.events[0].id]
        assert why["sentence"] == "Somebody moved at the door after dark."
        assert why["command"]["cause"] == told.events[0].id
        assert why["outcome"]["took_s"] == 0.05
        assert (await page.get("/api/v1/commands/unknown/why")).status == 404


def form(*photos: bytes, name: str = "Ann", consent: str = "yes") -> FormData:
    data = FormData({"name": name, "consent": consent})
    for number, photo in enumerate(photos):
        data.add_field("photos", BytesIO(photo), filename=f"{number}.jpg", content_type="image/jpeg")
    return data


async def test_enrol_list_and_delete_a_person(clock: FakeClock) -> None:
    people, media = FakePeople(), FakeMedia({"crop.jpg": b"Ann", "other.jpg": b"street"})
    async with house(clock, people=people, media=media) as page:
        answer = await page.post("/api/v1/people", data=form(b"good 1", b"good 2"))
        report = await answer.json()
        assert (answer.status, report["name"], report["accepted"]) == (201, "Ann", 2)
        (person,) = (await read(page, "/people"))["people"]
        assert (person["id"], person["name"], person["consent_by"]) == (report["id"], "Ann", USER)
        assert people.photos == [b"good 1", b"good 2"]
        assert (await page.send("DELETE", f"/api/v1/people/{person['id']}")).status == 204
        assert (await read(page, "/people"))["people"] == []
        assert media.files == {"other.jpg": b"street"}  # the pictures of the person are gone as well
        assert (await page.send("DELETE", f"/api/v1/people/{person['id']}")).status == 404


async def test_a_photo_that_will_not_do_is_told_by_its_reason(clock: FakeClock) -> None:
    async with house(clock, people=FakePeople(flaw="face_blurred")) as page:
        answer = await page.post("/api/v1/people", data=form(b"good", b"poor"))
        report = await answer.json()
        assert (answer.status, report["id"], report["accepted"], report["needed"]) == (422, None, 1, 2)
        assert [photo["refused"] for photo in report["photos"]] == [None, "face_blurred"]
        assert (await read(page, "/people"))["people"] == []


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (form(b"good", consent="no"), "consent_missing"),
        (form(b"good", name=" "), "name_invalid"),
        (form(b"good", name="a\x07b"), "name_invalid"),
        (form(b"good", name="n" * 2000), "photo_too_large"),
        (form(), "photos_missing"),
        (form(*[b"good"] * 11), "too_many_photos"),
        (form(b"x" * ((8 << 20) + 1)), "photo_too_large"),
    ],
)
async def test_a_bad_enrolment_reaches_nobody(clock: FakeClock, data: FormData, key: str) -> None:
    people = FakePeople()
    async with house(clock, people=people) as page:
        if not data.is_multipart:
            data._is_multipart = True
        answer = await page.post("/api/v1/people", data=data)
        assert (await answer.json())["key"] == key
    assert people.photos == []


async def test_a_device_is_switched_by_hand(clock: FakeClock) -> None:
    devices = FakeDevices([Device(id="lamp", name="Lamp", kind="lamp", on=False)])
    async with house(clock, devices=devices) as page:
        assert (await read(page, "/devices"))["devices"][0]["on"] is False
        for action in (
            {"type": "switch", "on": True},
            {"type": "level", "level_pct": 40.0},
            {"type": "temperature", "temp_c": 21.5},
        ):
            answer = await page.post("/api/v1/devices/lamp/command", json={"action": action})
            assert (await answer.json())["outcome"]["result"] == "done"
        assert (await read(page, "/devices"))["devices"][0]["on"] is True
    assert [action for _, action in devices.asked] == [
        Switch(on=True),
        SetLevel(level_pct=40),
        SetTemperature(temp_c=21.5),
    ]


@pytest.mark.parametrize(
    "action",
    [
        b'{"type": "switch", "on": "yes"}',
        b'{"type": "level", "level_pct": 101}',
        b'{"type": "temperature", "temp_c": NaN}',
        b'{"type": "temperature", "temp_c": 99}',
        b'{"type": "notify", "title": "x"}',
        b"null",
    ],
)
async def test_a_nonsense_command_reaches_no_device(clock: FakeClock, action: bytes) -> None:
    devices = FakeDevices([Device(id="lamp", name="Lamp")])
    async with house(clock, devices=devices) as page:
        body = b'{"action": ' + action + b"}"
        headers = {"Content-Type": "application/json"}
        answer = await page.post("/api/v1/devices/lamp/command", data=body, headers=headers)
        assert (answer.status, (await answer.json())["key"]) == (400, "body_invalid")
    assert devices.asked == []


async def test_what_the_device_answers_is_passed_on(clock: FakeClock) -> None:
    devices = FakeDevices([Device(id="lamp", name="Lamp")], result=Result.TIMED_OUT)
    async with house(clock, devices=devices) as page:
        body = {"action": {"type": "switch", "on": True}}
        answer = await page.post("/api/v1/devices/lamp/command", json=body)
        assert (answer.status, (await answer.json())["outcome"]["result"]) == (200, "timed_out")
        answer = await page.post("/api/v1/devices/none/command", json=body)
        assert (answer.status, (await answer.json())["key"]) == (404, "device_unknown")


async def test_readings_come_from_the_world_and_a_nan_is_no_number(clock: FakeClock) -> None:
    stamp = Stamp.now()
    world = World(local=stamp.wall)
    for quantity, value in ((Quantity.TEMPERATURE, 21.5), (Quantity.HUMIDITY, float("nan"))):
        reading = Reading(device="hall", quantity=quantity, value=value, unit="x", stamp=stamp)
        world = world.with_reading(reading)
    async with house(clock, world=lambda: world) as page:
        readings = (await read(page, "/readings"))["readings"]
    assert [(one["quantity"], one["value"]) for one in readings] == [("temperature", 21.5), ("humidity", None)]


async def test_states_counters_and_doctor(clock: FakeClock) -> None:
    board, counters = Board(), Counters()
    board.report(State(part="broker", level=Level.DOWN, key="broker_unreachable", since=clock.now()))
    board.report(State(part="store", level=Level.OK, key="running", since=clock.now()))
    counters.add("camera.dropped", 3)
    problem = Problem(file="gateway.yaml", line=7, path="cameras.0.url", message="no url", hint="add one")
    async with house(clock, board=board, counters=counters, problems=(problem,)) as page:
        assert [state["part"] for state in (await read(page, "/states"))["states"]] == ["broker", "store"]
        assert await read(page, "/counters") == {"counters": {"camera.dropped": 3}}
        doctor = await read(page, "/doctor")
        assert [worry["key"] for worry in doctor["worries"]] == ["broker_unreachable"]
        assert doctor["problems"] == [
            {"file": "gateway.yaml", "line": 7, "path": "cameras.0.url", "message": "no url", "hint": "add one"}
        ]
        assert (await read(page, "/session"))["safe_mode"] is True


async def test_a_doctor_is_asked_where_there_is_one(clock: FakeClock) -> None:
    async def doctor() -> list[State]:
        return [State(part="disk", level=Level.DEGRADED, key="disk_nearly_full")]

    async with house(clock, doctor=doctor) as page:
        assert [worry["part"] for worry in (await read(page, "/doctor"))["worries"]] == ["disk"]


@pytest.mark.parametrize("path", ["/events", "/media/a.jpg", "/commands", "/people", "/devices"])
async def test_a_part_that_is_off_is_told_as_such(clock: FakeClock, path: str) -> None:
    async with house(clock) as page:
        answer = await page.get(f"/api/v1{path}")
        assert (answer.status, (await answer.json())["key"]) == (404, "part_off")


def test_the_table_of_the_api_is_complete() -> None:
    table = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    for route in ROUTES:
        assert f"`{route.method} {route.path}`" in table
    for key in _SAYS:
        assert f"`{key}`" in table
