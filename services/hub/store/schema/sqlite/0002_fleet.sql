CREATE TABLE operators (
    name TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    rank TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL REFERENCES operators (name),
    expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    rank TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE TABLE invitations (
    gateway TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    labels TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER
) WITHOUT ROWID;

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    gateway TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    level TEXT NOT NULL,
    value REAL NOT NULL,
    raised_ms INTEGER NOT NULL,
    cleared_ms INTEGER,
    told INTEGER NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX alerts_open ON alerts (gateway, kind, subject) WHERE cleared_ms IS NULL;
CREATE INDEX alerts_of ON alerts (gateway, id);
CREATE INDEX alerts_untold ON alerts (id) WHERE told < 2;
