-- A database as schema 4 left it. Never edited: every later release must still open it.
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

CREATE TABLE rollouts (
    model TEXT PRIMARY KEY,
    body  TEXT NOT NULL               -- see gateway.models.rollout.record
) WITHOUT ROWID;

CREATE TABLE corrections (
    event TEXT PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
    wrong INTEGER NOT NULL,           -- what people said last of it: 1 wrong, 0 right after all
    wall  TEXT NOT NULL               -- ISO 8601, UTC
) WITHOUT ROWID;

CREATE TABLE climate_rows (
    room TEXT NOT NULL,
    time INTEGER NOT NULL,            -- POSIX seconds
    body TEXT NOT NULL,               -- JSON: column -> number; what was not known is left out
    PRIMARY KEY (room, time)
) WITHOUT ROWID;
CREATE INDEX climate_rows_by_time ON climate_rows (time);

CREATE TABLE climate_snapshots (
    room TEXT PRIMARY KEY,
    wall TEXT NOT NULL,               -- ISO 8601, UTC
    body TEXT NOT NULL                -- what control of the room remembers over a restart
) WITHOUT ROWID;

CREATE TABLE departures (
    id    INTEGER PRIMARY KEY,        -- in the order they left
    time  TEXT NOT NULL,              -- ISO 8601, UTC
    topic TEXT NOT NULL,
    body  BLOB NOT NULL               -- the very bytes
);

CREATE TABLE departed (
    topic TEXT PRIMARY KEY,
    count INTEGER NOT NULL,           -- all that ever left, also what is no longer in departures
    bytes INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "commands" VALUES('00000000000000000000000000000002','hall_light','00000000000000000000000000000001','2026-03-01T18:02:13.123456+00:00','{"id":"00000000000000000000000000000002","target":"hall_light","action":{"on":true},"issued":{"wall":"2026-03-01T18:02:13.123456Z","mono_ns":2000000007,"boot":"boot-of-a-test"},"ttl_s":5.0,"origin":"rule","cause":"00000000000000000000000000000001","trigger":{"wall":"2026-03-01T18:02:12.123456Z","mono_ns":1000000007,"boot":"boot-of-a-test"},"why":"hall light on: Ann at door since 18:02:11"}');
INSERT INTO "events" VALUES('00000000000000000000000000000001','face.recognised','door','Ann','2026-03-01T18:02:12.123456+00:00','{"id":"00000000000000000000000000000001","kind":"face.recognised","stamp":{"wall":"2026-03-01T18:02:12.123456Z","mono_ns":1000000007,"boot":"boot-of-a-test"},"began":{"wall":"2026-03-01T18:02:11.123456Z","mono_ns":7,"boot":"boot-of-a-test"},"source":"door","ended":{"wall":"2026-03-01T18:02:13.123456Z","mono_ns":2000000007,"boot":"boot-of-a-test"},"zone":"path","label":"Ann","detections":[{"label":"Ann","score":0.75,"box":{"x0":0.1,"y0":0.3333333333333333,"x1":0.5,"y1":1.0},"model":"m@1","frame":{"source":"door","seq":1,"stamp":{"wall":"2026-03-01T18:02:12.123456Z","mono_ns":1000000007,"boot":"boot-of-a-test"}},"track":"t-1"}],"evidence":"e1.jpg","cause":null}');
INSERT INTO "keyvalue" VALUES('web/theme','dark');
INSERT INTO "outcomes" VALUES('00000000000000000000000000000002','done','{"command":"00000000000000000000000000000002","result":"done","took_s":0.042,"detail":"acknowledged","published":{"wall":"2026-03-01T18:02:12.623456Z","mono_ns":1500000007,"boot":"boot-of-a-test"}}');
INSERT INTO "people" VALUES('p1','Ann','2026-01-01T00:00:00+00:00','Ann','0000000000000000000000000000000000000000000000000000000000000000',X'017365616C6564');
INSERT INTO "rollouts" VALUES('dlib_resnet_v1','{"phase":"shadow"}');
INSERT INTO "corrections" VALUES('00000000000000000000000000000001',1,'2026-03-01T18:05:00.000000+00:00');
INSERT INTO "climate_rows" VALUES('hall',1772388000,'{"temp_c": 20.125, "duty": 0.5}');
INSERT INTO "climate_snapshots" VALUES('hall','2026-03-01T18:00:00+00:00','{"hand": {"mode": "auto"}}');
INSERT INTO "departures" VALUES(1,'2026-03-01T19:00:00+00:00','gw/v1/home/s/events',X'7B7D');
INSERT INTO "departed" VALUES('gw/v1/home/s/events',7,700);
PRAGMA user_version = 4;
