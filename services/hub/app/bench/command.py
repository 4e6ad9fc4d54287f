"""`hearthgate-hub bench NAME`."""

import sys

from services.hub.app.bench import ingest
from services.hub.app.bench.rows import document


def bench(*, as_json: bool) -> int:
    rows = ingest.run(lambda text: print(text, file=sys.stderr, flush=True))
    if as_json:
        print(document(ingest.NAME, rows))
        return 0
    for row in rows:
        verdict = {True: "holds", False: "MISSED", None: ""}[row.holds]
        print(f"{row.name:48} {row.value:12.3f} {row.unit:20} {row.goal or '':12} {verdict}".rstrip())
    return 0
