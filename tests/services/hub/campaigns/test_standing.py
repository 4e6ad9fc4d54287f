"""Whatever homes say, however often and in whatever order."""

import itertools
import random

import pytest

from gateway.wire.summary import UpdateState
from services.hub.campaigns.standing import LYING, Standing, overtaken, stopped, told

ON_THE_WAY = (UpdateState.DOWNLOADING, UpdateState.INSTALLED, UpdateState.TRYING)
ENDS = (UpdateState.CONFIRMED, UpdateState.ROLLED_BACK, UpdateState.FAILED)
OVER = {
    Standing.CONFIRMED,
    Standing.FAILED,
    Standing.ROLLED_BACK,
    Standing.SUPERSEDED,
    Standing.RECALLED,
}


@pytest.mark.parametrize("end", ENDS)
def test_words_out_of_order_come_to_the_same(end: UpdateState) -> None:
    for words in itertools.permutations((*ON_THE_WAY, end)):
        standing = Standing.OFFERED
        for word in (*words, *words):
            standing = told(standing, word)
        assert standing == Standing(end.value)


def test_what_is_over_stays_over() -> None:
    for standing, word in itertools.product(OVER, UpdateState):
        assert told(standing, word) is standing


def test_only_the_homes_own_word_confirms() -> None:
    chance = random.Random(2)
    for _ in range(2000):
        standing, confirmed = Standing.WAITING, False
        for _ in range(12):
            what = chance.randrange(4)
            if what == 0:
                standing = stopped(standing, recall=chance.random() < 0.5)
            elif what == 1:
                standing = overtaken(standing)
            else:
                word = chance.choice(list(UpdateState))
                confirmed = confirmed or word is UpdateState.CONFIRMED
                standing = told(standing, word)
            assert standing is not Standing.CONFIRMED or confirmed


def test_nothing_of_a_stopped_campaign_lies_ready_but_its_end() -> None:
    for standing in Standing:
        assert stopped(standing, recall=True) not in set(LYING) - {Standing.RECALLING}
        assert stopped(standing, recall=False) is not Standing.OFFERED
        assert overtaken(standing) not in LYING


def test_a_recall_ends_with_the_home_saying_so() -> None:
    assert told(Standing.RECALLING, UpdateState.CONFIRMED) is Standing.RECALLING
    assert told(Standing.RECALLING, UpdateState.FAILED) is Standing.UNRECALLED
    assert told(Standing.UNRECALLED, UpdateState.ROLLED_BACK) is Standing.RECALLED


def test_who_has_no_use_for_it_is_not_counted() -> None:
    assert told(Standing.OFFERED, UpdateState.IDLE) is Standing.WITHDRAWN
