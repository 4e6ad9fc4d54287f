from gateway.wire import uplink
from gateway.wire.summary import Stream
from gateway.wire.uplink import Receipt, Refusal, Run
from services.hub.store.receipts import receipts
from services.hub.store.words import Taken
from tests.services.hub.store.fleet import EPOCH, parcel, parcels


def run(first: int, last: int, *, stream: Stream = Stream.ENERGY, epoch: int = EPOCH) -> Run:
    return Run(stream=stream, epoch=epoch, first=first, last=last)


def test_each_gateway_is_told_of_its_own_in_runs() -> None:
    kept = (
        parcels([1, 2, 3, 5]) | parcels([4], gateway="home-b") | {parcel(6, stream=Stream.EVENTS), parcel(6, epoch=9)}
    )
    told = receipts(Taken(kept=kept))
    assert told == {
        "home-a": (Receipt(kept=(run(6, 6, epoch=9), run(1, 3), run(5, 5), run(6, 6, stream=Stream.EVENTS))),),
        "home-b": (Receipt(kept=(run(4, 4),)),),
    }


def test_what_may_yet_be_taken_is_not_told() -> None:
    taken = Taken(
        refused={parcel(2): "id_reused"},
        unsettled={parcel(1): "wrong_epoch", parcel(1, gateway="home-b"): "unknown_gateway"},
    )
    refusal = Refusal(stream=Stream.ENERGY, epoch=EPOCH, seq=2, key="id_reused")
    assert receipts(taken) == {"home-a": (Receipt(refused=(refusal,)),)}


def test_a_receipt_fits_its_message_whatever_came() -> None:
    top = 10**18
    kept = frozenset(parcel(top - 2 * number, epoch=top - 1, stream=Stream.PRESENCE) for number in range(1, 1001))
    refused = {
        parcel(top - 2 * number - 1, epoch=top - 1, stream=Stream.PRESENCE): "k" * 48 for number in range(1, 1001)
    }
    messages = receipts(Taken(kept=kept, refused=refused))["home-a"]
    assert all(len(uplink.dump(message)) <= uplink.MOST_BYTES for message in messages)
    assert sum(len(message.kept) for message in messages) == 1000
    assert sum(len(message.refused) for message in messages) == 1000
