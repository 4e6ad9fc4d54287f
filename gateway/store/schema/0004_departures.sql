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
