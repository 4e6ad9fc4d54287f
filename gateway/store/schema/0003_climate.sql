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
