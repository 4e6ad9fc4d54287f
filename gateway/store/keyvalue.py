"""Small things to remember across restarts."""

from gateway.store.database import Database


class KeyValue:
    """Text by key; keys are paths such as "auth/password". Methods raise what `Database.run` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        row = await self._database.run(
            lambda c: c.execute("SELECT value FROM keyvalue WHERE key = ?", (key,)).fetchone()
        )
        return None if row is None else str(row[0])

    async def set(self, key: str, value: str) -> None:
        """Durable when this returns."""
        query = "INSERT INTO keyvalue VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        await self._database.run(lambda c: c.execute(query, (key, value)).rowcount)

    async def delete(self, key: str) -> bool:
        """Whether it was there."""
        gone = await self._database.run(lambda c: c.execute("DELETE FROM keyvalue WHERE key = ?", (key,)).rowcount)
        return gone > 0

    async def keys(self, prefix: str = "") -> list[str]:
        """Sorted keys that begin with `prefix`."""
        query = "SELECT key FROM keyvalue WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key"
        rows = await self._database.run(lambda c: c.execute(query, (prefix,)).fetchall())
        return [str(key) for (key,) in rows]
