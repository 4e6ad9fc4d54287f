"""Single JPEG pictures."""

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext

from gateway.sources.packets import Parcel, StreamInfo
from gateway.sources.picture import Picture, Plane
from gateway.types import Frame

_QUALITY = 75


def jpeg_of_frame(frame: Frame, max_width: int) -> bytes:
    """A decoded picture, no wider than `max_width` px."""
    width, height = frame.size
    return jpeg(frame.chroma.rgb(0, 0, width, height), max_width)


def jpeg_of_key(key: Parcel, info: StreamInfo, max_width: int) -> bytes | None:
    """A key packet decoded on its own; None where that fails."""
    picture = _decoded(key, info)
    if picture is None:
        return None
    return jpeg(Picture(picture).rgb(0, 0, picture.width, picture.height), max_width)


def _decoded(key: Parcel, info: StreamInfo) -> av.VideoFrame | None:
    context = av.CodecContext.create(info.codec, "r")
    assert isinstance(context, VideoCodecContext)
    if info.extradata:
        context.extradata = info.extradata
    context.width, context.height = info.width, info.height
    context.thread_count = 1
    try:
        pictures = [*context.decode(key.packet()), *context.decode(None)]
    except av.FFmpegError:
        return None
    return pictures[0] if pictures else None


def jpeg(rgb: Plane, max_width: int) -> bytes:
    """An RGB uint8 `(H, W, 3)` picture, no wider than `max_width` px."""
    height, width = rgb.shape[:2]
    if width > max_width:
        size = (max_width, max(1, round(height * max_width / width)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return encoded.tobytes()
