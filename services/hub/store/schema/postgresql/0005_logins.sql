-- Anybody may set app.gateway in a session of their own: it is believed of the hub's login alone. Any other login is the
-- home of its own name, which it cannot change.
ALTER POLICY home ON gateways USING (gateway = CASE WHEN pg_has_role(session_user, 'hearthgate_worker', 'MEMBER')
    THEN current_setting('app.gateway', true) ELSE session_user::text END);
ALTER POLICY home ON summaries USING (gateway = CASE WHEN pg_has_role(session_user, 'hearthgate_worker', 'MEMBER')
    THEN current_setting('app.gateway', true) ELSE session_user::text END);
ALTER POLICY home ON daily USING (gateway = CASE WHEN pg_has_role(session_user, 'hearthgate_worker', 'MEMBER')
    THEN current_setting('app.gateway', true) ELSE session_user::text END);
ALTER POLICY home ON refusals USING (gateway = CASE WHEN pg_has_role(session_user, 'hearthgate_worker', 'MEMBER')
    THEN current_setting('app.gateway', true) ELSE session_user::text END);
ALTER POLICY home ON alerts USING (gateway = CASE WHEN pg_has_role(session_user, 'hearthgate_worker', 'MEMBER')
    THEN current_setting('app.gateway', true) ELSE session_user::text END);
ALTER POLICY home ON twins USING (gateway = CASE WHEN pg_has_role(session_user, 'hearthgate_worker', 'MEMBER')
    THEN current_setting('app.gateway', true) ELSE session_user::text END);
ALTER POLICY home ON campaign_homes USING (gateway = CASE WHEN pg_has_role(session_user, 'hearthgate_worker', 'MEMBER')
    THEN current_setting('app.gateway', true) ELSE session_user::text END);
