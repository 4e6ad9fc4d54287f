"""What was offered, how far it is and what the hub has not heard yet. Pure; kept as one JSON document."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter, ValidationError

from gateway.errors import Corrupt
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import ModelTarget, Offer, Progress, SettingsTarget, Target

_MOST_WORDS = 200
_OVER = frozenset({UpdateState.CONFIRMED, UpdateState.ROLLED_BACK, UpdateState.FAILED, UpdateState.IDLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The newest offer of its lane. `mark` is how its carrier finds again what it has begun, None before; `key` why it
    ended otherwise than it should."""

    offer: Offer
    state: UpdateState = UpdateState.DOWNLOADING
    mark: str | None = None
    key: str | None = None

    @property
    def over(self) -> bool:
        return self.state in _OVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """`jobs` by lane; `words` by campaign: the last word on each that the hub has not confirmed."""

    jobs: Mapping[str, Job] = field(default_factory=dict)
    words: Mapping[int, Progress] = field(default_factory=dict)


def lane_of(target: Target) -> str:
    """What one offer at a time is followed for."""
    return f"model/{target.model}" if isinstance(target, ModelTarget) else target.what


def heard(book: Book, offer: Offer, gateway: str) -> Book:
    """With `offer`, which may have come before: retained it comes at every connection.

    Of one lane the highest campaign counts. One that is to be taken back and is not here, since a later one is or it
    never came, has been taken back: a hub undoes what it has brought, and nothing that people did."""
    lane = lane_of(offer.target)
    job = book.jobs.get(lane)
    number = 0 if job is None else job.offer.campaign
    if job is not None and offer.campaign == number and not _is_another(offer, job.offer):
        return _once_more(book, lane, job, offer, gateway)
    if offer.rollback:
        return _worded(book, _word(offer, UpdateState.ROLLED_BACK, gateway))
    return book if offer.campaign < number else _noted(book, lane, Job(offer=offer), gateway)


def _once_more(book: Book, lane: str, job: Job, offer: Offer, gateway: str) -> Book:
    if offer.rollback and not job.offer.rollback:
        return _noted(book, lane, Job(offer=offer, mark=job.mark), gateway)
    if offer.rollback == job.offer.rollback and offer != job.offer:  # its link was renewed
        return replace(book, jobs={**book.jobs, lane: replace(job, offer=offer)})
    if job.over and job.offer.campaign not in book.words:  # the hub asks for what it has heard: it was set back
        return _noted(book, lane, job, gateway)
    return book


def moved(
    book: Book, job: Job, state: UpdateState, gateway: str, *, mark: str | None = None, key: str | None = None
) -> Book:
    """With `job` in another state; unchanged where another offer has taken its place meanwhile."""
    lane = lane_of(job.offer.target)
    now = book.jobs.get(lane)
    if now is None or _asked(now.offer) != _asked(job.offer):
        return book
    return _noted(book, lane, replace(now, state=state, mark=now.mark if mark is None else mark, key=key), gateway)


def confirmed(book: Book, words: tuple[Progress, ...]) -> Book:
    """Without what the hub has heard; a receipt for an earlier word leaves the last one."""
    left = {number: word for number, word in book.words.items() if word not in words}
    return book if len(left) == len(book.words) else replace(book, words=left)


def _is_another(one: Offer, other: Offer) -> bool:
    """Whether two offers of one number are for different things: a hub that was set back counts from there again."""
    return one.campaign == other.campaign and _thing(one.target) != _thing(other.target)


def _asked(offer: Offer) -> object:
    """The same of two offers that ask for the same, wherever it is to be had now."""
    return offer.campaign, offer.rollback, _thing(offer.target)


def _thing(target: Target) -> object:
    return target.patch if isinstance(target, SettingsTarget) else target.sha256


_BOOK = TypeAdapter(Book)


def book_json(book: Book) -> str:
    return _BOOK.dump_json(book).decode()


def book_from(text: str) -> Book:
    """Raises `Corrupt("campaigns_corrupt")`."""
    try:
        return _BOOK.validate_json(text)
    except ValidationError:
        raise Corrupt("campaigns_corrupt") from None


def _noted(book: Book, lane: str, job: Job, gateway: str) -> Book:
    jobs = {**book.jobs, lane: job}
    return _worded(replace(book, jobs=jobs), _word(job.offer, job.state, gateway, job.key))


def _word(offer: Offer, state: UpdateState, gateway: str, key: str | None = None) -> Progress:
    return Progress(campaign=offer.campaign, gateway=gateway, state=state, key=key)


def _worded(book: Book, word: Progress) -> Book:
    """The oldest campaigns are forgotten where far too many wait: a hub that old has lost interest in them."""
    words = {**book.words, word.campaign: word}
    newest = sorted(words)[-_MOST_WORDS:]
    return replace(book, words={number: words[number] for number in newest})
