"""From a bundle's file to a candidate in the store."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gateway.models.bundle.archive import Section, open_bundle
from gateway.models.bundle.trust import Trust
from gateway.models.store.release import Release


class TakesIn(Protocol):
    """What `gateway.models.store.store.ModelStore` does with a bundle's contents."""

    def take_in(
        self, manifest: bytes, signatures: bytes, objects: Mapping[str, Section], *, now: datetime | None
    ) -> Release: ...


def install(file: Path, store: TakesIn, trust: Trust, *, now: datetime | None) -> Release:
    """`now` is None where the clock cannot be believed: then nothing has expired.

    Raises what `open_bundle`, `Trust.check`, `Bundle.check_against` and `ModelStore.take_in` do; the model in service
    is untouched then."""
    with open_bundle(file) as bundle:
        bundle.check_against(trust.check(bundle.manifest, bundle.signatures))
        return store.take_in(bundle.manifest, bundle.signatures, bundle.objects, now=now)
