"""Results that are slow to find, kept under a hash of everything they depend on: files, numbers and this code."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.simhouse.bench.job import Job


def kept(folder: Path | None, what: str, job: Job, find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `find` gives, or gave for the same inputs; a file that cannot be read is found anew."""
    if folder is None:
        return find()
    file = folder / f"{what}-{_digest(job)}.json"
    try:
        known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = find()
        folder.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(known), encoding="utf-8")
        fresh.replace(file)
    return known


def _digest(job: Job) -> str:
    digest = hashlib.sha256(json.dumps(job.inputs(), sort_keys=True).encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    for name in (job.house, job.weather):
        if Path(name).is_file():
            digest.update(Path(name).read_bytes())
    return digest.hexdigest()[:24]
