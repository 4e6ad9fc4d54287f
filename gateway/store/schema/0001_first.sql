-- Rows keep the whole word as JSON in `body`; the other columns exist to find it.
CREATE TABLE events (
    id     TEXT PRIMARY KEY,          -- time-ordered, see gateway.types.ids
    kind   TEXT NOT NULL,
    source TEXT NOT NULL,
    label  TEXT,
    wall   TEXT NOT NULL,             -- ISO 8601, UTC
    body   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX events_by_kind ON events (kind, id);
CREATE INDEX events_by_source ON events (source, id);
CREATE INDEX events_by_label ON events (label) WHERE label IS NOT NULL;

CREATE TABLE commands (
    id     TEXT PRIMARY KEY,          -- the idempotency key
    target TEXT NOT NULL,
    cause  TEXT NOT NULL,
    wall   TEXT NOT NULL,
    body   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE outcomes (
    command TEXT PRIMARY KEY REFERENCES commands (id) ON DELETE CASCADE,
    result  TEXT NOT NULL,
    body    TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE people (
    person_id       TEXT PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    created         TEXT NOT NULL,    -- ISO 8601, UTC
    consent_by      TEXT NOT NULL,
    model_sha       TEXT NOT NULL,    -- templates of another model are not comparable
    sealed_template BLOB NOT NULL     -- see gateway.store.vault
) WITHOUT ROWID;

CREATE TABLE keyvalue (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
