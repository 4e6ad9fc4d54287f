BEGIN TRANSACTION;
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
CREATE TABLE bundles (
    sha256 TEXT PRIMARY KEY,
    line TEXT NOT NULL,
    version TEXT NOT NULL,
    serial INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    added_ms INTEGER NOT NULL,
    removed_ms INTEGER
);
CREATE TABLE campaign_homes (
    campaign INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL,
    key TEXT,
    draw INTEGER NOT NULL,
    offered_ms INTEGER,
    begun_ms INTEGER,
    changed_ms INTEGER NOT NULL,
    twin_version INTEGER,
    before TEXT,
    PRIMARY KEY (campaign, gateway)
) WITHOUT ROWID;
CREATE TABLE campaigns (
    campaign INTEGER PRIMARY KEY AUTOINCREMENT,
    lane TEXT NOT NULL,
    plan TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '',
    recall INTEGER NOT NULL DEFAULT 0,
    made_ms INTEGER NOT NULL
);
CREATE TABLE channels (
    line TEXT NOT NULL,
    channel TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    promoted_ms INTEGER NOT NULL,
    PRIMARY KEY (line, channel)
);
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
INSERT INTO "daily" VALUES('home-a','energy',1773100800,'boiler','kwh',1,1.5,1.5,1.5);
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
INSERT INTO "gateways" VALUES('home-a','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',NULL,'{"ring": "canary"}',1773144000000,NULL,1773144000000,1,'0.5.0',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1812480000000007,NULL);
CREATE TABLE hub_keys (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE invitations (
    gateway TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    labels TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE late (
    gateway TEXT NOT NULL,
    day INTEGER NOT NULL
);
CREATE TABLE ledger (
    gateway TEXT NOT NULL,
    stream TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    instance TEXT NOT NULL,
    kept TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (gateway, stream, epoch)
) WITHOUT ROWID;
INSERT INTO "ledger" VALUES('home-a','climate',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','');
INSERT INTO "ledger" VALUES('home-a','devices',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','');
INSERT INTO "ledger" VALUES('home-a','drops',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','');
INSERT INTO "ledger" VALUES('home-a','energy',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','1-1');
INSERT INTO "ledger" VALUES('home-a','events',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','');
INSERT INTO "ledger" VALUES('home-a','health',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','');
INSERT INTO "ledger" VALUES('home-a','models',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','');
INSERT INTO "ledger" VALUES('home-a','presence',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','');
INSERT INTO "ledger" VALUES('home-a','updates',1812480000000007,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','');
CREATE TABLE operators (
    name TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    rank TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE refusals (
    hour INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    key TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, gateway, key)
) WITHOUT ROWID;
INSERT INTO "refusals" VALUES(1773144000,'home-a','summary_invalid',2);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL REFERENCES operators (name),
    expires_ms INTEGER NOT NULL
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
INSERT INTO "summaries" VALUES('home-a','energy',1773144000,1812480000000007,1,'energy','boiler',1773144000000,1773144000000,'{"hour":1773144000,"kind":"energy","thing":"boiler","kwh":1.5,"metered":true}');
CREATE TABLE twins (
    gateway TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    patch TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    reported TEXT,
    reported_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE upkeep (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);
INSERT INTO "upkeep" VALUES('closed_before',1773187200);
CREATE INDEX summaries_by_arrival ON summaries (taken_ms);
CREATE UNIQUE INDEX alerts_open ON alerts (gateway, kind, subject) WHERE cleared_ms IS NULL;
CREATE INDEX alerts_of ON alerts (gateway, id);
CREATE INDEX alerts_untold ON alerts (id) WHERE told < 2;
CREATE INDEX campaign_homes_by_state ON campaign_homes (campaign, state);
CREATE INDEX campaign_homes_by_home ON campaign_homes (gateway, lane);
CREATE INDEX campaign_homes_by_change ON campaign_homes (changed_ms);
DELETE FROM "sqlite_sequence";
COMMIT;
PRAGMA user_version = 5;
