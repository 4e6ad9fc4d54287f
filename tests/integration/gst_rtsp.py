"""An RTSP server that misbehaves on request. Run with Debian's /usr/bin/python3 (needs gir1.2-gst-rtsp-server-1.0).

    gst_rtsp.py CLIP.h264 [--port N] [--fps 15] [--auth basic|digest] [--sound] [--also /path]

CLIP is an H.264 byte stream with access unit delimiters; it is served in an endless loop at /cam, with 30 % of its
units corrupted at /corrupt, and with every fifth unit torn in half at /torn (with --sound these two are good
again; --also serves the good stream under one more path). User and password come from the
environment (RTSP_USER, RTSP_PASSWORD). Prints "port N" when it is ready.
"""

import argparse
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402  # the versions must be named first

Spoiler = Callable[[bytes, int], bytes]
DELIMITER = b"\x00\x00\x00\x01\x09"
LAUNCH = (
    "( appsrc name=src is-live=true format=time do-timestamp=false "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au "
    "! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
)


def untouched(unit: bytes, _n: int) -> bytes:
    return unit


def corrupted(unit: bytes, _n: int) -> bytes:
    if random.random() > 0.3:
        return unit
    damaged = bytearray(unit)
    for at in range(60, len(damaged), 97):
        damaged[at] ^= 0xA5
    return bytes(damaged)


def torn(unit: bytes, n: int) -> bytes:
    return unit[: max(40, len(unit) // 2)] if n % 5 == 4 else unit


class Feed:
    """Pushes one unit each 1/fps s into the current media's appsrc."""

    def __init__(self, units: list[bytes], fps: int, spoil: Spoiler) -> None:
        self.units, self.step_ns, self.spoil = units, Gst.SECOND // fps, spoil

    def configure(self, _factory: Any, media: Any) -> None:
        source = media.get_element().get_child_by_name("src")
        state = {"n": 0}
        timer = GLib.timeout_add(self.step_ns // 1_000_000, self.push, source, state)
        media.connect("unprepared", lambda _media: GLib.source_remove(timer))

    def push(self, source: Any, state: dict[str, int]) -> bool:
        n = state["n"]
        buffer = Gst.Buffer.new_wrapped(self.spoil(self.units[n % len(self.units)], n))
        buffer.pts = buffer.dts = n * self.step_ns
        buffer.duration = self.step_ns
        source.emit("push-buffer", buffer)
        state["n"] = n + 1
        return True


def protect(server: Any, scheme: str) -> None:
    role = GstRtspServer.RTSPToken()
    role.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    user, password = os.environ["RTSP_USER"], os.environ["RTSP_PASSWORD"]
    if scheme == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, role)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), role)
    server.set_auth(auth)


def mount(server: Any, path: str, feed: Feed, *, protected: bool) -> None:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH)
    factory.set_shared(True)
    if protected:
        allowed = Gst.Structure.new_from_string(
            "viewer,media.factory.access=(boolean)true,media.factory.construct=(boolean)true"
        )
        factory.add_role_from_structure(allowed)
    factory.connect("media-configure", feed.configure)
    server.get_mount_points().add_factory(path, factory)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", type=Path)
    parser.add_argument("--port", default="0")
    parser.add_argument("--fps", type=int, default=15)
    parser.add_argument("--auth", choices=["basic", "digest"])
    parser.add_argument("--sound", action="store_true")
    parser.add_argument("--also", metavar="PATH")
    args = parser.parse_args()
    random.seed(7)
    Gst.init(None)
    units = [DELIMITER + part for part in args.clip.read_bytes().split(DELIMITER)[1:]]
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(args.port)
    if args.auth:
        protect(server, args.auth)
    spoilers = {"/cam": untouched, "/corrupt": corrupted, "/torn": torn}
    if args.sound:
        spoilers = dict.fromkeys(spoilers, untouched)
    if args.also:
        spoilers[args.also] = untouched
    for path, spoil in spoilers.items():
        mount(server, path, Feed(units, args.fps, spoil), protected=bool(args.auth))
    server.attach(None)
    sys.stdout.write(f"port {server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
