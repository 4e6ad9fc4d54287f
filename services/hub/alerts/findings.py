"""What is to be judged of one home: numbers from its summaries, its record and what was refused of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.wire.summary import Dropped, GatewayHealth, HeaterFault, Summary
from services.hub.alerts.judge import Found
from services.hub.store.words import Home

KINDS = ("heater_fault", "gateway_health", "dropped")
BACK = timedelta(hours=3)
"""How far back summaries count. They come once an hour, for the hour that ended: the newest may be two hours old."""
DUPLICATE = timedelta(hours=24)


def findings(home: Home, summaries: Sequence[Summary], refused: Mapping[str, int], at: datetime) -> Iterator[Found]:
    """`refused` by key, within the last hour or two. Nothing of a home that was revoked: it is meant to be silent."""
    if home.revoked is not None:
        return
    silence = abs(at - (home.seen or home.created))  # whoever was seen next year was so by a clock that was wrong
    yield Found(kind="silent", subject="", value=silence / timedelta(minutes=1))
    if home.duplicate is not None and at - home.duplicate < DUPLICATE:
        yield Found(kind="duplicate", subject="", value=1.0)
    if refused:
        yield Found(kind="refusals", subject="", value=float(sum(refused.values())))
    yield from _disk(summaries)
    yield from _faults(summaries)
    yield from _drops(summaries)


def _disk(summaries: Sequence[Summary]) -> Iterator[Found]:
    health = [one for one in summaries if isinstance(one, GatewayHealth)]
    if health:
        yield Found(kind="disk_small", subject="", value=max(health, key=lambda one: one.hour).disk_free_mb)


def _faults(summaries: Sequence[Summary]) -> Iterator[Found]:
    """In minutes, of the last hours together."""
    minutes: defaultdict[str, float] = defaultdict(float)
    for one in summaries:
        if isinstance(one, HeaterFault):
            minutes[f"{one.room}/{one.fault.value}"] += one.seconds / 60
    for subject, value in sorted(minutes.items()):
        yield Found(kind="heater_fault", subject=subject, value=value)


def _drops(summaries: Sequence[Summary]) -> Iterator[Found]:
    counts: Counter[str] = Counter()
    for one in summaries:
        if isinstance(one, Dropped):
            counts[f"{one.stream.value}/{one.reason.value}"] += one.count
    for subject, value in sorted(counts.items()):
        yield Found(kind="drops", subject=subject, value=float(value))
