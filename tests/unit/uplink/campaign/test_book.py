"""What follows from an offer, whatever was there before."""

import random

import pytest

from gateway.errors import Corrupt
from gateway.uplink.campaign.book import Book, book_from, book_json, confirmed, heard, moved
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import ImageTarget, ModelTarget, Offer, Progress, SettingsTarget


def model(campaign: int, *, rollback: bool = False, name: str = "porch", link: str = "1", sha: str = "a") -> Offer:
    target = ModelTarget(url=f"https://hub.example/{link}", sha256=sha * 64, model=name, serial=campaign)
    return Offer(campaign=campaign, target=target, rollback=rollback)


def settings(campaign: int, version: int) -> Offer:
    return Offer(campaign=campaign, target=SettingsTarget(version=version, patch={"climate": {"boost": True}}))


def image(campaign: int) -> Offer:
    url = "https://images.example/1"
    return Offer(campaign=campaign, target=ImageTarget(url=url, sha256="b" * 64, version="1.0"))


def book_of(*offers: Offer) -> Book:
    book = Book()
    for offer in offers:
        book = heard(book, offer, "home1")
    return book


def word(campaign: int, state: UpdateState, key: str | None = None) -> Progress:
    return Progress(campaign=campaign, gateway="home1", state=state, key=key)


def test_each_lane_follows_its_newest_offer() -> None:
    book = book_of(model(3), settings(4, 9), image(2), model(5), model(1), model(7, name="hall"))
    assert {lane: job.offer.campaign for lane, job in book.jobs.items()} == {
        "model/porch": 5,
        "settings": 4,
        "image": 2,
        "model/hall": 7,
    }


def test_an_offer_that_comes_again_changes_nothing_but_its_link() -> None:
    book = book_of(model(3))
    under_way = moved(book, book.jobs["model/porch"], UpdateState.TRYING, "home1", mark="m")
    assert heard(under_way, model(3), "home1") == under_way
    renewed = heard(under_way, model(3, link="2"), "home1").jobs["model/porch"]
    assert (renewed.offer, renewed.state, renewed.mark) == (model(3, link="2"), UpdateState.TRYING, "m")


def test_what_is_taken_back_is_found_by_its_mark() -> None:
    book = book_of(model(3))
    under_way = moved(book, book.jobs["model/porch"], UpdateState.CONFIRMED, "home1", mark="m")
    job = heard(under_way, model(3, rollback=True), "home1").jobs["model/porch"]
    assert (job.over, job.mark) == (False, "m")


def test_what_a_later_one_replaced_has_been_taken_back() -> None:
    book = heard(book_of(model(5)), model(3, rollback=True), "home1")
    assert book.jobs["model/porch"].offer == model(5)
    assert book.words[3] == word(3, UpdateState.ROLLED_BACK)


def test_a_hub_takes_back_only_what_it_has_brought() -> None:
    book = heard(book_of(model(3)), model(5, rollback=True), "home1")
    assert book.jobs == book_of(model(3)).jobs
    assert book.words[5] == word(5, UpdateState.ROLLED_BACK)
    assert book_of(model(5, rollback=True)).jobs == {}


def test_a_hub_that_was_set_back_is_told_again_and_may_count_anew() -> None:
    book = book_of(model(3))
    ended = moved(book, book.jobs["model/porch"], UpdateState.FAILED, "home1", key="model_hash")
    told = confirmed(ended, (word(3, UpdateState.FAILED, "model_hash"),))
    assert not told.words
    assert heard(told, model(3), "home1").words == {3: word(3, UpdateState.FAILED, "model_hash")}
    assert not heard(told, model(3, sha="c"), "home1").jobs["model/porch"].over


def test_a_receipt_for_an_earlier_word_leaves_the_last_one() -> None:
    book = book_of(model(3))
    later = moved(book, book.jobs["model/porch"], UpdateState.INSTALLED, "home1", mark="m")
    assert confirmed(later, (word(3, UpdateState.DOWNLOADING),)) == later
    assert not confirmed(later, (word(3, UpdateState.INSTALLED),)).words


def test_what_ends_after_something_else_took_its_place_says_nothing() -> None:
    before = book_of(model(3))
    now = heard(before, model(4), "home1")
    assert moved(now, before.jobs["model/porch"], UpdateState.CONFIRMED, "home1") == now


def test_words_that_nobody_hears_do_not_pile_up() -> None:
    book = book_of(*(model(number) for number in range(1, 500)))
    assert len(book.words) == 200
    assert max(book.words) == 499


def test_it_comes_back_from_the_disk() -> None:
    chance = random.Random(1)
    for _ in range(100):
        offers = [chance.choice((model, image))(chance.randint(1, 9)) for _ in range(5)]
        book = book_of(*offers)
        assert book_from(book_json(book)) == book
    with pytest.raises(Corrupt, match="campaigns_corrupt"):
        book_from('{"jobs": 3}')
