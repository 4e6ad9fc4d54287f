"""What one attempt delivers: order, damage, the gate's back-fill, clips that loop."""

import io
import itertools
import threading
from pathlib import Path

import av
import pytest

from gateway.errors import Refused, SourceLost
from gateway.sources.decoder import Decoder
from gateway.sources.fmp4 import Fragmenter
from gateway.sources.packets import Parcel
from gateway.testing.watcher import FakeWatcher
from gateway.types import Seen
from tests.unit.sources.clips import HEIGHT, WIDTH, level, make_clip
from tests.unit.sources.conftest import Bench


def seqs(sightings: list[Seen]) -> list[int]:
    return [seen.frame.seq for seen in sightings]


def looks_like(seen: Seen) -> bool:
    """Whether the picture shows the number it carries."""
    return abs(float(seen.frame.luma.mean()) - level(seen.frame.seq)) < 3


def test_every_frame_in_order_with_its_picture(bench: Bench, clip: Path) -> None:
    sightings = list(bench.reader(clip, FakeWatcher()).seen())
    assert seqs(sightings) == list(range(20))
    assert all(looks_like(seen) for seen in sightings)
    assert [seen.frame.seq for seen in sightings if seen.frame.key] == [0, 5, 10, 15]
    assert sightings[0].frame.luma.shape == (HEIGHT, WIDTH)
    assert sightings[3].frame.pts_s == pytest.approx(0.3)
    assert [state.key for state in bench.states] == ["opening", "running"]


def test_everything_is_counted(bench: Bench, clip: Path) -> None:
    list(bench.reader(clip, FakeWatcher()).seen())
    assert bench.count("frames_in") == bench.count("frames_decoded") == 20
    assert 0 < bench.count("bytes") <= clip.stat().st_size
    assert bench.count("corrupt") == bench.count("frames_undecodable") == 0


def test_b_frames_come_in_display_order_with_their_own_packet(bench: Bench, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "b.mp4", 20, b_frames=2, gop=10)
    sightings = list(bench.reader(path, FakeWatcher()).seen())
    shown = [seen.frame.pts_s for seen in sightings]
    assert len(sightings) == len(set(seqs(sightings)))
    assert shown == sorted(pts for pts in shown if pts is not None)


def test_a_clip_that_loops_goes_on_in_time(bench: Bench, clip: Path) -> None:
    sightings = list(itertools.islice(bench.reader(clip, FakeWatcher(), loop=True).seen(), 45))
    assert seqs(sightings) == list(range(45))
    assert [seen.frame.pts_s for seen in sightings] == pytest.approx([n / 10 for n in range(45)])
    assert all(looks_like(seen) for seen in sightings)


def test_a_clip_with_b_frames_keeps_every_key_frame_of_a_player_over_the_seam(bench: Bench, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "b.mp4", 20, b_frames=2, gop=20)
    parcels: list[Parcel] = []
    reader = bench.reader(path, FakeWatcher(), loop=True)
    for _ in itertools.islice(reader.seen(), 60):
        parcels += [parcel for parcel in bench.ring.kept() if parcel not in parcels]
    assert bench.ring.info is not None
    fragmenter = Fragmenter(bench.ring.info)
    mp4 = b"".join([*(fragmenter.add(parcel) for parcel in parcels), fragmenter.close()])
    assert fragmenter.dropped == 0
    with av.open(io.BytesIO(mp4), "r") as played:
        keys = sum(packet.is_keyframe for packet in played.demux(video=0) if packet.size)
    assert keys == sum(parcel.key for parcel in parcels) > 2
    decoded = [parcel.dts for parcel in parcels]
    assert decoded == sorted(decoded, key=lambda dts: dts or 0), "the decoder's clock never goes back"


def test_key_packets_only(bench: Bench, clip: Path) -> None:
    sightings = list(bench.reader(clip, FakeWatcher(keys_only=True)).seen())
    assert seqs(sightings) == [0, 5, 10, 15]
    assert all(looks_like(seen) for seen in sightings)
    assert bench.count("frames_in") == 20
    assert bench.count("frames_decoded") == 4


def test_a_hit_brings_back_what_was_kept(bench: Bench, clip: Path) -> None:
    watcher = FakeWatcher(keys_only=True, moving={10})
    sightings = list(bench.reader(clip, watcher).seen())
    assert seqs(sightings) == [0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
    assert all(looks_like(seen) for seen in sightings)
    stamps = [seen.frame.stamp.mono_ns for seen in sightings]
    assert stamps == sorted(stamps), "back-filled frames carry the arrival of their packets"
    assert [ref.seq for ref in watcher.seen[:9]] == [0, 5, 10, 5, 6, 7, 8, 9, 10]
    assert sightings[6].motion.boxes


def test_a_hit_on_the_first_key_frame(bench: Bench, clip: Path) -> None:
    sightings = list(bench.reader(clip, FakeWatcher(keys_only=True, moving={0})).seen())
    assert seqs(sightings) == list(range(20))


def test_what_was_left_out_of_a_gop_is_brought_back_when_all_is_wanted_again(bench: Bench, clip: Path) -> None:
    watcher = FakeWatcher(keys_only=True, on_see=lambda _frame: None)
    reader = bench.reader(clip, watcher)
    wants = watcher.wants
    watcher.wants = lambda *, key, stamp: wants(key=key, stamp=stamp) or bench.count("frames_in") > 8  # type: ignore[method-assign]
    sightings = list(reader.seen())
    assert seqs(sightings) == [0, 5, *range(6, 20)]
    assert all(looks_like(seen) for seen in sightings)
    assert bench.count("frames_undecodable") == 0


def test_a_clip_read_at_full_speed_keeps_its_own_time(bench: Bench, clip: Path) -> None:
    stamps = [seen.frame.stamp for seen in bench.reader(clip, FakeWatcher()).seen()]
    assert stamps[15].seconds_since(stamps[0]) == pytest.approx(1.5)
    assert (stamps[15].wall - stamps[0].wall).total_seconds() == pytest.approx(1.5)


def test_a_hit_is_delivered_even_when_the_ring_could_keep_nothing(bench: Bench, clip: Path) -> None:
    bench.ring = type(bench.ring)(max_bytes=1)
    sightings = list(bench.reader(clip, FakeWatcher(keys_only=True, moving={10})).seen())
    assert seqs(sightings)[:3] == [0, 5, 10]
    assert sightings[2].motion.boxes


def test_a_damaged_packet_costs_the_rest_of_its_gop(bench: Bench, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Decoder.feed

    def spoilt(self: Decoder, parcel: Parcel, packet: object = None) -> object:
        if parcel.seq == 7:
            parcel = Parcel(data=b"\xff" * 90, key=False, seq=7, stamp=parcel.stamp, time_base=parcel.time_base)
            return whole(self, parcel, None)
        return whole(self, parcel, packet)  # type: ignore[arg-type]

    monkeypatch.setattr(Decoder, "feed", spoilt)
    watcher = FakeWatcher()
    sightings = list(bench.reader(clip, watcher).seen())
    assert seqs(sightings) == [0, 1, 2, 3, 4, 5, 6, *range(10, 20)]
    assert all(looks_like(seen) for seen in sightings)
    assert bench.count("corrupt") == 1
    assert bench.count("frames_undecodable") == 2
    assert watcher.gaps == 2, "one for the connection, one for the damage"
    assert "camera_corrupt" in [state.key for state in bench.states]


def test_a_file_that_is_not_there(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        list(bench.reader(tmp_path / "none.mp4", FakeWatcher()).seen())
    assert caught.value.key == "camera_file_missing"


def test_a_file_that_is_no_video(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    path.write_bytes(b"not a video at all" * 100)
    with pytest.raises(Refused) as caught:
        list(bench.reader(path, FakeWatcher()).seen())
    assert caught.value.key == "camera_unreadable"


def test_a_clip_without_a_picture_is_not_looped_for_ever(bench: Bench, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "empty.avi", 0, codec="mpeg4")
    with pytest.raises(Refused) as caught:
        list(bench.reader(path, FakeWatcher(), loop=True).seen())
    assert caught.value.key == "camera_no_video"


def test_a_live_source_never_ends_well(bench: Bench, clip: Path) -> None:
    reader = bench.reader(clip, FakeWatcher())
    reader._live = True
    with pytest.raises(SourceLost) as caught:
        list(reader.seen())
    assert caught.value.key == "camera_lost"


def test_a_clip_that_rests_before_it_begins_again_is_not_taken_for_stalled(clip: Path) -> None:
    waited: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return False

    bench = Bench()
    reader = bench.reader(clip, FakeWatcher(), loop=True, rest_s=2.5, stop=Stop())
    assert len(list(itertools.islice(reader.seen(), 21))) == 21
    assert waited == [1.0, 1.0, 0.5]
