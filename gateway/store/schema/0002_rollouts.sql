CREATE TABLE rollouts (
    model TEXT PRIMARY KEY,
    body  TEXT NOT NULL               -- see gateway.models.rollout.record
) WITHOUT ROWID;

CREATE TABLE corrections (
    event TEXT PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
    wrong INTEGER NOT NULL,           -- what people said last of it: 1 wrong, 0 right after all
    wall  TEXT NOT NULL               -- ISO 8601, UTC
) WITHOUT ROWID;
