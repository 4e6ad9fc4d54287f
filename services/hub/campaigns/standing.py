"""How far one home is within a campaign, and how it gets on. Pure."""

from enum import StrEnum

from gateway.wire.summary import UpdateState


class Standing(StrEnum):
    """WAITING -> OFFERED -> BEGUN -> CONFIRMED, FAILED, ROLLED_BACK or TIMED_OUT. A campaign that takes everything back
    moves whoever may have taken it up to RECALLING and that to RECALLED, or UNRECALLED where the home cannot."""

    WAITING = "waiting"
    OFFERED = "offered"
    BEGUN = "begun"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"
    """It never came to it: the campaign was stopped, a newer one was there first, or the home has no use for it."""
    SUPERSEDED = "superseded"
    """A newer campaign took over in the middle of it."""
    RECALLING = "recalling"
    RECALLED = "recalled"
    UNRECALLED = "unrecalled"

    @property
    def wished(self) -> bool:
        """Whether the home is meant to have what the campaign brings."""
        return self in {Standing.OFFERED, Standing.BEGUN, Standing.CONFIRMED, Standing.TIMED_OUT}


OFFERING = (Standing.OFFERED, Standing.RECALLING)
"""The home has not taken it up yet."""
LYING = (*OFFERING, Standing.BEGUN)
"""Something of the campaign lies ready for the home."""
WENT_WRONG = (Standing.FAILED, Standing.ROLLED_BACK, Standing.TIMED_OUT)

_OPEN = {Standing.WAITING, Standing.OFFERED, Standing.BEGUN}
_LATE = {Standing.TIMED_OUT, Standing.WITHDRAWN}
_ENDED = {
    UpdateState.CONFIRMED: Standing.CONFIRMED,
    UpdateState.ROLLED_BACK: Standing.ROLLED_BACK,
    UpdateState.FAILED: Standing.FAILED,
}


def told(standing: Standing, word: UpdateState) -> Standing:
    """After the home's own word for it. Words come more than once, late and out of order: what is over stays over.

    WAITING hears as OFFERED does, since an offer may have been taken up just when it was taken back, and what ended
    after its time or after the campaign has ended all the same."""
    if standing in _OPEN | _LATE and word in _ENDED:
        return _ENDED[word]
    if standing in _OPEN:
        return Standing.WITHDRAWN if word is UpdateState.IDLE else Standing.BEGUN
    if word is UpdateState.ROLLED_BACK and standing in {Standing.RECALLING, Standing.UNRECALLED}:
        return Standing.RECALLED
    if word is UpdateState.FAILED and standing is Standing.RECALLING:
        return Standing.UNRECALLED
    return standing


def stopped(standing: Standing, *, recall: bool) -> Standing:
    """After its campaign has been stopped, and takes everything back or not."""
    if standing is Standing.WAITING or (standing is Standing.OFFERED and not recall):
        return Standing.WITHDRAWN
    return Standing.RECALLING if recall and standing.wished else standing


def overtaken(standing: Standing) -> Standing:
    """After a newer campaign of the same lane has made its offer, or holds a place for the home in its queue."""
    if standing in {Standing.WAITING, Standing.OFFERED}:
        return Standing.WITHDRAWN
    return Standing.SUPERSEDED if standing in {Standing.BEGUN, Standing.RECALLING} else standing
