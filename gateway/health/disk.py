"""Is there room, and may we write there?"""

import os
import stat
from pathlib import Path

from gateway.config.settings import Settings
from gateway.health.finding import Finding, fail, ok, warn

WORRY = "disk"


def check_disk(settings: Settings) -> list[Finding]:
    data_dir = settings.gateway.data_dir
    place = _nearest(data_dir)
    facts = os.statvfs(place)
    free_mb = facts.f_bavail * facts.f_frsize // (1 << 20)
    if facts.f_flag & os.ST_RDONLY:
        hint = "a worn SD card turns itself read-only: look into dmesg"
        return [fail(WORRY, "disk_read_only", f"{place} is mounted read-only", hint)]
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return [fail(WORRY, "disk_permission", f"no permission to write to {place}", "give it to the user hearthgate")]
    if free_mb < settings.retention.reserve_mb or (facts.f_files and not facts.f_favail):
        hint = "free some space, or lower 'retention: media_mb'"
        return [fail(WORRY, "disk_full", f"{free_mb} MB free in {place}", hint)]
    return _open_to_others(data_dir) or [_room(settings, free_mb, place)]


def _room(settings: Settings, free_mb: int, place: Path) -> Finding:
    media = settings.gateway.data_dir / "media"
    held_mb = sum(path.stat().st_size for path in media.glob("*") if path.is_file()) >> 20 if media.is_dir() else 0
    wanted_mb = settings.retention.media_mb - held_mb + settings.retention.reserve_mb
    if free_mb < wanted_mb:
        message = f"{free_mb} MB free in {place}, recordings may grow by {wanted_mb} MB"
        return warn(WORRY, "disk_small", message, "lower 'retention: media_mb'; the oldest recordings go earlier")
    return ok(WORRY, f"{free_mb} MB free in {place}")


def _open_to_others(data_dir: Path) -> list[Finding]:
    if not data_dir.is_dir():
        return []
    mode = stat.S_IMODE(data_dir.stat().st_mode)
    if not mode & 0o007:
        return []
    return [
        warn(WORRY, "disk_open", f"every user may look into {data_dir} (mode {mode:04o})", f"chmod 0700 {data_dir}")
    ]


def _nearest(path: Path) -> Path:
    return next(place for place in (path, *path.absolute().parents) if place.exists())
