"""What becomes of a model's releases at a start, when each of them is checked again before anything opens it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.errors import Corrupt, GatewayError
from gateway.models.store.release import Release
from gateway.models.store.shelf import Shelf
from gateway.models.store.slots import Slot, Slots

KEPT = frozenset({"manifest_key_unknown", "model_sealed", "model_unreadable"})
"""What passes, or a person puts right without a new bundle (a setting, a credential, the owner of a file): the release
is not used, but stays."""

Outcome = Literal["kept", "dropped", "previous", "packaged", "candidate", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BootFinding:
    """Something that was not as it was left. `slot` is where, `key` and `detail` why. `outcome`: a damaged candidate or
    previous release is "dropped"; in place of a damaged active one serves the "previous" one, the "packaged" one, the
    "candidate" where there is no other, or "nothing"; "kept" is one that cannot be used now but may be later."""

    model: str
    slot: Slot | Literal["slots"]
    key: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """`barred` are the digests that keep their slot and must not be used, and why."""

    findings: tuple[BootFinding, ...] = ()
    barred: Mapping[str, GatewayError]


def start(shelf: Shelf, model: str) -> Started:
    """See to it that the model is served by a sound release, or the packaged one. Starting twice changes nothing.
    Raises `Refused`: "model_unwritable", "model_disk_full"."""
    try:
        before = shelf.slots.read(model)
    except Corrupt as error:
        return _recover(shelf, model, error)
    if shelf.packaged_serial(model) > before.floor:
        return _supersede(shelf, model, before)
    sound, wrong = _check(shelf, model, before.filled.values())
    bad = {digest for digest, error in wrong.items() if error.key not in KEPT}
    after, instead = settle(before, bad, packaged=model in shelf.packaged)
    if instead == "candidate" and after.candidate in sound:
        after = after.activated(sound[after.candidate])
    if after != before:
        shelf.slots.write(model, after)
    barred = {digest: error for digest, error in wrong.items() if digest in after.filled.values()}
    return Started(findings=_findings(model, before, wrong, instead), barred=barred)


def settle(slots: Slots, bad: Collection[str], *, packaged: bool) -> tuple[Slots, Outcome]:
    """The slots without the `bad` digests, and who serves in place of the active one where that is among them or there
    is none at all. A "candidate" that is to serve is left in its slot."""
    slots = slots.but(
        active=None if slots.active in bad else slots.active,
        lost=slots.active if slots.active in bad else slots.lost,
        candidate=None if slots.candidate in bad else slots.candidate,
        previous=None if slots.previous in bad else slots.previous,
    )
    if slots.active is not None:
        return slots, "kept"
    if slots.previous is not None:
        return slots.but(active=slots.previous, previous=None), "previous"
    if packaged:
        return slots, "packaged"
    return slots, "nothing" if slots.candidate is None else "candidate"


def _check(shelf: Shelf, model: str, digests: Collection[str]) -> tuple[dict[str, Release], dict[str, GatewayError]]:
    sound, wrong = {}, {}
    for digest in digests:
        try:
            sound[digest] = shelf.sound(model, digest)
        except GatewayError as error:
            wrong[digest] = error
    return sound, wrong


def _findings(model: str, slots: Slots, wrong: Mapping[str, GatewayError], instead: Outcome) -> tuple[BootFinding, ...]:
    found = []
    for slot, digest in slots.filled.items():
        error = wrong.get(digest)
        if error is not None:
            outcome: Outcome = "kept" if error.key in KEPT else instead if slot == "active" else "dropped"
            found.append(BootFinding(model=model, slot=slot, key=error.key, outcome=outcome, detail=str(error)))
    return tuple(found)


def _supersede(shelf: Shelf, model: str, slots: Slots) -> Started:
    """This version of the gateway brings a model that is newer than all that was ever taken in."""
    shelf.slots.write(model, Slots(floor=shelf.packaged_serial(model), newest=slots.newest))
    found = [BootFinding(model=model, slot=slot, key="model_superseded", outcome="packaged") for slot in slots.filled]
    return Started(findings=tuple(found), barred={})


def _recover(shelf: Shelf, model: str, error: Corrupt) -> Started:
    """The slots file is damaged: the packaged model serves, or the newest sound release that is here."""
    mine = [digest for digest in shelf.manifests.digests() if _names(shelf, digest) == model]
    sound, _ = _check(shelf, model, mine)
    slots = Slots(floor=shelf.packaged_serial(model))
    for release in sorted(sound.values(), key=lambda release: release.card.serial):
        slots = slots.activated(release)
    if model in shelf.packaged:
        slots = slots.but(active=None, previous=None)
    outcome: Outcome = "packaged" if model in shelf.packaged else "candidate" if sound else "nothing"
    shelf.slots.write(model, slots)
    finding = BootFinding(model=model, slot="slots", key=error.key, outcome=outcome, detail=str(error))
    return Started(findings=(finding,), barred={})


def _names(shelf: Shelf, digest: str) -> str | None:
    try:
        return shelf.manifests.unchecked(digest).card.id
    except GatewayError:
        return None
