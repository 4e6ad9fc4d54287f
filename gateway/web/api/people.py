"""Enrolling and forgetting people."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import BodyPartReader, web

from gateway.errors import Invalid
from gateway.web.context import PARTS, SESSION, answer, off
from gateway.web.jsonable import Json
from gateway.web.parts import People

if TYPE_CHECKING:
    from gateway.perception.people import EnrolReport, PersonCard

MOST_PHOTOS = 10
MOST_PHOTO_BYTES = 8 << 20
MOST_FIELD_BYTES = 1024


@dataclass(slots=True)
class _Form:
    name: str = ""
    consent: bool = False
    photos: list[bytes] = field(default_factory=list)


async def listing(request: web.Request) -> web.Response:
    return answer({"people": [_person(one) for one in await _people(request).list()]})


async def enrol(request: web.Request) -> web.Response:
    """multipart/form-data: `name`, `consent` = "yes", up to 10 `photos`. 201 with the person, or 422 with the
    reason of each photo when too few were good."""
    people = _people(request)
    form = await _read_form(request)
    _check(form)
    report = await people.enrol(form.name, form.photos, request[SESSION].user)
    return answer(_report(report), status=201 if report.enrolled else 422)


async def delete(request: web.Request) -> web.Response:
    """The person, the template, the name in the log, and every picture that shows this person."""
    media = request.app[PARTS].media
    for name in await _people(request).delete(request.match_info["id"]):
        if media is not None:
            await media.remove(name)
    return web.Response(status=204)


async def _read_form(request: web.Request) -> _Form:
    if request.content_type != "multipart/form-data":
        raise Invalid("body_not_form", status=415)
    form = _Form()
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader):
                await _read_part(part, form)
    except ValueError:  # a boundary or a header that is none
        raise Invalid("body_invalid") from None
    return form


async def _read_part(part: BodyPartReader, form: _Form) -> None:
    match part.name:
        case "name":
            form.name = await _text(part)
        case "consent":
            form.consent = await _text(part) == "yes"
        case "photos":
            if len(form.photos) >= MOST_PHOTOS:
                raise Invalid("too_many_photos", most=MOST_PHOTOS)
            form.photos.append(await _bounded(part, MOST_PHOTO_BYTES))
        case _:
            raise Invalid("body_invalid", fields=[part.name or ""])


async def _text(part: BodyPartReader) -> str:
    try:
        return (await _bounded(part, MOST_FIELD_BYTES)).decode().strip()
    except UnicodeDecodeError:
        raise Invalid("body_invalid") from None


async def _bounded(part: BodyPartReader, most: int) -> bytes:
    body = bytearray()
    while chunk := await part.read_chunk():
        body += chunk
        if len(body) > most:
            raise Invalid("photo_too_large", status=413, most_mb=most >> 20)
    return bytes(body)


def _check(form: _Form) -> None:
    if not 1 <= len(form.name) <= 64 or not form.name.isprintable():
        raise Invalid("name_invalid")
    if not form.consent:
        raise Invalid("consent_missing")
    if not form.photos:
        raise Invalid("photos_missing")


def _person(person: "PersonCard") -> dict[str, Json]:
    return {
        "id": person.person_id,
        "name": person.name,
        "enrolled": person.created.isoformat(),
        "consent_by": person.consent_by,
        "stale": person.stale,
    }


def _report(report: "EnrolReport") -> dict[str, Json]:
    return {
        "id": report.person_id,
        "name": report.name,
        "accepted": report.accepted,
        "needed": report.needed,
        "like": report.like,
        "photos": [{"refused": one.refused, "face_px": one.face_px} for one in report.photos],
    }


def _people(request: web.Request) -> People:
    people = request.app[PARTS].people
    if people is None:
        raise off("people")
    return people
