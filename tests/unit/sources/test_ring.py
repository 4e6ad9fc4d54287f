"""The ring keeps the current and the previous GOP, whole, under its cap."""

from fractions import Fraction

from gateway.sources.packets import Parcel, StreamInfo
from gateway.sources.ring import PacketRing
from gateway.testing.clock import FakeClock

INFO = StreamInfo(codec="h264", width=64, height=48, extradata=b"", fps=15.0, time_base=Fraction(1, 15))


def parcel(seq: int, *, gop: int = 4, size: int = 10) -> Parcel:
    return Parcel(
        data=bytes(size), key=seq % gop == 0, seq=seq, stamp=FakeClock().now(), time_base=Fraction(1, 15), dts=seq
    )


def filled(count: int, **how: int) -> PacketRing:
    ring = PacketRing(max_bytes=how.pop("max_bytes", 1000))
    ring.begin(INFO)
    for seq in range(count):
        ring.add(parcel(seq, **how))
    return ring


def seqs(ring: PacketRing) -> list[int]:
    return [kept.seq for kept in ring.kept()]


def test_current_and_previous_gop() -> None:
    assert seqs(filled(3)) == [0, 1, 2]
    assert seqs(filled(8)) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert seqs(filled(9)) == [4, 5, 6, 7, 8]


def test_what_comes_before_the_first_key_frame_is_not_kept() -> None:
    ring = PacketRing()
    ring.begin(INFO)
    for seq in (2, 3, 4, 5):
        ring.add(parcel(seq))
    assert seqs(ring) == [4, 5]


def test_over_the_cap_the_previous_gop_goes_first() -> None:
    ring = filled(7, max_bytes=60)
    assert seqs(ring) == [4, 5, 6]
    assert ring.bytes == 30


def test_a_camera_that_stops_sending_key_frames_is_capped() -> None:
    ring = filled(50, gop=1000, max_bytes=60)
    assert seqs(ring) == []
    assert ring.last_key() is None
    ring.add(parcel(1000, gop=1000))
    ring.add(parcel(1001, gop=1000))
    assert seqs(ring) == [1000, 1001]
    assert ring.bytes == 20


def test_a_new_connection_empties_it() -> None:
    ring = filled(7)
    ring.begin(INFO)
    assert seqs(ring) == []
    ring.add(parcel(9))
    assert seqs(ring) == [], "a picture of the old connection cannot be continued"


def test_the_newest_key_frame() -> None:
    key = filled(7).last_key()
    assert key is not None
    assert key.seq == 4


def test_a_follower_starts_at_the_key_frame_and_misses_nothing() -> None:
    ring = filled(6)
    told: list[Parcel | None] = []
    info, kept = ring.follow(told.append)
    ring.add(parcel(6))
    ring.add(parcel(7))
    assert info == INFO
    assert [p.seq for p in kept] == [4, 5]
    assert [p.seq for p in told if p] == [6, 7]
    ring.begin(INFO)
    assert told[-1] is None
    ring.unfollow(told.append)


def test_who_left_is_told_nothing() -> None:
    ring = filled(6)
    told: list[Parcel | None] = []
    listener = told.append
    ring.follow(listener)
    ring.unfollow(listener)
    ring.add(parcel(6))
    assert told == []


def test_a_connection_that_ends_late_does_not_end_the_next_one() -> None:
    ring = PacketRing()
    first = ring.begin(INFO)
    second = ring.begin(INFO)
    told: list[Parcel | None] = []
    ring.follow(told.append)
    ring.end(first)
    late = ring.live, list(told)
    ring.end(second)
    assert late == (True, [])
    assert (ring.live, told) == (False, [None])
