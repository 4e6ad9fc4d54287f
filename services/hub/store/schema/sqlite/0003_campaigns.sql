CREATE TABLE twins (
    gateway TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    patch TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    reported TEXT,
    reported_ms INTEGER
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

CREATE INDEX campaign_homes_by_state ON campaign_homes (campaign, state);
CREATE INDEX campaign_homes_by_home ON campaign_homes (gateway, lane);
CREATE INDEX campaign_homes_by_change ON campaign_homes (changed_ms);

CREATE TABLE bundles (
    sha256 TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    serial INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    added_ms INTEGER NOT NULL,
    removed_ms INTEGER
);

CREATE TABLE channels (
    model TEXT NOT NULL,
    channel TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    promoted_ms INTEGER NOT NULL,
    PRIMARY KEY (model, channel)
);

CREATE TABLE hub_keys (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
