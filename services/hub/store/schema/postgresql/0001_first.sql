-- Roles belong to the whole cluster: another database, or a person, may have made them.
DO $$
DECLARE role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['hearthgate_worker', 'hearthgate_home'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', role);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
        BEGIN
            EXECUTE format('GRANT %I TO CURRENT_USER', role);
        EXCEPTION WHEN insufficient_privilege THEN NULL; -- then whoever made the role has to have done it
        END;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role);
    END LOOP;
END $$;

CREATE TABLE gateways (
    gateway text PRIMARY KEY,
    key_sha256 text UNIQUE,
    token_sha256 text,
    labels jsonb NOT NULL,
    created_ms bigint NOT NULL,
    revoked_ms bigint,
    seen_ms bigint,
    online boolean NOT NULL DEFAULT false,
    version text,
    wire integer,
    instance text,
    epoch bigint,
    duplicate_ms bigint
) WITH (fillfactor = 70);

-- Rewritten with every batch: room in the page keeps the new version beside the old one.
CREATE TABLE ledger (
    gateway text NOT NULL,
    stream text NOT NULL,
    epoch bigint NOT NULL,
    instance text NOT NULL,
    kept text NOT NULL DEFAULT '',
    PRIMARY KEY (gateway, stream, epoch)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE summaries (
    gateway text NOT NULL,
    stream text NOT NULL,
    hour bigint NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    made_ms bigint,
    taken_ms bigint NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (gateway, hour, stream, epoch, seq)
) PARTITION BY RANGE (hour);

CREATE TABLE summaries_odd PARTITION OF summaries DEFAULT;

CREATE TABLE daily (
    gateway text NOT NULL,
    kind text NOT NULL,
    day bigint NOT NULL,
    subject text NOT NULL,
    number text NOT NULL,
    rows bigint NOT NULL,
    total double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    PRIMARY KEY (gateway, kind, day, subject, number)
);

CREATE TABLE late (
    gateway text NOT NULL,
    day bigint NOT NULL
);

CREATE TABLE refusals (
    hour bigint NOT NULL,
    gateway text NOT NULL,
    key text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (hour, gateway, key)
);

CREATE TABLE upkeep (
    name text PRIMARY KEY,
    value bigint NOT NULL
);

-- A worker serves every gateway, but deletes nothing and makes nothing.
GRANT SELECT, INSERT, UPDATE ON gateways, ledger, refusals TO hearthgate_worker;
GRANT SELECT, INSERT ON summaries TO hearthgate_worker;
GRANT INSERT ON late TO hearthgate_worker;
GRANT SELECT ON daily TO hearthgate_worker;

-- A home reads what is its own. Partitions carry no grants: there is no way around the policies of their parent.
GRANT SELECT ON summaries, daily, refusals TO hearthgate_home;
GRANT SELECT (gateway, labels, created_ms, revoked_ms, seen_ms, online, version, wire, instance, epoch, duplicate_ms)
    ON gateways TO hearthgate_home;

ALTER TABLE gateways ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE summaries ENABLE ROW LEVEL SECURITY;
ALTER TABLE daily ENABLE ROW LEVEL SECURITY;
ALTER TABLE refusals ENABLE ROW LEVEL SECURITY;

CREATE POLICY worker ON gateways TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON ledger TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON summaries TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON daily FOR SELECT TO hearthgate_worker USING (true);
CREATE POLICY worker ON refusals TO hearthgate_worker USING (true) WITH CHECK (true);

CREATE POLICY home ON gateways FOR SELECT TO hearthgate_home USING (gateway = current_setting('app.gateway', true));
CREATE POLICY home ON summaries FOR SELECT TO hearthgate_home USING (gateway = current_setting('app.gateway', true));
CREATE POLICY home ON daily FOR SELECT TO hearthgate_home USING (gateway = current_setting('app.gateway', true));
CREATE POLICY home ON refusals FOR SELECT TO hearthgate_home USING (gateway = current_setting('app.gateway', true));
