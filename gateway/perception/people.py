"""The people of the house: listing, enrolling, deleting. Templates are sealed; photos are not kept."""

import logging
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from gateway.errors import Corrupt, Invalid
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.perception.blazeface import Floats, Rgb
from gateway.perception.enrol import LEAST_PHOTOS, Enrolment, PhotoReport, from_chips, from_photos
from gateway.perception.face_thread import FaceThread
from gateway.perception.faces import EMBEDDING_SIZE, FacePipeline
from gateway.perception.gallery import Gallery, Template
from gateway.store.people import PeopleTable, Person
from gateway.store.vault import Vault
from gateway.types import new_id

MOST_PHOTOS = 20
LONGEST_NAME = 60

_FORMAT = b"hearthgate-face-1"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """What may be shown of a person. `stale`: enrolled with another model, or unreadable; to be enrolled anew."""

    person_id: str
    name: str
    created: datetime
    consent_by: str
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolReport:
    """`person_id` is None where too few photos were good enough: nothing was stored then. `needed` is how many
    accepted photos it takes; `like` names an enrolled person whom these photos resemble."""

    person_id: str | None
    name: str
    accepted: int
    needed: int
    photos: tuple[PhotoReport, ...]
    like: str | None = None

    @property
    def enrolled(self) -> bool:
        return self.person_id is not None


class People:
    """`changed` is called in the event loop with the new gallery after every change and after `load`."""

    def __init__(
        self,
        *,
        table: PeopleTable,
        vault: Vault,
        faces: FaceThread,
        empty: Gallery,
        clock: Clock,
        counters: Counters,
        changed: Callable[[Gallery], None] = lambda _gallery: None,
    ) -> None:
        self._table = table
        self._vault = vault
        self._faces = faces
        self._gallery = empty
        self._clock = clock
        self._counters = counters
        self._changed = changed

    @property
    def gallery(self) -> Gallery:
        """As last loaded."""
        return self._gallery

    async def load(self) -> Gallery:
        """Read and unseal everybody. A template that cannot be opened is counted and left out, never fatal."""
        templates = [self._unsealed(person) for person in await self._table.all()]
        self._gallery = replace(self._gallery, templates=tuple(t for t in templates if t is not None))
        self._changed(self._gallery)
        return self._gallery

    async def list(self) -> tuple[PersonCard, ...]:
        """By name."""
        return tuple(self._card(person) for person in await self._table.all())

    async def enrol(self, name: str, photos: Sequence[bytes], by: str, *, few: bool = False) -> EnrolReport:
        """Learn a person from JPEG or PNG files; a known name is learnt anew. `by` is who recorded the consent.

        At least three photos must be good enough, with `few` one. Raises `Invalid`: "name_invalid",
        "consent_missing", "photos_missing", "photos_too_many"; a single bad photo is only reported.
        """
        return await self._enrol(name, by, len(photos), few, lambda pipeline: from_photos(pipeline, photos))

    async def enrol_chips(self, name: str, chips: Sequence[Rgb], by: str, *, few: bool = False) -> EnrolReport:
        """The same from aligned faces (150, 150, 3) of a track."""
        return await self._enrol(name, by, len(chips), few, lambda pipeline: from_chips(pipeline, chips))

    async def delete(self, person_id: str) -> tuple[str, ...]:
        """Forget template, row and name in the log. Returns names of evidence that the media store must remove.
        Raises `Invalid("person_unknown")`."""
        if person_id not in {person.person_id for person in await self._table.all()}:
            raise Invalid("person_unknown", status=404)
        evidence = await self._table.remove(person_id)
        self._counters.add("people.deleted")
        await self.load()
        return evidence

    async def _enrol(
        self, name: str, by: str, photos: int, few: bool, learn: Callable[[FacePipeline], Enrolment]
    ) -> EnrolReport:
        name, by = _checked_name(name), by.strip()
        _check(by, photos)
        needed = 1 if few else LEAST_PHOTOS
        enrolment = await self._faces.call(learn)
        report = EnrolReport(
            person_id=None, name=name, accepted=enrolment.accepted, needed=needed, photos=enrolment.photos
        )
        if enrolment.template is None or enrolment.accepted < needed:
            self._counters.add("people.refused")
            return report
        like = self._like(name, enrolment.template)
        return replace(report, person_id=await self._store(name, by, enrolment.template), like=like)

    async def _store(self, name: str, by: str, template: Floats) -> str:
        known = {person.name: person.person_id for person in await self._table.all()}
        person_id = known.get(name) or new_id()
        sealed = self._vault.seal(template.astype("<f4").tobytes(), _bound_to(person_id, self._gallery.model))
        await self._table.add(person_id, name, self._clock.now().wall, by, self._gallery.model, sealed)
        self._counters.add("people.enrolled")
        await self.load()
        return person_id

    def _like(self, name: str, template: Floats) -> str | None:
        match = self._gallery.match(template)
        return match.name if match.score >= self._gallery.thresholds.maybe and match.name != name else None

    def _unsealed(self, person: Person) -> Template | None:
        try:
            plain = self._vault.open(person.sealed_template, _bound_to(person.person_id, person.model_sha))
        except Corrupt as error:
            self._counters.add("people.unreadable")
            _log.warning("the template of person %s cannot be opened: %s", person.person_id, error.key)
            return None
        vector = np.frombuffer(plain, "<f4").astype(np.float32)
        if vector.size != EMBEDDING_SIZE:
            self._counters.add("people.unreadable")
            return None
        return Template(person=person.person_id, name=person.name, model=person.model_sha, vector=vector)

    def _card(self, person: Person) -> PersonCard:
        usable = {template.person for template in self._gallery.usable}
        return PersonCard(
            person_id=person.person_id,
            name=person.name,
            created=person.created,
            consent_by=person.consent_by,
            stale=person.person_id not in usable,
        )


def _bound_to(person_id: str, model: str) -> bytes:
    """What a sealed template is tied to: it opens for no other person and for no other model."""
    return b"\x00".join((_FORMAT, person_id.encode(), model.encode()))


def _checked_name(name: str) -> str:
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if not clean or len(clean) > LONGEST_NAME or any(unicodedata.category(c).startswith("C") for c in clean):
        raise Invalid("name_invalid", longest=LONGEST_NAME)
    return clean


def _check(by: str, photos: int) -> None:
    if not by:
        raise Invalid("consent_missing")
    if photos == 0:
        raise Invalid("photos_missing")
    if photos > MOST_PHOTOS:
        raise Invalid("photos_too_many", most=MOST_PHOTOS, got=photos)
