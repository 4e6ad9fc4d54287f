CREATE TABLE gateways (
    gateway TEXT PRIMARY KEY,
    key_sha256 TEXT UNIQUE,
    token_sha256 TEXT,
    labels TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    revoked_ms INTEGER,
    seen_ms INTEGER,
    online INTEGER NOT NULL DEFAULT 0,
    version TEXT,
    wire INTEGER,
    instance TEXT,
    epoch INTEGER,
    duplicate_ms INTEGER
);

CREATE TABLE ledger (
    gateway TEXT NOT NULL,
    stream TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    instance TEXT NOT NULL,
    kept TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (gateway, stream, epoch)
) WITHOUT ROWID;

CREATE TABLE summaries (
    gateway TEXT NOT NULL,
    stream TEXT NOT NULL,
    hour INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    made_ms INTEGER,
    taken_ms INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (gateway, hour, stream, epoch, seq)
) WITHOUT ROWID;

CREATE INDEX summaries_by_arrival ON summaries (taken_ms);

CREATE TABLE daily (
    gateway TEXT NOT NULL,
    kind TEXT NOT NULL,
    day INTEGER NOT NULL,
    subject TEXT NOT NULL,
    number TEXT NOT NULL,
    rows INTEGER NOT NULL,
    total REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    PRIMARY KEY (gateway, kind, day, subject, number)
) WITHOUT ROWID;

CREATE TABLE late (
    gateway TEXT NOT NULL,
    day INTEGER NOT NULL
);

CREATE TABLE refusals (
    hour INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    key TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, gateway, key)
) WITHOUT ROWID;

CREATE TABLE upkeep (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);
