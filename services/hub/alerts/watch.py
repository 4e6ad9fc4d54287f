"""The round over all homes: what is found is judged, and what changed is kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.hub.alerts.findings import BACK, KINDS, findings
from services.hub.alerts.judge import Kind, Limit, judge
from services.hub.store import alerts as kept
from services.hub.store.alerts import Alert
from services.hub.store.contract import Store
from services.hub.store.database import Database
from services.hub.store.locks import Lock
from services.hub.store.recent import recent
from services.hub.store.words import Home

_PAGE = 200

Refused = Mapping[str, Mapping[str, int]]


class Watch:
    """One of all processes goes round at a time. Each page of homes is one transaction: it may be cut off after any."""

    def __init__(self, store: Store, database: Database, limits: Mapping[Kind, Limit]) -> None:
        self._store = store
        self._database = database
        self._limits = limits

    async def round(self, at: datetime) -> int:
        """How many alerts were raised or cleared. Raises `Transient`."""
        async with self._database.alone(Lock.WATCH) as alone:
            if not alone:
                return 0
            async with self._database.transaction() as session:
                standing = _by_home(await kept.standing(session))
            refused = await self._refused(at)
            changed, after = 0, ""
            while homes := await self._store.homes(after=after, limit=_PAGE):
                changed += await self._judge(homes, standing, refused, at)
                after = homes[-1].gateway
            return changed

    async def _refused(self, at: datetime) -> Refused:
        counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for one in await self._store.refusals(since=at - timedelta(hours=2), until=at + timedelta(hours=1)):
            counts[one.gateway][one.key] = counts[one.gateway].get(one.key, 0) + one.count
        return counts

    async def _judge(
        self, homes: Sequence[Home], standing: Mapping[str, Sequence[Alert]], refused: Refused, at: datetime
    ) -> int:
        changed = 0
        async with self._database.transaction() as session:
            names = [home.gateway for home in homes]
            told = await recent(session, names, KINDS, since=at - BACK, until=at)
            for home in homes:
                found = list(findings(home, told.get(home.gateway, ()), refused.get(home.gateway, {}), at))
                change = judge(found, standing.get(home.gateway, ()), self._limits)
                for one, level in change.raised:
                    await kept.raise_alert(
                        session,
                        gateway=home.gateway,
                        kind=one.kind,
                        subject=one.subject,
                        level=level,
                        value=one.value,
                        at=at,
                    )
                for alert in change.cleared:
                    await kept.clear_alert(session, alert.id, at)
                changed += len(change.raised) + len(change.cleared)
        return changed


def _by_home(alerts: Sequence[Alert]) -> Mapping[str, Sequence[Alert]]:
    found: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        found[alert.gateway].append(alert)
    return found
