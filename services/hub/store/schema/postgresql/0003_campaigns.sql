CREATE TABLE twins (
    gateway text PRIMARY KEY,
    version bigint NOT NULL,
    patch jsonb NOT NULL,
    changed_ms bigint NOT NULL,
    reported jsonb,
    reported_ms bigint
);

CREATE TABLE campaigns (
    campaign bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane text NOT NULL,
    plan jsonb NOT NULL,
    state text NOT NULL,
    why text NOT NULL DEFAULT '',
    recall boolean NOT NULL DEFAULT false,
    made_ms bigint NOT NULL
);

CREATE TABLE campaign_homes (
    campaign bigint NOT NULL,
    gateway text NOT NULL,
    lane text NOT NULL,
    state text NOT NULL,
    key text,
    draw bigint NOT NULL,
    offered_ms bigint,
    begun_ms bigint,
    changed_ms bigint NOT NULL,
    twin_version bigint,
    before jsonb,
    PRIMARY KEY (campaign, gateway)
) WITH (fillfactor = 70);

CREATE INDEX campaign_homes_by_state ON campaign_homes (campaign, state);
CREATE INDEX campaign_homes_by_home ON campaign_homes (gateway, lane);
CREATE INDEX campaign_homes_by_change ON campaign_homes (changed_ms);

CREATE TABLE bundles (
    sha256 text PRIMARY KEY,
    model text NOT NULL,
    version text NOT NULL,
    serial bigint NOT NULL,
    bytes bigint NOT NULL,
    added_ms bigint NOT NULL,
    removed_ms bigint
);

CREATE TABLE channels (
    model text NOT NULL,
    channel text NOT NULL,
    sha256 text NOT NULL,
    promoted_ms bigint NOT NULL,
    PRIMARY KEY (model, channel)
);

CREATE TABLE hub_keys (
    name text PRIMARY KEY,
    value text NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON twins, campaigns, campaign_homes, bundles, channels TO hearthgate_worker;
GRANT SELECT, INSERT ON hub_keys TO hearthgate_worker;

-- How far its own updates are a home may see; a campaign's plan tells of other homes.
GRANT SELECT ON twins, campaign_homes TO hearthgate_home;

ALTER TABLE twins ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_homes ENABLE ROW LEVEL SECURITY;

CREATE POLICY worker ON twins TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON campaign_homes TO hearthgate_worker USING (true) WITH CHECK (true);

CREATE POLICY home ON twins FOR SELECT TO hearthgate_home USING (gateway = current_setting('app.gateway', true));
CREATE POLICY home ON campaign_homes FOR SELECT TO hearthgate_home
    USING (gateway = current_setting('app.gateway', true));
