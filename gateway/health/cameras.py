"""Can each camera be reached, and is its password at hand?"""

import asyncio
import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from gateway.config.cameras import Camera
from gateway.config.settings import Settings
from gateway.health.credentials import credential_worry
from gateway.health.finding import Finding, fail, ok, warn
from gateway.health.reach import Unreachable, ask

_PORTS = {"rtsp": 554, "rtsps": 322}
_HINTS = {
    "host_unknown": "use the camera's address, or check the router's name service",
    "refused": "switch RTSP on in the camera, check the port",
    "unreachable": "check power, cable and address",
    "silent": "restart the camera",
    "tls_failed": "give the camera a certificate this machine trusts, or use rtsp://",
}


async def check_cameras(settings: Settings) -> list[Finding]:
    if not settings.cameras:
        return [warn("cameras", "cameras_none", "none configured", "add one under 'cameras:'")]
    return list(await asyncio.gather(*(_camera(camera, settings) for camera in settings.cameras)))


async def _camera(camera: Camera, settings: Settings) -> Finding:
    worry = f"camera/{camera.name}"
    if camera.device is not None:
        return _device(worry, Path(camera.device))
    if camera.file is not None:
        return _file(worry, camera.file)
    if camera.credential is not None:
        missing = credential_worry(worry, camera.credential, settings.gateway.secrets_dir)
        if missing is not None:
            return missing
    assert camera.url is not None
    return await _rtsp(worry, camera.url)


async def _rtsp(worry: str, url: str) -> Finding:
    """OPTIONS needs no login (RFC 2326 section 10.1)."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    question = f"OPTIONS rtsp://{host}:{port}/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: hearthgate\r\n\r\n".encode()
    try:
        answer = await ask(host, port, question, tls=parts.scheme == "rtsps")
    except Unreachable as error:
        return fail(worry, f"camera_{error.key}", str(error), _HINTS[error.key])
    if not answer.startswith(b"RTSP/"):
        return fail(worry, "camera_not_rtsp", f"{host}:{port} does not speak RTSP", "check the port")
    return ok(worry, f"{host}:{port} speaks RTSP")


def _device(worry: str, device: Path) -> Finding:
    if not device.exists():
        return fail(worry, "camera_missing", f"{device} is not there", "plug the camera in; v4l2-ctl --list-devices")
    if not stat.S_ISCHR(device.stat().st_mode):
        return fail(worry, "camera_missing", f"{device} is not a camera")
    if not os.access(device, os.R_OK | os.W_OK):
        return fail(worry, "camera_permission", f"no permission to open {device}", "add the user to the group video")
    return ok(worry, f"{device} can be opened")


def _file(worry: str, file: Path) -> Finding:
    if not file.is_file():
        return fail(worry, "camera_missing", f"{file.name} is not there", str(file))
    if not os.access(file, os.R_OK):
        return fail(worry, "camera_permission", f"no permission to read {file.name}", str(file))
    return ok(worry, f"{file.name} can be read")
