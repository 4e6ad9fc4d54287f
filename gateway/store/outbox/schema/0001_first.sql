-- One row: the life of this file.
CREATE TABLE life (
    epoch INTEGER NOT NULL,         -- see gateway.wire.envelope
    syncs INTEGER NOT NULL          -- written where what went before has to reach the disk
);

-- Counted along, so that nobody ever has to count.
CREATE TABLE streams (
    stream TEXT    PRIMARY KEY,
    seq    INTEGER NOT NULL,          -- the last that was given
    rows   INTEGER NOT NULL,
    bytes  INTEGER NOT NULL           -- of the bodies
) WITHOUT ROWID;

CREATE TABLE parcels (
    stream TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    time   INTEGER,                   -- POSIX s, where a clock was believed
    boot   INTEGER NOT NULL,          -- CRC-32 of the boot's id
    mono_s INTEGER NOT NULL,          -- since that boot
    crc    INTEGER NOT NULL,          -- CRC-32 of the body
    body   BLOB    NOT NULL,          -- the very bytes that leave
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE INDEX parcels_by_time ON parcels (stream, time) WHERE time IS NOT NULL;

-- Counted, and not yet told as a summary.
CREATE TABLE drops (
    stream TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    hour   INTEGER NOT NULL,          -- POSIX s; 0 while no clock was believed
    count  INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    PRIMARY KEY (stream, reason, hour)
) WITHOUT ROWID;

-- Names under which something was put, the newest few, so that it is not put again.
CREATE TABLE once (
    number INTEGER PRIMARY KEY,
    name   TEXT    NOT NULL UNIQUE
);
