CREATE TABLE operators (
    name text PRIMARY KEY,
    password text NOT NULL,
    rank text NOT NULL,
    created_ms bigint NOT NULL
);

CREATE TABLE sessions (
    id text PRIMARY KEY,
    name text NOT NULL REFERENCES operators (name),
    expires_ms bigint NOT NULL
);

CREATE TABLE api_tokens (
    id text PRIMARY KEY,
    digest text NOT NULL UNIQUE,
    label text NOT NULL,
    rank text NOT NULL,
    made_by text NOT NULL,
    created_ms bigint NOT NULL
);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms bigint NOT NULL,
    who text NOT NULL,
    what text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL
);

CREATE TABLE invitations (
    gateway text PRIMARY KEY,
    digest text NOT NULL UNIQUE,
    labels text NOT NULL,
    created_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    used_ms bigint
);

CREATE TABLE alerts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gateway text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    level text NOT NULL,
    value double precision NOT NULL,
    raised_ms bigint NOT NULL,
    cleared_ms bigint,
    told integer NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX alerts_open ON alerts (gateway, kind, subject) WHERE cleared_ms IS NULL;
CREATE INDEX alerts_of ON alerts (gateway, id);
CREATE INDEX alerts_untold ON alerts (id) WHERE told < 2;

-- What was done is written once: no worker can change or take back a line of `audit`.
GRANT SELECT, INSERT ON audit TO hearthgate_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON operators, sessions, api_tokens, invitations TO hearthgate_worker;
GRANT SELECT, INSERT, UPDATE ON alerts TO hearthgate_worker;

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE alerts ENABLE ROW LEVEL SECURITY;

CREATE POLICY worker ON invitations TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON alerts TO hearthgate_worker USING (true) WITH CHECK (true);

GRANT SELECT ON alerts TO hearthgate_home;
CREATE POLICY home ON alerts FOR SELECT TO hearthgate_home USING (gateway = current_setting('app.gateway', true));
