SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alerts (
    id bigint NOT NULL,
    gateway text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    level text NOT NULL,
    value double precision NOT NULL,
    raised_ms bigint NOT NULL,
    cleared_ms bigint,
    told integer DEFAULT 0 NOT NULL
);
ALTER TABLE public.alerts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.api_tokens (
    id text NOT NULL,
    digest text NOT NULL,
    label text NOT NULL,
    rank text NOT NULL,
    made_by text NOT NULL,
    created_ms bigint NOT NULL
);
CREATE TABLE public.audit (
    id bigint NOT NULL,
    at_ms bigint NOT NULL,
    who text NOT NULL,
    what text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL
);
ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.bundles (
    sha256 text NOT NULL,
    line text NOT NULL,
    version text NOT NULL,
    serial bigint NOT NULL,
    bytes bigint NOT NULL,
    added_ms bigint NOT NULL,
    removed_ms bigint
);
CREATE TABLE public.campaign_homes (
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
    before jsonb
)
WITH (fillfactor='70');
CREATE TABLE public.campaigns (
    campaign bigint NOT NULL,
    lane text NOT NULL,
    plan jsonb NOT NULL,
    state text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    recall boolean DEFAULT false NOT NULL,
    made_ms bigint NOT NULL
);
ALTER TABLE public.campaigns ALTER COLUMN campaign ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.campaigns_campaign_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.channels (
    line text NOT NULL,
    channel text NOT NULL,
    sha256 text NOT NULL,
    promoted_ms bigint NOT NULL
);
CREATE TABLE public.daily (
    gateway text NOT NULL,
    kind text NOT NULL,
    day bigint NOT NULL,
    subject text NOT NULL,
    number text NOT NULL,
    rows bigint NOT NULL,
    total double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL
);
CREATE TABLE public.gateways (
    gateway text NOT NULL,
    key_sha256 text,
    token_sha256 text,
    labels jsonb NOT NULL,
    created_ms bigint NOT NULL,
    revoked_ms bigint,
    seen_ms bigint,
    online boolean DEFAULT false NOT NULL,
    version text,
    wire integer,
    instance text,
    epoch bigint,
    duplicate_ms bigint
)
WITH (fillfactor='70');
CREATE TABLE public.hub_keys (
    name text NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.invitations (
    gateway text NOT NULL,
    digest text NOT NULL,
    labels text NOT NULL,
    created_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    used_ms bigint
);
CREATE TABLE public.late (
    gateway text NOT NULL,
    day bigint NOT NULL
);
CREATE TABLE public.ledger (
    gateway text NOT NULL,
    stream text NOT NULL,
    epoch bigint NOT NULL,
    instance text NOT NULL,
    kept text DEFAULT ''::text NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.05');
CREATE TABLE public.operators (
    name text NOT NULL,
    password text NOT NULL,
    rank text NOT NULL,
    created_ms bigint NOT NULL
);
CREATE TABLE public.refusals (
    hour bigint NOT NULL,
    gateway text NOT NULL,
    key text NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE public.schema_version (
    one boolean DEFAULT true NOT NULL,
    version integer NOT NULL,
    CONSTRAINT schema_version_one_check CHECK (one)
);
CREATE TABLE public.sessions (
    id text NOT NULL,
    name text NOT NULL,
    expires_ms bigint NOT NULL
);
CREATE TABLE public.summaries (
    gateway text NOT NULL,
    stream text NOT NULL,
    hour bigint NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    made_ms bigint,
    taken_ms bigint NOT NULL,
    data jsonb NOT NULL
)
PARTITION BY RANGE (hour);
CREATE TABLE public.summaries_2026_02 (
    gateway text NOT NULL,
    stream text NOT NULL,
    hour bigint NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    made_ms bigint,
    taken_ms bigint NOT NULL,
    data jsonb NOT NULL
);
CREATE TABLE public.summaries_2026_03 (
    gateway text NOT NULL,
    stream text NOT NULL,
    hour bigint NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    made_ms bigint,
    taken_ms bigint NOT NULL,
    data jsonb NOT NULL
);
CREATE TABLE public.summaries_2026_04 (
    gateway text NOT NULL,
    stream text NOT NULL,
    hour bigint NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    made_ms bigint,
    taken_ms bigint NOT NULL,
    data jsonb NOT NULL
);
CREATE TABLE public.summaries_2026_05 (
    gateway text NOT NULL,
    stream text NOT NULL,
    hour bigint NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    made_ms bigint,
    taken_ms bigint NOT NULL,
    data jsonb NOT NULL
);
CREATE TABLE public.summaries_odd (
    gateway text NOT NULL,
    stream text NOT NULL,
    hour bigint NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    made_ms bigint,
    taken_ms bigint NOT NULL,
    data jsonb NOT NULL
);
CREATE TABLE public.twins (
    gateway text NOT NULL,
    version bigint NOT NULL,
    patch jsonb NOT NULL,
    changed_ms bigint NOT NULL,
    reported jsonb,
    reported_ms bigint
);
CREATE TABLE public.upkeep (
    name text NOT NULL,
    value bigint NOT NULL
);
ALTER TABLE ONLY public.summaries ATTACH PARTITION public.summaries_2026_02 FOR VALUES FROM ('1769904000') TO ('1772323200');
ALTER TABLE ONLY public.summaries ATTACH PARTITION public.summaries_2026_03 FOR VALUES FROM ('1772323200') TO ('1775001600');
ALTER TABLE ONLY public.summaries ATTACH PARTITION public.summaries_2026_04 FOR VALUES FROM ('1775001600') TO ('1777593600');
ALTER TABLE ONLY public.summaries ATTACH PARTITION public.summaries_2026_05 FOR VALUES FROM ('1777593600') TO ('1780272000');
ALTER TABLE ONLY public.summaries ATTACH PARTITION public.summaries_odd DEFAULT;
INSERT INTO public.daily VALUES ('home-a', 'energy', 1773100800, 'boiler', 'kwh', 1, 1.5, 1.5, 1.5);
INSERT INTO public.gateways VALUES ('home-a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '{"ring": "canary"}', 1773144000000, NULL, 1773144000000, true, '0.5.0', 1, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1812480000000007, NULL);
INSERT INTO public.ledger VALUES ('home-a', 'climate', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '');
INSERT INTO public.ledger VALUES ('home-a', 'devices', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '');
INSERT INTO public.ledger VALUES ('home-a', 'drops', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '');
INSERT INTO public.ledger VALUES ('home-a', 'events', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '');
INSERT INTO public.ledger VALUES ('home-a', 'health', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '');
INSERT INTO public.ledger VALUES ('home-a', 'models', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '');
INSERT INTO public.ledger VALUES ('home-a', 'presence', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '');
INSERT INTO public.ledger VALUES ('home-a', 'updates', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '');
INSERT INTO public.ledger VALUES ('home-a', 'energy', 1812480000000007, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '1-1');
INSERT INTO public.refusals VALUES (1773144000, 'home-a', 'summary_invalid', 2);
INSERT INTO public.schema_version VALUES (true, 5);
INSERT INTO public.summaries_2026_03 VALUES ('home-a', 'energy', 1773144000, 1812480000000007, 1, 'energy', 'boiler', 1773144000000, 1773144000000, '{"kwh": 1.5, "hour": 1773144000, "kind": "energy", "thing": "boiler", "metered": true}');
INSERT INTO public.upkeep VALUES ('closed_before', 1773187200);
SELECT pg_catalog.setval('public.alerts_id_seq', 1, false);
SELECT pg_catalog.setval('public.audit_id_seq', 1, false);
SELECT pg_catalog.setval('public.campaigns_campaign_seq', 1, false);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bundles
    ADD CONSTRAINT bundles_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY public.campaign_homes
    ADD CONSTRAINT campaign_homes_pkey PRIMARY KEY (campaign, gateway);
ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (campaign);
ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (line, channel);
ALTER TABLE ONLY public.daily
    ADD CONSTRAINT daily_pkey PRIMARY KEY (gateway, kind, day, subject, number);
ALTER TABLE ONLY public.gateways
    ADD CONSTRAINT gateways_key_sha256_key UNIQUE (key_sha256);
ALTER TABLE ONLY public.gateways
    ADD CONSTRAINT gateways_pkey PRIMARY KEY (gateway);
ALTER TABLE ONLY public.hub_keys
    ADD CONSTRAINT hub_keys_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (gateway);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (gateway, stream, epoch);
ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.refusals
    ADD CONSTRAINT refusals_pkey PRIMARY KEY (hour, gateway, key);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.summaries
    ADD CONSTRAINT summaries_pkey PRIMARY KEY (gateway, hour, stream, epoch, seq);
ALTER TABLE ONLY public.summaries_2026_02
    ADD CONSTRAINT summaries_2026_02_pkey PRIMARY KEY (gateway, hour, stream, epoch, seq);
ALTER TABLE ONLY public.summaries_2026_03
    ADD CONSTRAINT summaries_2026_03_pkey PRIMARY KEY (gateway, hour, stream, epoch, seq);
ALTER TABLE ONLY public.summaries_2026_04
    ADD CONSTRAINT summaries_2026_04_pkey PRIMARY KEY (gateway, hour, stream, epoch, seq);
ALTER TABLE ONLY public.summaries_2026_05
    ADD CONSTRAINT summaries_2026_05_pkey PRIMARY KEY (gateway, hour, stream, epoch, seq);
ALTER TABLE ONLY public.summaries_odd
    ADD CONSTRAINT summaries_odd_pkey PRIMARY KEY (gateway, hour, stream, epoch, seq);
ALTER TABLE ONLY public.twins
    ADD CONSTRAINT twins_pkey PRIMARY KEY (gateway);
ALTER TABLE ONLY public.upkeep
    ADD CONSTRAINT upkeep_pkey PRIMARY KEY (name);
CREATE INDEX alerts_of ON public.alerts USING btree (gateway, id);
CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (gateway, kind, subject) WHERE (cleared_ms IS NULL);
CREATE INDEX alerts_untold ON public.alerts USING btree (id) WHERE (told < 2);
CREATE INDEX campaign_homes_by_change ON public.campaign_homes USING btree (changed_ms);
CREATE INDEX campaign_homes_by_home ON public.campaign_homes USING btree (gateway, lane);
CREATE INDEX campaign_homes_by_state ON public.campaign_homes USING btree (campaign, state);
ALTER INDEX public.summaries_pkey ATTACH PARTITION public.summaries_2026_02_pkey;
ALTER INDEX public.summaries_pkey ATTACH PARTITION public.summaries_2026_03_pkey;
ALTER INDEX public.summaries_pkey ATTACH PARTITION public.summaries_2026_04_pkey;
ALTER INDEX public.summaries_pkey ATTACH PARTITION public.summaries_2026_05_pkey;
ALTER INDEX public.summaries_pkey ATTACH PARTITION public.summaries_odd_pkey;
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_name_fkey FOREIGN KEY (name) REFERENCES public.operators(name);
ALTER TABLE public.alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.campaign_homes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.daily ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.gateways ENABLE ROW LEVEL SECURITY;
CREATE POLICY home ON public.alerts FOR SELECT TO hearthgate_home USING ((gateway =
CASE
    WHEN pg_has_role(SESSION_USER, 'hearthgate_worker'::name, 'MEMBER'::text) THEN current_setting('app.gateway'::text, true)
    ELSE (SESSION_USER)::text
END));
CREATE POLICY home ON public.campaign_homes FOR SELECT TO hearthgate_home USING ((gateway =
CASE
    WHEN pg_has_role(SESSION_USER, 'hearthgate_worker'::name, 'MEMBER'::text) THEN current_setting('app.gateway'::text, true)
    ELSE (SESSION_USER)::text
END));
CREATE POLICY home ON public.daily FOR SELECT TO hearthgate_home USING ((gateway =
CASE
    WHEN pg_has_role(SESSION_USER, 'hearthgate_worker'::name, 'MEMBER'::text) THEN current_setting('app.gateway'::text, true)
    ELSE (SESSION_USER)::text
END));
CREATE POLICY home ON public.gateways FOR SELECT TO hearthgate_home USING ((gateway =
CASE
    WHEN pg_has_role(SESSION_USER, 'hearthgate_worker'::name, 'MEMBER'::text) THEN current_setting('app.gateway'::text, true)
    ELSE (SESSION_USER)::text
END));
CREATE POLICY home ON public.refusals FOR SELECT TO hearthgate_home USING ((gateway =
CASE
    WHEN pg_has_role(SESSION_USER, 'hearthgate_worker'::name, 'MEMBER'::text) THEN current_setting('app.gateway'::text, true)
    ELSE (SESSION_USER)::text
END));
CREATE POLICY home ON public.summaries FOR SELECT TO hearthgate_home USING ((gateway =
CASE
    WHEN pg_has_role(SESSION_USER, 'hearthgate_worker'::name, 'MEMBER'::text) THEN current_setting('app.gateway'::text, true)
    ELSE (SESSION_USER)::text
END));
CREATE POLICY home ON public.twins FOR SELECT TO hearthgate_home USING ((gateway =
CASE
    WHEN pg_has_role(SESSION_USER, 'hearthgate_worker'::name, 'MEMBER'::text) THEN current_setting('app.gateway'::text, true)
    ELSE (SESSION_USER)::text
END));
ALTER TABLE public.invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.summaries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.twins ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON public.alerts TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON public.campaign_homes TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON public.daily FOR SELECT TO hearthgate_worker USING (true);
CREATE POLICY worker ON public.gateways TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON public.invitations TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON public.ledger TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON public.refusals TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON public.summaries TO hearthgate_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON public.twins TO hearthgate_worker USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA public TO hearthgate_worker;
GRANT USAGE ON SCHEMA public TO hearthgate_home;
GRANT SELECT,INSERT,UPDATE ON TABLE public.alerts TO hearthgate_worker;
GRANT SELECT ON TABLE public.alerts TO hearthgate_home;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_tokens TO hearthgate_worker;
GRANT SELECT,INSERT ON TABLE public.audit TO hearthgate_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.bundles TO hearthgate_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.campaign_homes TO hearthgate_worker;
GRANT SELECT ON TABLE public.campaign_homes TO hearthgate_home;
GRANT SELECT,INSERT,UPDATE ON TABLE public.campaigns TO hearthgate_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.channels TO hearthgate_worker;
GRANT SELECT ON TABLE public.daily TO hearthgate_worker;
GRANT SELECT ON TABLE public.daily TO hearthgate_home;
GRANT SELECT,INSERT,UPDATE ON TABLE public.gateways TO hearthgate_worker;
GRANT SELECT(gateway) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(labels) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(created_ms) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(revoked_ms) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(seen_ms) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(online) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(version) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(wire) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(instance) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(epoch) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT(duplicate_ms) ON TABLE public.gateways TO hearthgate_home;
GRANT SELECT,INSERT ON TABLE public.hub_keys TO hearthgate_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitations TO hearthgate_worker;
GRANT INSERT ON TABLE public.late TO hearthgate_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.ledger TO hearthgate_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.operators TO hearthgate_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.refusals TO hearthgate_worker;
GRANT SELECT ON TABLE public.refusals TO hearthgate_home;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO hearthgate_worker;
GRANT SELECT,INSERT ON TABLE public.summaries TO hearthgate_worker;
GRANT SELECT ON TABLE public.summaries TO hearthgate_home;
GRANT SELECT,INSERT,UPDATE ON TABLE public.twins TO hearthgate_worker;
GRANT SELECT ON TABLE public.twins TO hearthgate_home;
