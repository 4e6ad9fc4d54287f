"""What the video library says, as a named error without secrets."""

import errno
from collections.abc import Sequence

import av

from gateway.errors import GatewayError, Refused, SourceLost, without_secrets
from gateway.sources.locator import FileLocator, Locator, V4l2Locator

_ANSWERS: dict[type[BaseException], tuple[type[GatewayError], str]] = {
    av.HTTPUnauthorizedError: (Refused, "camera_unauthorised"),
    av.HTTPForbiddenError: (Refused, "camera_forbidden"),
    av.HTTPNotFoundError: (Refused, "camera_not_found"),
    av.ConnectionRefusedError: (SourceLost, "camera_refused"),
    av.PermissionError: (Refused, "camera_permission"),
}
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EIO}


def scrubbed(text: str, secrets: Sequence[str]) -> str:
    """`text` without user info in URLs and without the literal and the percent-encoded secrets."""
    text = without_secrets(text)
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def opening_failed(error: av.FFmpegError, locator: Locator, *, took_s: float, limit_s: float) -> GatewayError:
    """Why a camera could not be opened. A server that says nothing ends as "invalid data" after the time-out."""
    kind, key = _named(error) or _by_errno(error, locator) or (SourceLost, "camera_unreadable")
    if key == "camera_unreadable" and took_s >= 0.9 * limit_s:
        key = "camera_silent"
    elif key == "camera_unreadable" and isinstance(locator, FileLocator):
        kind = Refused
    return _told(kind, key, error, locator)


def reading_failed(error: av.FFmpegError, locator: Locator) -> GatewayError:
    """Why an open camera stopped. `ExitError` is the library's read time-out."""
    if isinstance(error, av.error.ExitError | av.error.TimeoutError):
        return _told(SourceLost, "camera_stalled", error, locator)
    if isinstance(error, av.InvalidDataError):
        return _told(SourceLost, "camera_corrupt", error, locator)
    return _told(SourceLost, "camera_lost", error, locator)


def _named(error: av.FFmpegError) -> tuple[type[GatewayError], str] | None:
    if isinstance(error, av.error.ExitError | av.error.TimeoutError):
        return SourceLost, "camera_silent"
    return next((answer for kind, answer in _ANSWERS.items() if isinstance(error, kind)), None)


def _by_errno(error: av.FFmpegError, locator: Locator) -> tuple[type[GatewayError], str] | None:
    match error.errno, locator:
        case ((errno.ENOENT | errno.ENODEV | errno.ENXIO), V4l2Locator()):
            return SourceLost, "camera_device_missing"
        case errno.ENOENT, FileLocator():
            return Refused, "camera_file_missing"
        case errno.EBUSY, _:
            return SourceLost, "camera_busy"
        case number, _ if number in _UNREACHABLE:
            return SourceLost, "camera_unreachable"
    return None


def _told(kind: type[GatewayError], key: str, error: av.FFmpegError, locator: Locator) -> GatewayError:
    said = scrubbed(error.strerror or type(error).__name__, locator.target().secrets)
    return kind(key, camera=str(locator), said=said)
