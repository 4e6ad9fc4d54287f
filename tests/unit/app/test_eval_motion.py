"""`eval motion`: one line per frame, whatever the container; clear errors, never a traceback."""

import csv
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from gateway.app.eval_motion import HEADER, Mode, Summary, evaluate
from gateway.errors import GatewayError, Refused

FPS, FRAMES = 10, 80
_ROOM = np.random.default_rng(5).integers(90, 140, (18, 32), dtype=np.uint8).repeat(10, axis=0).repeat(10, axis=1)


def clip(
    path: Path,
    codec: str,
    *,
    b_frames: int = 0,
    gop: int = 10,
    moving: range = range(50, 66),
    fmt: str = "yuv420p",
    frames: int = FRAMES,
) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 180, fmt
        stream.codec_context.gop_size = gop
        if codec == "libx264":
            stream.options = {
                "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={b_frames}",
                "crf": "18",
            }
        for n in range(frames):
            luma = _ROOM.copy()
            if n in moving:
                luma[60:150, 100 + 3 * (n % 50) : 140 + 3 * (n % 50)] = 235
            picture = av.VideoFrame.from_ndarray(luma, format="gray").reformat(format=fmt)
            picture.pts, picture.time_base = n, Fraction(1, FPS)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return path


def judged(video: Path, mode: Mode = "every") -> tuple[Summary, list[dict[str, str]]]:
    out = video.with_suffix(".csv")
    summary = evaluate(video, mode, out, lambda _text: None)
    with out.open(encoding="ascii") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        assert tuple(reader.fieldnames or ()) == HEADER
    return summary, rows


def moved(rows: list[dict[str, str]]) -> list[int]:
    return [int(row["frame"]) for row in rows if row["motion"] == "1"]


@pytest.mark.parametrize(
    ("name", "codec", "fmt", "b_frames"),
    [
        ("a.mp4", "libx264", "yuv420p", 0),
        ("b.mp4", "libx264", "yuv420p", 2),
        ("c.mkv", "libx264", "yuv420p", 2),
        ("d.avi", "mpeg4", "yuv420p", 0),
        ("e.mkv", "mjpeg", "yuvj420p", 0),
        ("f.avi", "mjpeg", "yuvj422p", 0),
        ("g.h264", "libx264", "yuv420p", 0),
        ("h.mkv", "ffv1", "gray", 0),
        ("i.avi", "rawvideo", "bgr24", 0),
        ("j.mkv", "ffv1", "bgr0", 0),
        ("k.ts", "libx264", "yuv420p", 0),
    ],
)
def test_one_line_per_frame_and_the_motion_where_it_is(
    tmp_path: Path, name: str, codec: str, fmt: str, b_frames: int
) -> None:
    summary, rows = judged(clip(tmp_path / name, codec, fmt=fmt, b_frames=b_frames))
    assert summary.frames == summary.decoded == len(rows) == FRAMES
    assert [row["frame"] for row in rows] == [str(n) for n in range(FRAMES)]
    times = np.array([float(row["t_s"]) for row in rows])
    fps = 25 if name.endswith(".h264") else FPS  # a bare stream has no times; FFmpeg takes it to be 25 fps
    np.testing.assert_allclose(times - times[0], np.arange(FRAMES) / fps, atol=2e-3)
    assert set(range(52, 66)) <= set(moved(rows)) <= set(range(50, 71))
    assert summary.motion == len(moved(rows))
    assert all((row["boxes"] == "") == (row["motion"] == "0") for row in rows)


def test_boxes_are_shares_of_the_picture_with_four_decimals(tmp_path: Path) -> None:
    _, rows = judged(clip(tmp_path / "a.mp4", "libx264"))
    texts = rows[58]["boxes"].split(";")[0].split(" ")
    assert all(len(text.partition(".")[2]) == 4 for text in texts)
    x0, y0, x1, y1 = (float(text) for text in texts)
    assert (x0, y0, x1, y1) == pytest.approx((124 / 320, 60 / 180, 164 / 320, 150 / 180), abs=0.04)


@pytest.mark.parametrize("b_frames", [0, 2])
def test_gated_lists_skipped_frames_without_motion_and_backfills(tmp_path: Path, b_frames: int) -> None:
    """Key frames each second; the gate is idle from 6.5 s on."""
    video = clip(tmp_path / "lost.mp4", "libx264", b_frames=b_frames, moving=range(112, 118), frames=140)
    summary, rows = judged(video, "gated")
    assert len(rows) == 140
    assert 60 < summary.decoded < 90
    assert moved(rows) == []
    video = clip(tmp_path / "seen.mp4", "libx264", b_frames=b_frames, moving=range(115, 130), frames=140)
    summary, rows = judged(video, "gated")
    assert len(rows) == 140
    assert summary.decoded < 130
    assert set(range(117, 130)) <= set(moved(rows)) <= set(range(115, 132))


def test_a_truncated_clip_is_judged_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = clip(tmp_path / "whole.avi", "mpeg4")
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    summary, rows = judged(cut)
    assert 20 < summary.frames == len(rows) < FRAMES


def test_what_is_no_video_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video at all")
    whole = clip(tmp_path / "whole.mp4", "libx264")
    (tmp_path / "headless.mp4").write_bytes(whole.read_bytes()[:2000])
    for name in ("empty.mp4", "text.mp4", "headless.mp4", "missing.mp4", "."):
        with pytest.raises(GatewayError) as caught:
            evaluate(tmp_path / name, "every", tmp_path / "out.csv", lambda _text: None)
        assert caught.value.key == "video_unreadable"
        assert not (tmp_path / "out.csv").exists()


def test_sound_without_pictures_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "tone.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
    with pytest.raises(Refused) as caught:
        evaluate(tmp_path / "tone.wav", "every", tmp_path / "out.csv", lambda _text: None)
    assert caught.value.key == "camera_no_video"


def test_an_output_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    video = clip(tmp_path / "a.mp4", "libx264")
    with pytest.raises(Refused) as caught:
        evaluate(video, "every", tmp_path / "no" / "out.csv", lambda _text: None)
    assert caught.value.key == "csv_unwritable"
